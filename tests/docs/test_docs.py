"""The docs cannot lag: both languages, links that lead somewhere, code that runs, everything named is described."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from homing.core import errors
from homing.core.settings import Settings

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted((DOCS / "en").rglob("*.md"))
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")


def name(page: Path) -> str:
    return page.relative_to(DOCS).as_posix()


def blocks(page: Path, kind: str) -> list[str]:
    return [body for found, body in FENCE.findall(page.read_text(encoding="utf-8")) if found == kind]


def test_every_page_exists_in_both_languages():
    def names(language: str) -> set[str]:
        return {p.relative_to(DOCS / language).as_posix() for p in (DOCS / language).rglob("*.md")}

    assert names("en") == names("zh")


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_both_languages_show_the_same_commands(page: Path):
    other = DOCS / "zh" / page.relative_to(DOCS / "en")

    def code(of: Path) -> list[tuple[str, str]]:
        kinds = ("console", "python", "yaml", "json", "toml")
        return [(k, re.sub(r"#.*", "", b)) for k, b in FENCE.findall(of.read_text(encoding="utf-8")) if k in kinds]

    assert code(page) == code(other)


@pytest.mark.parametrize("page", [*sorted(DOCS.rglob("*.md")), *ROOT.glob("*.md")], ids=lambda p: p.name)
def test_links_lead_somewhere(page: Path):
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    dead = [t for t in LINK.findall(text) if "://" not in t and not (page.parent / t).exists()]
    assert dead == []


@pytest.mark.parametrize("page", [p for p in PAGES if blocks(p, "console")], ids=name)
def test_commands_in_the_docs_run(page: Path, tmp_path: Path):
    env = os.environ | {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "NO_COLOR": "1"}
    for folder in (DOCS / "samples", ROOT / "playbooks"):
        (tmp_path / folder.name).symlink_to(folder)
    for block in blocks(page, "console"):
        for line in block.splitlines():
            if not line.startswith("$ "):
                continue
            done = subprocess.run(
                shlex.split(line[2:]), cwd=tmp_path, env=env, capture_output=True, text=True, timeout=120, check=False
            )
            assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"


@pytest.mark.parametrize("page", [p for p in PAGES if blocks(p, "python")], ids=name)
def test_python_in_the_docs_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {}
    for block in blocks(page, "python"):
        exec(compile(block, str(page), "exec"), names)


@pytest.mark.parametrize("page", [p for p in PAGES if blocks(p, "yaml")], ids=name)
def test_definitions_in_the_docs_are_valid(page: Path, tmp_path: Path):
    for n, block in enumerate(blocks(page, "yaml")):
        documents = [d for d in yaml.safe_load_all(block) if d]
        if not all(isinstance(d, dict) and "kind" in d for d in documents):
            continue
        file = tmp_path / f"{n}.yaml"
        file.write_text(block, encoding="utf-8")
        homing = str(Path(sys.executable).parent / "homing")
        command = [homing, "apply", str(file), "--dry-run", "--workspace", str(tmp_path / "w")]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr


def both(page: str) -> list[str]:
    return [(DOCS / language / page).read_text(encoding="utf-8") for language in ("en", "zh")]


def test_every_error_code_is_described():
    codes = {c.code for c in vars(errors).values() if isinstance(c, type) and issubclass(c, errors.HomingError)}
    for text in both("reference/errors.md"):
        assert {c for c in codes if f"`{c}`" not in text} == set()


def test_every_setting_is_described():
    for text in both("reference/settings.md"):
        assert {f for f in Settings.model_fields if f"`{f}`" not in text} == set()


def test_every_command_is_described():
    from homing.cli.main import app

    commands = {c.name or c.callback.__name__ for c in app.registered_commands if not c.hidden}
    commands |= {g.name for g in app.registered_groups}
    for text in both("reference/cli.md"):
        assert {c for c in commands if f"`homing {c}" not in text} == set()

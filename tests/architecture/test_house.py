"""The house keeps its shape: small files that say their question, no clock below the runtime, no drawers."""

from __future__ import annotations

import ast
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src" / "homing"
FILES = sorted(p for p in SOURCE.rglob("*.py") if "versions" not in p.parts)
BELOW_RUNTIME = (
    "core",
    "storage",
    "govern",
    "collect",
    "identity",
    "profile",
    "segments",
    "insights",
    "predict",
    "decide",
    "act",
    "learn",
)
LONG: set[str] = set()  # files over the limit, each with its reason here; the list may only shrink


def name(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


def test_a_file_answers_one_question():
    long = {name(p) for p in FILES if len(p.read_text(encoding="utf-8").splitlines()) > 400}
    assert long == LONG


@pytest.mark.parametrize("path", FILES, ids=name)
def test_every_module_says_its_question(path: Path):
    assert ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))


def test_there_are_no_drawers():
    drawers = {"utils.py", "helpers.py", "common.py", "misc.py", "base.py", "manager.py"}
    assert [name(p) for p in FILES if p.name in drawers] == []


@pytest.mark.parametrize("path", [p for p in FILES if p.relative_to(SOURCE).parts[0] in BELOW_RUNTIME], ids=name)
def test_now_is_an_argument_below_the_runtime(path: Path):
    clocks = {"now", "utcnow", "today", "time", "time_ns"}
    read = [
        ast.unparse(node)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in clocks
        and ast.unparse(node.func.value) in {"time", "datetime", "date", "datetime.datetime", "datetime.date"}
    ]
    assert read == []


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a git checkout")
def test_no_text_of_the_project_names_a_registry_or_this_machine():
    registry = re.compile(r"https?://[^/ \"]*(py(pi|thonh)|npm(j|m)|deb(ian)?\.)[^/ \"]*")
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    texts = [ROOT / f for f in tracked.split("\0") if f and (ROOT / f).is_file()]
    guilty = []
    for path in texts:
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if registry.search(text) or f"{ROOT}/" in text:
            guilty.append(path.relative_to(ROOT).as_posix())
    assert guilty == []

"""The wheel holds the console its sources describe, and npm runs only when they changed."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def hook():
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    console = tmp_path / "console"
    (console / "src").mkdir(parents=True)
    (console / "public").mkdir()
    for folder in ("console/scripts", "sdk/js/src"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "sdk" / "js" / "src" / "tag.js").write_text("tag")
    for name in (
        "scripts/sdk.mjs",
        "index.html",
        "package.json",
        "package-lock.json",
        "tsconfig.json",
        "vite.config.ts",
        "src/main.tsx",
    ):
        (console / name).write_text(name)
    (tmp_path / "src" / "homing" / "console" / "static").mkdir(parents=True)
    return tmp_path


def run(hook, root: Path, version: str = "standard") -> None:
    hook.ConsoleHook(str(root), {}, None, None, str(root), "wheel").initialize(version, {})


def test_the_hash_follows_the_sources_and_nothing_else(hook, tree):
    console = tree / "console"
    before = hook.source_hash(console)
    (console / "tsconfig.tsbuildinfo").write_text("noise")
    (console / "src" / "tree.test.ts").write_text("a test is not built")
    assert hook.source_hash(console) == before
    (console / "src" / "main.tsx").write_text("changed")
    changed = hook.source_hash(console)
    assert changed != before
    (tree / "sdk" / "js" / "src" / "tag.js").write_text("changed")
    assert hook.source_hash(console) not in {before, changed}


def test_changed_sources_without_npm_fail_and_say_so(hook, tree, monkeypatch):
    monkeypatch.delenv("HOMING_CONSOLE", raising=False)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(RuntimeError, match="npm is not installed"):
        run(hook, tree)


def test_an_editable_install_a_skip_and_a_current_build_need_no_npm(hook, tree, monkeypatch):
    monkeypatch.setenv("PATH", "")
    run(hook, tree, version="editable")
    monkeypatch.setenv("HOMING_CONSOLE", "skip")
    run(hook, tree)
    monkeypatch.delenv("HOMING_CONSOLE")
    static = tree / "src" / "homing" / "console" / "static"
    (static / "sdk").mkdir()
    (static / "sdk" / "homing.js").write_text("built")
    (static / "index.html").write_text("built")
    (static / ".source-hash").write_text(hook.source_hash(tree / "console"))
    run(hook, tree)


@pytest.mark.parametrize("folder", ["console", "tests/conformance/node"])
def test_the_lock_names_no_registry(folder):
    lock = (ROOT / folder / "package-lock.json").read_text(encoding="utf-8")
    assert '"resolved"' not in lock
    assert "://registry" not in lock

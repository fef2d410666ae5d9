"""Nothing is sent without a Permit, and one function makes them: the whole source is read to see that."""

from __future__ import annotations

import ast

from real_parts import ROOT

SOURCE = ROOT / "src" / "homing"
HOME = SOURCE / "govern" / "consent.py"


class Makers(ast.NodeVisitor):
    """Notes in which function `Permit(...)` is called."""

    def __init__(self, file: str) -> None:
        self.file, self.inside = file, ["module"]
        self.found: list[tuple[str, str]] = []

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        self.inside.append(node.name)
        self.generic_visit(node)
        self.inside.pop()

    visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815 - ast's name

    def visit_Call(self, node: ast.Call) -> None:
        if "Permit" in (getattr(node.func, "id", ""), getattr(node.func, "attr", "")):
            self.found.append((self.file, self.inside[-1]))
        self.generic_visit(node)


def test_only_govern_consent_makes_a_permit():
    found = []
    for path in sorted(SOURCE.rglob("*.py")):
        makers = Makers(path.relative_to(SOURCE).as_posix())
        makers.visit(ast.parse(path.read_text(encoding="utf-8")))
        found += makers.found
    assert found == [("govern/consent.py", "permit")]


def test_nobody_else_holds_the_seal_or_copies_a_permit():
    for path in SOURCE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if path != HOME:
            assert "consent._SEAL" not in text, path
            assert "import _SEAL" not in text, path
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "replace":
                names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
                assert "permit" not in names, path


def test_every_channel_asks_for_a_permit_and_spends_it():
    channels = [p for p in (SOURCE / "act" / "channels").glob("*.py") if "def send(" in p.read_text(encoding="utf-8")]
    assert channels, "no channel found, wanted at least one"
    for path in channels:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == "send":
                assert "permit" in [a.arg for a in node.args.args], path

"""Every action that the audit log writes has words in the console, in both languages."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from itertools import product
from typing import get_args

import pytest
from pydantic import BaseModel

from homing.api.shapes.identity import AnswerConflictsIn
from homing.api.shapes.linkage import LinkAnswerIn
from homing.core.words import WORDS
from homing.runtime import approvals
from homing.runtime.documents import ORDER, Standing
from real_parts import ROOT

WRITERS = {"wrote": 2, "record": 2, "_decide": 3}  # the function, and which of its arguments is the action


def answers(model: type[BaseModel]) -> tuple[str, ...]:
    """What may be answered."""
    return get_args(model.model_fields["answer"].annotation)


VARIABLE = {  # what an action is put together from: the text in the code, and every value it can have
    "f'{step.kind}.save'": [f"{kind}.save" for kind in ORDER],
    "f'{step.kind}.publish'": [f"{kind}.publish" for kind in ORDER],
    "f'{kind}.{status}'": [f"{kind}.{status}" for kind, status in product(ORDER, get_args(Standing))],
    "f'{KIND}.{step}'": [f"tag.{step}" for step in get_args(approvals.Step)],
    "f'tag.{wanted.way}'": ["tag.give", "tag.take"],
    "f'linkage.{body.answer}'": [f"linkage.{one}" for one in answers(LinkAnswerIn)],
    "f'identifier.{body.status}'": ["identifier.blocked", "identifier.shared"],
    "f'conflict.{body.answer}'": [f"conflict.{one}" for one in answers(AnswerConflictsIn)],
}


def actions_of(node: ast.expr) -> Iterator[str]:
    """Every action this argument can be."""
    if isinstance(node, ast.IfExp):
        yield from actions_of(node.body)
        yield from actions_of(node.orelse)
    elif isinstance(node, ast.Constant):
        yield str(node.value)
    elif isinstance(node, ast.JoinedStr):
        yield from VARIABLE[ast.unparse(node)]  # a new one is to be added above
    else:
        assert ast.unparse(node) == "action", f"{ast.unparse(node)} is not followed by this test"


def written() -> set[str]:
    """Every action that the code writes down."""
    found: set[str] = set()
    for path in sorted((ROOT / "src" / "homing").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        if "audit.record(" not in text and ".wrote(" not in text:
            continue
        for node in ast.walk(ast.parse(text)):
            if not isinstance(node, ast.Call):
                continue
            called = ast.unparse(node.func)
            name = called.rpartition(".")[2]
            if name in WRITERS and (name != "record" or called == "audit.record"):
                found.update(actions_of(node.args[WRITERS[name]]))
    return found


ACTIONS = written()


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_action_of_the_audit_log_has_words(language: str):
    texts = json.loads((ROOT / "console" / "src" / "i18n" / f"{language}.json").read_text(encoding="utf-8"))
    did, kinds = texts["audit"]["did"], texts["definitionKind"]

    def said(action: str) -> bool:
        kind, _, what = action.partition(".")
        return bool(did.get(kind, {}).get(what)) or (kind in kinds and what in did["document"])

    assert [action for action in sorted(ACTIONS) if not said(action)] == []
    things = {action.partition(".")[0] for action in ACTIONS}
    assert things - kinds.keys() - texts["audit"]["kind"].keys() == set()
    assert {"key.create", "rejected.drop", "rejected.reopen", "campaign.save", "source.paused", "tag.give"} <= ACTIONS
    assert set(kinds) >= set(ORDER)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_event_of_our_own_has_words(language: str):
    """What docs name as ours, the server's words and the console's are the same events."""
    text = (ROOT / "docs" / language / "reference" / "events.md").read_text(encoding="utf-8")
    ours = set(re.findall(r"`([A-Z][A-Za-z-]+(?: [A-Z][A-Za-z-]+)*)`", text.partition("`homing`")[2]))
    console = json.loads((ROOT / "console" / "src" / "i18n" / f"{language}.json").read_text(encoding="utf-8"))["event"]
    assert {"Agreement Expired", "Definition Published", "Records Linked"} <= ours
    assert ours - WORDS["event"].keys() == set()
    assert {name for name in WORDS["event"] if name[0].isupper()} == set(console)

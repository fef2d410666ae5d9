"""Whatever Homing says when something goes wrong, it can say in Chinese."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic_core._pydantic_core import list_all_errors

from homing.core import chinese
from homing.core.chinese import in_chinese
from real_parts import ROOT

SOURCE = ROOT / "src" / "homing"
ELSEWHERE = {"cli", "demo", "client"}  # what these say is read in a terminal or a notebook
CATALOGUE = json.loads((SOURCE / "core" / "chinese.json").read_text(encoding="utf-8"))
SENTENCES = CATALOGUE["said"] | CATALOGUE["composed"]
REASONS = {"No": 1, "RowProblem": 1, "Unreadable": 1, "BadBody": 2, "unlike": 2, "Wrong": 2}  # the sentence's place
GRAMMAR = {"s", "expected_plural"}  # what a library fills in that Chinese has no use for
PASSED_ON = {"value_error", "assertion_error"}  # whose words are those of the error within
UNSAID = {"measure {0} with{1} a property, wanted {2}"}  # of its holes one is the rest of a word
HOLE = re.compile(r"\{(\d)\}")
IDEOGRAPH = re.compile("[\u4e00-\u9fff]")


@cache
def modules() -> tuple[ast.Module, ...]:
    """Every module whose messages reach the API."""
    paths = sorted(SOURCE.rglob("*.py"))
    return tuple(
        ast.parse(p.read_text(encoding="utf-8")) for p in paths if p.relative_to(SOURCE).parts[0] not in ELSEWHERE
    )


def errors() -> set[str]:
    """`HomingError`, `ValueError` and every class below them."""
    below: dict[str, set[str]] = {}
    for module in modules():
        for node in ast.walk(module):
            if isinstance(node, ast.ClassDef):
                below[node.name] = {ast.unparse(b).rpartition(".")[2] for b in node.bases}
    known = {"HomingError", "ValueError"}
    while more := {name for name, bases in below.items() if bases & known} - known:
        known |= more
    return known


def sentence(node: ast.expr) -> str | None:
    """The text of a literal or of an f-string, its holes numbered; None when it is put together elsewhere."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else None
    if not isinstance(node, ast.JoinedStr):
        return None
    out, holes = "", 0
    for part in node.values:
        if isinstance(part, ast.Constant):
            out += str(part.value)
        else:
            out += f"{{{holes}}}"
            holes += 1
    return out


def said() -> Iterator[str]:
    """Every sentence that stands where an error or a reason is made."""
    arguments = dict.fromkeys(errors(), 0) | REASONS
    for module in modules():
        for node in ast.walk(module):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name | ast.Attribute):
                continue
            place = arguments.get(ast.unparse(node.func).rpartition(".")[2])
            if place is not None and len(node.args) > place:
                found = sentence(node.args[place])
                if found:
                    yield found


def test_every_sentence_of_the_source_is_there_in_chinese_and_none_that_is_gone():
    found = set(said())
    assert len(found) > 400
    assert sorted(one for one in found - SENTENCES.keys() if re.search("[a-z]", one)) == [], (
        "write these into src/homing/core/chinese.json"
    )
    assert sorted(CATALOGUE["said"].keys() - found) == [], "nothing says these any more"


def samples(english: str) -> dict[int, str]:
    """Something to fill into each hole."""
    return {int(n): f"“x{n}”" for n in HOLE.findall(english)}


@pytest.mark.parametrize("english", SENTENCES)
def test_a_sentence_keeps_what_was_filled_into_it(english: str):
    holes, chinese_holes = set(HOLE.findall(english)), set(HOLE.findall(SENTENCES[english]))
    grammatical = english in UNSAID or re.search(r"(item|character|byte|digit|place)\{\d\}", english)
    assert chinese_holes == holes or (grammatical and chinese_holes < holes)
    if not holes:
        assert in_chinese(english) == SENTENCES[english]
        assert IDEOGRAPH.search(SENTENCES[english])
        return
    filled = samples(english)
    message = HOLE.sub(lambda hole: filled[int(hole[1])], english)
    shown = in_chinese(message)
    if IDEOGRAPH.search(SENTENCES[english]):
        wanted = HOLE.sub(lambda hole: filled[int(hole[1])], SENTENCES[english])
        assert shown.replace(" ", "") == wanted.replace(" ", "")


@pytest.mark.parametrize("error", list_all_errors(), ids=lambda e: e["type"])
def test_what_the_reader_of_documents_says_is_there_too(error: dict):
    """Pydantic words most refusals of documents and of parameters: each of its errors, with an example of its own."""
    for template in {error["message_template_python"], error["example_message_python"]}:
        message = re.sub(r"^({field_type})? should", "List should", template)  # the example names no type
        message = re.sub(r"\{(\w+)\}", lambda name: "" if name[1] in GRAMMAR else "“x”", message)
        shown = in_chinese(message)
        assert IDEOGRAPH.search(shown) or (error["type"] in PASSED_ON and shown in {"“x”", "None"}), message


@pytest.mark.parametrize(
    ("english", "shown"),
    [
        ("there is no segment 'vip' in force", "没有已生效的人群 “vip”"),
        ("the role here is viewer, wanted editor", "当前角色是查看者，需要编辑者"),
        ("mode: Input should be 'observe', 'warn' or 'block'", "mode：应为 “observe”、“warn” 或 “block”"),
        (
            "tag 'x', name: Value error, a name that is empty in both languages, wanted one in English or Chinese",
            "标签“x”，name：名称的两种语言都为空，至少应有中文或英文",
        ),
        ("price is “1,5”, wanted a number (column Price)", "price 为 “1,5”，应为数字（列 Price）"),
        ("properties.price lies outside 0 to 9", "properties.price 超出范围 0 至 9"),
        ("my orders.csv is empty, wanted a header and rows", "my orders.csv 是空的，应有表头和数据行"),
        ('PostgreSQL refuses (42P01): relation "x" is gone', 'PostgreSQL 拒绝（42P01）：relation "x" is gone'),
    ],
)  # fmt: skip
def test_messages_within_messages_and_names_of_things_are_put_into_chinese_too(english: str, shown: str):
    assert in_chinese(english) == shown


def test_what_is_not_ours_stays_as_it_is():
    for text in ("", "connection refused: try later", "somebody: said", "没有人群", "x" * 10_000):
        assert in_chinese(text) == text


@given(st.lists(st.sampled_from([": ", ", wanted ", " is ", "a", " or ", "'x'", " at most ", "{0}"]), max_size=60))
def test_no_text_takes_long(pieces: list[str]):
    reading = chinese._Reading()
    reading.read("".join(pieces), 0)
    assert reading._tried <= chinese.MOST_TRIED + 1

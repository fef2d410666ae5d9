"""One word for each thing: the glossary's words are the ones people read, and their rivals appear nowhere."""

from __future__ import annotations

import json
import re

import pytest

from real_parts import ROOT

ROW = re.compile(r"^\| ([a-z ]+) \| ([^|]+) \|", re.MULTILINE)
TERMS = {en: zh.strip() for en, zh in ROW.findall((ROOT / "docs" / "glossary.md").read_text(encoding="utf-8"))}
RIVALS = {
    "segment": ["分群", "客群", "受众"],
    "journey": ["旅途", "自动化流程"],
    "holdout": ["保留组", "预留组"],
    "profile": ["档案"],
    "channel": ["通道"],
    "warehouse": ["数据仓库"],
    "ledger": ["账本"],
    "suppression": ["黑名单"],
    "lift": ["提升度"],
    "write key": ["写密钥", "写入秘钥"],
    "quiet hours": ["静默时段", "安静时段"],
}


def chinese_texts() -> dict[str, str]:
    pages = {
        p.relative_to(ROOT).as_posix(): p.read_text(encoding="utf-8") for p in (ROOT / "docs" / "zh").rglob("*.md")
    }
    console = (ROOT / "console" / "src" / "i18n" / "zh.json").read_text(encoding="utf-8")
    words = (ROOT / "src" / "homing" / "core" / "words.py").read_text(encoding="utf-8")
    return pages | {"console zh.json": console, "core/words.py": words}


def test_the_glossary_has_the_terms_the_product_stands_on():
    assert {"event", "customer", "segment", "journey", "campaign", "consent", "holdout", "lift"} <= TERMS.keys()


@pytest.mark.parametrize("term", sorted(RIVALS))
def test_no_second_word_for_the_same_thing(term: str):
    found = [(where, rival) for where, text in chinese_texts().items() for rival in RIVALS[term] if rival in text]
    assert found == []


@pytest.mark.parametrize("term", ["event", "customer", "segment", "journey", "campaign", "message", "channel", "funnel",
                                  "consent", "identifier", "trait", "holdout"])  # fmt: skip
def test_the_console_says_it_with_the_glossarys_word(term: str):
    console = json.dumps(json.loads(chinese_texts()["console zh.json"]), ensure_ascii=False)
    assert TERMS[term] in console

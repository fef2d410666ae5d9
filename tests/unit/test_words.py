"""Every code a person may read has a word in both languages, and the two are not the same."""

from __future__ import annotations

import pytest

from homing.core import errors
from homing.core.words import WORDS, words
from homing.govern.consent import ADDRESSES
from homing.profile import COMPUTED_TRAITS, SEGMENTS, STAGES

ALL = [(group, code) for group, entries in WORDS.items() for code in entries]


@pytest.mark.parametrize(("group", "code"), ALL)
def test_every_code_has_an_english_and_a_chinese_word(group: str, code: str):
    found = WORDS[group][code]
    assert found.en
    assert found.zh
    assert found.en.isascii()
    assert any("\u4e00" <= c <= "\u9fff" for c in found.zh)


def test_every_error_stage_segment_and_computed_trait_has_words():
    kinds = [e for e in vars(errors).values() if isinstance(e, type) and issubclass(e, errors.HomingError)]
    assert {e.code for e in kinds} <= set(WORDS["error"])
    assert set(STAGES) == set(WORDS["stage"])
    assert set(SEGMENTS) == set(WORDS["rfm"])
    assert len(SEGMENTS) == 11
    assert set(COMPUTED_TRAITS) | set(ADDRESSES.values()) <= set(WORDS["trait"])
    assert {"no_address", "suppressed", "no_consent", "consent_withdrawn"} <= set(WORDS["reason"])


def test_a_name_a_shop_made_up_is_its_own_word():
    assert words("event", "Loyalty Card Shown") == {"en": "Loyalty Card Shown", "zh": "Loyalty Card Shown"}

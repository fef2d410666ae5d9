"""The value of a tag is what the file says: every digit of it, no word that only sounds like a number, and an end."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from homing.core.errors import InvalidInput
from homing.core.time import iso
from homing.profile.tags.definition import Tag


def tag(**more: Any) -> Tag:
    """A tag that files give."""
    return Tag.model_validate(
        {"kind": "tag", "id": "level", "name": {"en": "Level", "zh": "\u7b49\u7ea7"}, "how": "import"} | more
    )


@given(st.integers(-(10**15), 10**15))
def test_a_number_given_to_a_tag_of_texts_keeps_every_digit(number: int):
    wanted = tag(value={"type": "text"})
    assert wanted.read(number) == wanted.read(float(number)) == str(number)


def test_a_broken_number_given_to_a_tag_of_texts_is_written_as_it_is():
    assert tag(value={"type": "text"}).read(0.1234567) == "0.1234567"


@pytest.mark.parametrize("word", ["nan", "inf", "-Infinity", "NaN", "1e999"])
def test_a_word_that_stands_for_no_number_is_none(word: str):
    with pytest.raises(InvalidInput, match="wanted a number"):
        tag(value={"type": "number"}).read(word)


def test_a_tag_may_end_on_the_last_day_there_is():
    until = tag(expires={"on": "9999-12-31"}).until_us(0, "America/New_York")
    assert until is not None
    assert iso(until) == "9999-12-31T23:59:59.999Z"
    with pytest.raises(ValidationError, match="wanted a day"):
        tag(expires={"on": "whenever"})

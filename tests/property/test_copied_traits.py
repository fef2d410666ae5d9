"""Trait values cut out of a customer's text are the same bytes as those that were read and written again."""

from __future__ import annotations

from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from json_values import values

from homing.runtime.copies import trait_values

TEXT = st.text(st.characters(blacklist_categories=["Cs"]), max_size=8) | st.sampled_from(['"', "\\", "null"])
VALUE = values(TEXT, 8)
BEHIND = st.tuples(st.integers(0, 2**52), TEXT, st.integers(0, 2**62))
SAID = st.builds(lambda value, behind, many: [value, *behind[:many]], VALUE, BEHIND, st.integers(0, 3))


@given(st.dictionaries(TEXT, SAID, max_size=6))
def test_cut_out_values_are_the_bytes_of_values_read_and_written(traits: dict[str, list[Any]]):
    text = msgspec.json.encode(traits).decode()
    read = {name: said[0] for name, said in msgspec.json.decode(text).items() if said[0] is not None}
    assert trait_values(text) == msgspec.json.encode(read)

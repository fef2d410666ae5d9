"""Rows that resemble each other: always the bytes that were put, in little room, whatever they come to look like."""

from __future__ import annotations

import random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from homing.storage.state import alike
from homing.storage.state.alike import Alike

who = st.sampled_from([f"c{n}" for n in range(9)])
steps = st.lists(
    st.tuples(st.sampled_from(["put", "put", "put", "drop", "renew", "clear"]), who, st.binary(max_size=90))
)


@given(steps)
def test_it_is_a_dict_that_remembers_who_was_put_last(taken):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(alike, "SAMPLE", 2)
        patch.setattr(alike, "ENOUGH", 3)
        kept, wanted = Alike(), dict[str, bytes]()
        for done, one, row in taken:
            if done == "put":
                wanted.pop(one, None)
                wanted[one] = row
                kept.put(one, row)
            elif done == "drop":
                wanted.pop(one, None)
                kept.drop(one)
            elif done == "clear":
                wanted.clear()
                kept.clear()
            else:
                if one in wanted:
                    wanted[one] = wanted.pop(one)
                kept.renew(one)
            assert len(kept) == len(wanted)
            assert list(kept.oldest()) == list(wanted)
            assert {name: kept.get(name) for name in (f"c{n}" for n in range(9))} == {
                name: wanted.get(name) for name in (f"c{n}" for n in range(9))
            }


def row_of(rng: random.Random, names: list[str]) -> bytes:
    found = rng.sample(names, len(names) // 2)
    return msgspec.msgpack.encode({name: [rng.randrange(1_000)] for name in found})


def test_what_rows_share_is_said_once_and_again_when_they_have_become_others():
    rng, kept = random.Random(3), Alike()
    for names in ([f"short-name-{n:03}" for n in range(12)], [f"of-another-kind-{n:03}" for n in range(60)]):
        rows = {f"c{n}": row_of(rng, names) for n in range(2 * alike.ENOUGH + 100)}
        for one, row in rows.items():
            kept.put(one, row)
        assert all(kept.get(one) == row for one, row in rows.items())
        *_, newest = (part for part in kept.holding() if isinstance(part, dict))
        assert len(newest) >= alike.ENOUGH
        assert sum(map(len, newest.values())) < 0.5 * sum(len(rows[one]) for one in newest)

"""Columns, texts and choices joined into one: each row reads as its pieces do, one behind the other."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from homing.collect.files.joined import Choice, Piece, joined

WORDS = st.sampled_from(["", ",", '"', "}]}", ".0", "茶", '","name":"'])


@st.composite
def _pieces(draw: st.DrawFn) -> tuple[list[Piece], list[list[str]]]:
    """Some pieces, and what each says in every row."""
    rows = draw(st.integers(1, 5))
    pieces: list[Piece] = []
    said: list[list[str]] = []
    for kind in [*draw(st.lists(st.sampled_from(["text", "column", "choice", "choice"]), max_size=9)), "column"]:
        if kind == "text":
            word = draw(WORDS)
            pieces.append(word)
            said.append([word] * rows)
        elif kind == "column":
            values = draw(st.lists(WORDS, min_size=rows, max_size=rows))
            pieces.append(pa.array(values, pa.string()))
            said.append(values)
        else:
            mask = draw(st.lists(st.booleans(), min_size=rows, max_size=rows))
            yes, no = draw(WORDS), draw(WORDS)
            pieces.append(Choice.of(np.array(mask), yes, no))
            said.append([yes if one else no for one in mask])
    return pieces, said


@given(_pieces())
def test_every_row_reads_as_its_pieces_one_behind_the_other(made: tuple[list[Piece], list[list[str]]]) -> None:
    pieces, said = made
    assert joined(*pieces).to_pylist() == ["".join(row) for row in zip(*said, strict=True)]

"""How do columns become one text? Piece by piece, row for row; what costs is the pieces, so neighbours become one.

A piece is a column, a text that stands in every row, or a choice among a few texts. Texts and choices that stand side
by side are one choice among all their combinations.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

MOST = 64  # combinations of one choice: numbers of one byte


class Choice(NamedTuple):
    """Of each row one of a few texts."""

    which: NDArray[np.int8]
    texts: list[str]

    @classmethod
    def of(cls, mask: NDArray[np.bool_], text: str, otherwise: str) -> Choice:
        """The text where the mask says so."""
        return cls(mask.view(np.int8), [otherwise, text])

    @property
    def column(self) -> pa.Array:
        """As a column."""
        return pa.array(self.texts, pa.string()).take(pa.array(self.which))


Piece: TypeAlias = "pa.Array | Choice | str"


def joined(*pieces: Piece) -> pa.Array:
    """The pieces of each row, one behind the other; one of them at least is no text."""
    columns = [piece.column if isinstance(piece, Choice) else piece for piece in _merged(pieces)]
    if len(columns) == 1:
        return columns[0]
    return pc.binary_join_element_wise(*columns, "")


def _merged(pieces: Iterable[Piece]) -> list[Piece]:
    out: list[Piece] = []
    for piece in pieces:
        both = _both(out[-1], piece) if out else None
        if both is None:
            out.append(piece)
        else:
            out[-1] = both
    return [piece for piece in out if not isinstance(piece, str) or piece]


def _both(one: Piece, other: Piece) -> Piece | None:
    """Two pieces as one; None where they are not, or where it would become large."""
    if isinstance(one, str) and isinstance(other, str):
        return one + other
    if isinstance(one, str) and isinstance(other, Choice):
        return Choice(other.which, [one + text for text in other.texts])
    if isinstance(one, Choice) and isinstance(other, str):
        return Choice(one.which, [text + other for text in one.texts])
    if isinstance(one, Choice) and isinstance(other, Choice) and len(one.texts) * len(other.texts) <= MOST:
        many = len(other.texts)
        texts = [first + second for first in one.texts for second in other.texts]
        return Choice(one.which * np.int8(many) + other.which, texts)
    return None

"""What do values say that are written plainly? Read a column at a time; which were not is said, not guessed.

Plain is a number in digits, a time to the second or a date in ISO 8601, a text with no blanks at its ends. What is read
here is read by the database and by hand in the same way.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from string import ascii_letters, digits
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from homing.collect.files.joined import Choice, Piece

Mask = NDArray[np.bool_]
Whole = NDArray[np.int64]
UNIT = 10_000  # of numbers: they are kept in ten-thousandths
_MOST = 1e8
_NEAR = 1e-3  # of a unit: how far a float may lie from the number that was written
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_SECONDS = "0000-00-00T00:00:00"
_DAY_S = 86_400
_MONTH_DAYS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], np.uint8)


class Cells(NamedTuple):
    """A column of text as it lies in memory."""

    at: NDArray[np.int32]  # where each value begins, and where the last ends
    data: NDArray[np.uint8]

    @classmethod
    def of(cls, column: pa.Array) -> Cells:
        """The bytes of an array of strings."""
        _, places, data = column.buffers()
        at = np.frombuffer(places, np.int32)[column.offset : column.offset + len(column) + 1]
        return cls(at, np.frombuffer(data or b"", np.uint8))

    @property
    def sizes(self) -> NDArray[np.int32]:
        """Bytes of each value."""
        return np.diff(self.at)

    @property
    def bytes(self) -> NDArray[np.uint8]:
        """Of all values."""
        return self.data[self.at[0] : self.at[-1]]


class Texts:
    """Reads columns of text.

    Args:
        empty: words that stand for nothing, in lower case.
    """

    def __init__(self, empty: frozenset[str]) -> None:
        self._empty = empty
        begun = {c for word in empty for c in (word[:1].lower(), word[:1].upper())}
        self._last = np.array([chr(n) in ascii_letters + digits for n in range(256)])
        self._first = self._last & np.array([chr(n) not in begun for n in range(256)])

    def read(self, column: pa.Array) -> tuple[pa.Array, Mask | None]:
        """The values, empty where they say nothing; and which cannot be taken as they are, None for none."""
        cells = Cells.of(column)
        filled = cells.sizes > 0
        if not filled.any():
            return column, None
        data = cells.data
        first, last = data[np.minimum(cells.at[:-1], len(data) - 1)], data[cells.at[1:] - 1]
        doubtful = filled & ~(self._first[first] & self._last[last])
        if not doubtful.any():
            return column, None
        said = column.filter(pa.array(doubtful))
        different = pc.unique(said).to_pylist()
        nothing = [text for text in different if text.strip().lower() in self._empty]
        unclean = [text for text in different if text.strip() != text]
        if nothing:
            column = pc.if_else(pc.is_in(column, pa.array(nothing, pa.string())), "", column)
        if not unclean:
            return column, None
        odd = np.zeros(len(column), np.bool_)
        odd[doubtful] = _mask(pc.is_in(said, pa.array(unclean, pa.string())))
        return column, odd


def numbers(column: pa.Array) -> tuple[Whole, Mask | None]:
    """Numbers in ten-thousandths, and which are not plain."""
    try:
        if not _in_numbers(Cells.of(column).bytes):
            raise pa.ArrowInvalid
        read = pc.cast(column, pa.float64()).to_numpy()
    except pa.ArrowInvalid:
        said = [float(t) if _NUMBER.fullmatch(t) else np.nan for t in column.to_pylist()]
        read = np.array(said, np.float64)
    fine = np.abs(read) < _MOST  # false of what is no number
    scaled = np.where(fine, read, 0.0) * UNIT
    found = np.rint(scaled)
    fine &= np.abs(scaled - found) < _NEAR
    return found.astype(np.int64), None if fine.all() else ~fine


def _in_numbers(signs: NDArray[np.uint8]) -> bool:
    """Are they all digits, points and minus signs? In ASCII a slash stands among these, and nothing else."""
    return not ((signs - np.uint8(ord("-")) > ord("9") - ord("-")) | (signs == ord("/"))).any()


def times(column: pa.Array) -> tuple[Whole, Mask | None]:
    """Microseconds of wall time since 1970, and which are not plain or lie before."""
    cells = Cells.of(column)
    sizes = cells.sizes
    out, fine = np.full(len(column), -1, np.int64), np.zeros(len(column), np.bool_)
    for size in (len(_SECONDS), len("0000-00-00")):
        which = sizes == size
        if which.all():
            out, fine = _times(cells.bytes.reshape(-1, size))
        elif which.any():
            out[which], fine[which] = _times(cells.data[cells.at[:-1][which][:, None] + np.arange(size)])
    fine &= out >= 0
    return out, None if fine.all() else ~fine


def _times(signs: NDArray[np.uint8]) -> tuple[Whole, Mask]:
    fine = np.ones(len(signs), np.bool_)
    rows = np.ascontiguousarray(signs.T)  # the same place of all values side by side
    value = rows - np.uint8(ord("0"))
    for at, sign in enumerate(_SECONDS[: len(rows)]):
        if sign == "0":
            fine &= value[at] < 10
        elif sign == "T":
            fine &= (rows[at] == ord("T")) | (rows[at] == ord(" "))
        else:
            fine &= rows[at] == ord(sign)

    def two(at: int) -> NDArray[np.uint8]:
        found: NDArray[np.uint8] = value[at] * np.uint8(10) + value[at + 1]
        return found

    month, day = two(5), two(8)
    fine &= (month >= 1) & (month <= 12) & (day >= 1)
    month = np.where(fine, month, np.uint8(1))
    year: Whole = np.where(fine, two(0).astype(np.int64) * 100 + two(2), 1970)
    late = np.flatnonzero(fine & (day > _MONTH_DAYS[month]))
    if len(late):
        of = year[late]
        leap = (of % 4 == 0) & ((of % 100 != 0) | (of % 400 == 0))
        fine[late] = leap & (month[late] == 2) & (day[late] == 29)
    months: Whole = (year - 1970) * 12 + month - 1
    seconds = (_first_days(months) + day - 1) * _DAY_S
    if len(rows) == len(_SECONDS):
        hour, minute, second = two(11), two(14), two(17)
        fine &= (hour < 24) & (minute < 60) & (second < 60)
        seconds += hour.astype(np.int64) * 3_600 + minute.astype(np.int64) * 60 + second
    return seconds * 1_000_000, fine


def _first_days(months: Whole) -> Whole:
    """The first day of each month; both are counted since 1970, and there are few different ones."""
    first = int(months.min(initial=0))
    every = np.arange(first, int(months.max(initial=0)) + 1)
    found: Whole = every.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)[months - first]
    return found


def written(number: Whole, said: pa.Array, whole: bool) -> list[Piece]:
    """Numbers in ten-thousandths as JSON has them, in pieces: as whole ones, or as the database writes a double.

    Args:
        number: what they are.
        said: how they were written.
        whole: whether to write them without a point.
    """
    if whole:
        return [pc.cast(pa.array(number // UNIT), pa.string())]
    rest = number % UNIT
    if not _as_json(number, rest, Cells.of(said)):
        return double(number)
    return [said, Choice.of(rest == 0, ".0", "")]


def double(number: Whole) -> list[Piece]:
    """Numbers in ten-thousandths as the database writes a double in JSON."""
    return [pc.cast(pa.array(number / UNIT), pa.string()), Choice.of(number % UNIT == 0, ".0", "")]


def _as_json(number: Whole, rest: Whole, said: Cells) -> bool:
    """Whether numbers are written as in JSON, those without a fraction without a point: nothing is to be left out."""
    first, last = said.data[said.at[:-1]], said.data[said.at[1:] - 1]
    before = number // UNIT
    sizes = np.ones(len(number), np.int32)
    power, most = 10, int(before.max(initial=0))
    while power <= most:
        sizes += before >= power
        power *= 10
    points = said.data[said.at[:-1] + np.minimum(sizes, said.sizes - 1)] == ord(".")
    fraction = points & (last != ord("0")) & (last != ord("."))
    return bool(((first != ord("-")) & np.where(rest > 0, fraction, said.sizes == sizes)).all())


def quoted(column: pa.Array) -> pa.Array:
    """What stands between the quotation marks of JSON; the values hold no signs of control."""
    data = Cells.of(column).bytes.tobytes()
    for sign in ("\\", '"'):
        if sign.encode() in data:
            column = pc.replace_substring(column, sign, "\\" + sign)
    return column


def each(column: pa.Array, meant: Callable[[str], str]) -> pa.Array:
    """What a function makes of every value; each distinct one is asked about once."""
    known = column.dictionary_encode()
    return pa.array([meant(text) for text in known.dictionary.to_pylist()], pa.string()).take(known.indices)


def _mask(column: Any) -> Mask:
    found: Mask = column.to_numpy(zero_copy_only=False)
    return found

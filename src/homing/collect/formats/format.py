"""What must any format do? Turn a file into rows of a kind, and say of every line it could not read why.

Nothing is lost in silence: each line is a row, is broken with a reason, or is left out on purpose and counted (a total,
an image of a page). A format whose lines stand for themselves can follow a file that grows: what it must remember from
line to line is its *memory*, and any cut of a file into pieces gives the same rows as the whole.
"""

from __future__ import annotations

import zlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any, ClassVar, NamedTuple

from pydantic import BaseModel, ConfigDict

from homing.collect.connectors.connector import Row
from homing.core.errors import InvalidInput
from homing.core.registry import Registry
from homing.storage.files import BrokenRow
from homing.storage.files.text import open_bytes

PART = 2_000  # lines handed over at a time
MAX_LINE = 256 * 1024  # bytes of a line; a longer one is broken
KEPT_TEXT = 2_000  # characters kept of a broken line
Memory = dict[str, Any]


class About(NamedTuple):
    """What a format must know of the place its rows go to."""

    source: str = "file"
    zone: str = "UTC"
    region: str = "US"
    currency: str = "USD"
    secret: bytes = b""  # the workspace's own; keys what must not be reversed
    name: str = ""  # what the file is called, where that says something


class Part(NamedTuple):
    """Some lines of a file: the rows they became, those that could not be read, and how many were left out."""

    rows: list[tuple[int, Row]]
    broken: list[BrokenRow]
    left_out: int = 0


class Unreadable(Exception):
    """A line that is no row: code and message, without personal data."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


class Format(BaseModel, ABC):
    """One way of writing a file; its fields are its settings."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    gives: ClassVar[str] = "events"  # the kind its rows are
    title: ClassVar[tuple[str, str]]  # its name for people, English and Chinese

    @abstractmethod
    def read(self, path: Path, about: About) -> Iterator[Part]:
        """Every line of the file once, in parts.

        Raises:
            InvalidInput: it is not a file of this format.
        """


class LineReader(ABC):
    """Reads lines in the order they were written."""

    @abstractmethod
    def take(self, line: str) -> Row | None:
        """The row of a line; None when it is left out.

        Raises:
            Unreadable: it is no line of this format.
        """

    def shown(self, line: str) -> str:
        """A line that could not be read, as it may be kept and shown."""
        return line

    def memory(self) -> Memory:
        """What the lines behind these must know of them; plain JSON."""
        return {}


class LineFormat(Format):
    """A format whose lines stand for themselves, so that a growing file can be followed."""

    def onward(self, memory: Memory) -> Memory:  # noqa: ARG002
        """What of a file's memory the file that takes its place needs."""
        return {}

    @abstractmethod
    def reader(self, about: About, memory: Memory | None = None) -> LineReader:
        """A reader at the beginning, or behind the lines that left `memory`."""

    def read(self, path: Path, about: About) -> Iterator[Part]:
        """Every line of the file once, in parts."""
        reader = self.reader(about)
        try:
            with open_bytes(path) as file:
                yield from in_parts(reader, lines_of(file))
        except (EOFError, OSError, zlib.error) as error:
            raise InvalidInput(f"{path.name} cannot be read: {error}", field="file") from error


def lines_of(file: IO[bytes], number: int = 0) -> Iterator[tuple[int, bytes]]:
    """The lines of a file with their numbers, from behind line `number`; of one too long only its beginning."""
    while line := file.readline(MAX_LINE + 1):
        number += 1
        rest = line
        while len(rest) > MAX_LINE and not rest.endswith(b"\n"):
            rest = file.readline(MAX_LINE + 1)
        yield number, line


def in_parts(reader: LineReader, lines: Iterable[tuple[int, bytes]]) -> Iterator[Part]:
    """Numbered lines as parts."""
    part, seen = Part([], []), 0
    left_out = 0
    for number, line in lines:
        seen += 1
        left_out += take_line(reader, number, line, part)
        if seen >= PART:
            yield part._replace(left_out=left_out)
            part, seen, left_out = Part([], []), 0, 0
    if seen:
        yield part._replace(left_out=left_out)


def take_line(reader: LineReader, number: int, line: bytes, part: Part) -> int:
    """Add a line to a part; 1 when it is left out, else 0."""
    if not line.strip():
        return 0
    try:
        if len(line) > MAX_LINE:
            raise Unreadable("line_too_long", f"the line has over {MAX_LINE} bytes")
        row = reader.take(line.decode("utf-8", "backslashreplace").rstrip("\r\n"))
    except Unreadable as no:
        text = reader.shown(line[:KEPT_TEXT].decode("utf-8", "backslashreplace").rstrip("\r\n"))
        part.broken.append(BrokenRow(number, no.code, no.message, text))
        return 0
    if row is None:
        return 1
    part.rows.append((number, row))
    return 0


formats: Registry[Format] = Registry(Format, "homing.collect.formats")

"""What does a file say that has a JSON object on each line? Just that: each object is a row, as it stands."""

from __future__ import annotations

from typing import ClassVar

import msgspec

from homing.collect.connectors.connector import Row
from homing.collect.formats.format import About, LineFormat, LineReader, Memory, Unreadable, formats


@formats.register("json_lines")
class JsonLines(LineFormat, frozen=True):
    """A JSON object on each line; a file that grows is followed.

    每行一个 JSON 对象；可持续跟随增长中的文件。
    """

    title: ClassVar[tuple[str, str]] = ("JSON lines", "JSON 行")

    def reader(self, about: About, memory: Memory | None = None) -> LineReader:  # noqa: ARG002
        """A reader; every line stands for itself."""
        return _Reader()


class _Reader(LineReader):
    def take(self, line: str) -> Row | None:
        """The object of a line."""
        try:
            found = msgspec.json.decode(line)
        except (ValueError, RecursionError):
            raise Unreadable("bad_json", "the line is not JSON") from None
        if not isinstance(found, dict):
            raise Unreadable("bad_json", "the line is not a JSON object")
        return found

"""What new files are in a folder, and what was added to those that grow? Logs are followed through their rotation.

A format whose lines stand for themselves is read behind the last whole line; other files are read whole, once, and
again when they change. A line that is still being written waits for the next look; a file that cannot be read does not
keep the others waiting. The files of the workspace itself are none of them, wherever they lie.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from pydantic import PrivateAttr, field_validator, model_validator

from homing.collect.connectors.connector import Broken, Home, Portion, Puller, Row, connectors
from homing.collect.connectors.spots import Spot, as_cursor, grown, read_spots, seen, spot_of, unchanged
from homing.collect.formats.format import PART, About, Format, LineFormat, Part, lines_of, take_line
from homing.collect.formats.lay import format_of
from homing.core.errors import HomingError, InvalidInput
from homing.core.form import ask
from homing.core.time import MINUTE, SECOND
from homing.storage.files import BrokenRow, read_file
from homing.storage.files.text import open_bytes

MAX_FILES = 2_000
MAX_ROWS = 100_000  # of a table, for its rows are taken together
MAX_FILE = 512 * 1024 * 1024  # bytes of a table
SETTLED = 2 * SECOND  # a file that is not followed must be left alone so long before it is read
FORGET = 60 * MINUTE  # what was left alone so long needs no memory
OVER = 10 * MINUTE  # a last line without an end that is older than this has none
_TABLES = {".csv", ".tsv", ".txt", ".jsonl", ".ndjson", ".parquet", ".xlsx", ".xls", ".ods"}


@connectors.register("folder")
class Folder(Puller, frozen=True):
    """Files of a folder on this machine: new ones, and what is added to those that grow; logs through their rotation.

    本机文件夹中的文件：新文件，以及增长中文件的新增部分；日志轮转后继续跟随。
    """

    folder: Path = ask("The folder; nothing outside it is read", "文件夹；不会读取其外的任何文件")
    pattern: str = ask(
        "Which files in it, such as access.log* or 2026/*.csv", "其中的哪些文件，如 access.log* 或 2026/*.csv", "*",
        min_length=1, max_length=200,
    )  # fmt: skip
    format: str = ask(
        "Their format, one of `homing formats`; empty for tables and JSON lines",
        "文件格式（见 homing formats）；表格与 JSON 行留空", "", max_length=64,
    )  # fmt: skip
    settings: dict[str, Any] = ask("Settings of the format", "格式的设置", {})

    _home: Home = PrivateAttr(default=Home())

    @field_validator("pattern")
    @classmethod
    def _stays_inside(cls, text: str) -> str:
        if PurePosixPath(text).is_absolute() or ".." in PurePosixPath(text).parts or "\\" in text or "**" in text:
            raise ValueError("pattern leads out of the folder or through all of it, wanted one such as logs/*.gz")
        return text

    @model_validator(mode="after")
    def _fits(self) -> Folder:
        if self.format:
            try:
                self._format()
            except HomingError as error:
                raise ValueError(error.message) from None
        elif self.settings:
            raise ValueError("settings without a format, wanted none")
        return self

    def at_home(self, home: Home) -> Folder:
        """The same, knowing the workspace it reads for."""
        made = self.model_copy()
        made._home = home
        return made

    def rows_are(self) -> str:
        """The kind the format gives."""
        return self._format().gives if self.format else self.gives

    def check(self) -> None:
        """See whether the folder is there and its files can be named."""
        self._files()

    def read(self, after: str | None, *, now_us: int) -> Iterator[Portion]:
        """What is new since the cursor: oldest file first."""
        spots = read_spots(after)
        under = {spot.name: spot for spot in spots}
        root, found = self._root(), self._files()
        present = {inode for _, inode in found}
        for path, _ in found:
            name = path.relative_to(root).as_posix()
            try:
                spot = spot_of(path, name, spots, present)
                if all(spot is not known for known in spots):
                    before = under.get(name)
                    spot.memory = self._onward(before) if before is not None else {}
                    spots.append(spot)
                if not unchanged(spot, path):
                    yield from self._file(path, spot, spots, now_us)
                elif now_us - spot.changed // 1000 > FORGET:
                    spot.memory = {}
            except FileNotFoundError:
                continue  # rotated away meanwhile: the next look finds it under its new name
            except (InvalidInput, OSError, EOFError, zlib.error) as error:
                said = error.message if isinstance(error, InvalidInput) else type(error).__name__
                yield Portion("", [], (Broken(name, "unreadable_file", said[:200], ""),))

    # -- one file ------------------------------------------------------------------------------------------------------
    def _file(self, path: Path, spot: Spot, spots: list[Spot], now_us: int) -> Iterator[Portion]:
        made = self._format() if self.format else None
        if isinstance(made, LineFormat):
            yield from self._follow(made, path, spot, spots, now_us)
            return
        stat = path.stat()
        if 0 <= now_us - stat.st_mtime_ns // 1000 < SETTLED:
            return
        yield from self._parts(made, path) if made is not None else self._table(path)
        grown(spot, path)
        seen(spot, stat.st_size, stat.st_mtime_ns)
        yield Portion(as_cursor(spots), [])

    def _follow(self, made: LineFormat, path: Path, spot: Spot, spots: list[Spot], now_us: int) -> Iterator[Portion]:
        stat = path.stat()
        packed = path.suffix == ".gz"
        over = packed or not 0 <= now_us - stat.st_mtime_ns // 1000 < OVER
        reader = made.reader(self._about(path), spot.memory)
        with open_bytes(path) as file:
            file.seek(spot.at)
            part, at, number = Part([], []), spot.at, spot.line
            for number, line in lines_of(file, spot.line):
                if not over and not line.endswith(b"\n"):
                    number -= 1  # noqa: PLW2901
                    break
                take_line(reader, number, line, part)
                at = file.tell()
                if (number - spot.line) >= PART:
                    _move(spot, at, number, reader.memory())
                    yield _portion(as_cursor(spots), part.rows, part.broken, spot.name)
                    part = Part([], [])
            _move(spot, at, number, reader.memory())
        grown(spot, path)
        if packed or at >= stat.st_size:
            seen(spot, stat.st_size, stat.st_mtime_ns)
        yield _portion(as_cursor(spots), part.rows, part.broken, spot.name)

    def _parts(self, made: Format, path: Path) -> Iterator[Portion]:
        for part in made.read(path, self._about(path)):
            yield _portion("", part.rows, part.broken, path.name)

    def _table(self, path: Path) -> Iterator[Portion]:
        if path.stat().st_size > MAX_FILE:
            raise InvalidInput(f"{path.name} is over {MAX_FILE} bytes, wanted it imported as a file", field="pattern")
        with read_file(path) as scratch:
            if scratch.count() > MAX_ROWS:
                raise InvalidInput(
                    f"{path.name} has over {MAX_ROWS} rows, wanted it imported as a file", field="pattern"
                )
            rows = [one for records in scratch.records() for one in records]
            yield _portion("", rows, scratch.broken, path.name)

    # -- which ---------------------------------------------------------------------------------------------------------
    def _root(self) -> Path:
        return self.folder.expanduser().resolve()

    def _files(self) -> list[tuple[Path, int]]:
        """The files that fit with their inodes, the one that was left alone longest first."""
        root, own = self._root(), self._home.folder
        if not root.is_dir():
            raise InvalidInput(f"there is no folder {self.folder.name!r}", field="folder")
        found: list[tuple[int, str, Path, int]] = []
        try:
            for path in root.glob(self.pattern):
                if not path.is_file() or not (real := path.resolve()).is_relative_to(root):
                    continue
                if own is not None and real.is_relative_to(own):
                    continue
                if self.format or Path(path.name.lower().removesuffix(".gz")).suffix in _TABLES:
                    stat = path.stat()
                    found.append((stat.st_mtime_ns, path.name, path, stat.st_ino))
        except OSError as error:
            raise InvalidInput(f"the folder cannot be read: {type(error).__name__}", field="folder") from error
        if len(found) > MAX_FILES:
            raise InvalidInput(f"{len(found)} files fit the pattern, at most {MAX_FILES}", field="pattern")
        return [(path, inode) for _, _, path, inode in sorted(found)]

    def _format(self) -> Format:
        return format_of(self.format, self.settings)

    def _about(self, path: Path) -> About:
        h = self._home
        return About(h.source_id, h.zone, h.region, h.currency, h.secret, path.name)

    def _onward(self, before: Spot) -> dict[str, Any]:
        made = self._format() if self.format else None
        return made.onward(before.memory) if isinstance(made, LineFormat) else {}


def _move(spot: Spot, at: int, line: int, memory: dict[str, Any]) -> None:
    spot.at, spot.line, spot.memory = at, line, memory


def _portion(cursor: str, rows: list[tuple[int, Row]], broken: list[BrokenRow], name: str) -> Portion:
    lines = tuple(Broken(f"{name}:{b.row}"[-200:], b.code, b.message, b.text) for b in broken)
    return Portion(cursor, [row for _, row in rows], lines)

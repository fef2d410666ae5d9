"""How does a file of a format become a file of rows? Read once, laid out as JSON lines, then imported like any other.

Every row stands on the line it has in the file, so that a refused one is found again.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import msgspec
from pydantic import ValidationError

from homing.collect.formats.format import About, Format, Part, formats
from homing.collect.formats.visits import VISITORS
from homing.core.errors import InvalidInput, NotFound
from homing.govern import workspace_secret
from homing.storage.files import BrokenRow, Scratch, read_file

if TYPE_CHECKING:
    from homing.collect.files.feed import ImportRequest
    from homing.storage.state import State

_ALWAYS = {"events": ("event", "time"), "costs": ("time", "cost")}  # columns of a file without a single good line
_encoder = msgspec.json.Encoder()


def is_format(name: str) -> bool:
    """Is there a format of that name?"""
    return any(name == known for known, _ in formats.items())


def format_of(name: str, settings: Mapping[str, Any]) -> Format:
    """The format of that name with these settings.

    Raises:
        NotFound: there is none.
        InvalidInput: a setting does not fit.
    """
    try:
        return formats.get(name).model_validate(dict(settings))
    except ValidationError as error:
        first = error.errors(include_input=False, include_context=False, include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(f"settings.{field}: {first['msg']}", field=f"settings.{field}") from None


def open_rows(
    request: ImportRequest, state: State | None = None, *, folder: Path | None = None, most: int | None = None
) -> Scratch:
    """The rows of the file a request means, whatever it is; close them when done.

    Args:
        request: the file, and perhaps its format.
        state: of the workspace whose secret keys what may not be kept in clear; None for a look that keeps nothing.
        folder: where temporary files may lie.
        most: of a format, rows that suffice; None for all.

    Raises:
        NotFound: there is no such file or format.
        InvalidInput: it is not what it is said to be.
    """
    if not request.format:
        return read_file(request.path, encoding=request.encoding, folder=folder, sheet=request.sheet)
    if not request.path.is_file():
        raise NotFound(f"there is no file {request.path.name!r}")
    secret = workspace_secret(state, VISITORS) if state is not None else b""
    about = About(request.source, request.zone, request.region, request.currency, secret, request.file_name)
    return lay_out(request.path, format_of(request.format, request.settings), about, folder, most)


def lay_out(
    path: Path, file_format: Format, about: About, folder: Path | None = None, most: int | None = None
) -> Scratch:
    """The rows of a file in a scratch database; close it when done.

    Raises:
        InvalidInput: it is not a file of the format.
    """
    broken: list[BrokenRow] = []
    left_out = rows = 0
    with tempfile.TemporaryDirectory(prefix="format-", dir=folder) as aside:
        laid = Path(aside) / "rows.jsonl"
        with laid.open("wb") as out:
            line = 0
            for part in file_format.read(path, about):
                line = _write(out, part, line)
                rows += len(part.rows)
                left_out += part.left_out
                broken += part.broken
                if most is not None and rows + len(broken) >= most:
                    break
        scratch = _scratch(laid, file_format, rows, folder)
    scratch.broken += broken
    scratch.left_out = left_out
    return scratch


def _scratch(laid: Path, file_format: Format, rows: int, folder: Path | None) -> Scratch:
    if rows:
        scratch = read_file(laid, encoding="utf-8", folder=folder)
    else:
        scratch = Scratch(folder)
        scratch.begin(_ALWAYS.get(file_format.gives, ("time",)))
    try:
        scratch.json_lines = laid.replace(scratch.folder / laid.name)
    except OSError:
        scratch.close()
        raise
    return scratch


def _write(out: IO[bytes], part: Part, line: int) -> int:
    """Write rows, each on the line of its number where that is still ahead; return the lines there are."""
    for number, row in part.rows:
        out.write(b"\n" * (number - 1 - line))
        out.write(_encoder.encode(row) + b"\n")
        line = max(line + 1, number)
    return line

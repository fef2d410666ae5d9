"""How does a file of a format become a file of rows? Read once, laid out as JSON lines, then imported like any other.

Every row stands on the line it has in the file, so that a refused one is found again. What is laid out is gone with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from homing.collect.formats.format import About, Format, formats
from homing.collect.formats.visits import VISITORS
from homing.core.errors import InvalidInput, NotFound
from homing.govern import workspace_secret
from homing.storage.files import Scratch, read_file
from homing.storage.files.laid import LaidScratch

if TYPE_CHECKING:
    from homing.collect.files.feed import ImportRequest
    from homing.storage.state import State

_ALWAYS = {"events": ("event", "time"), "costs": ("time", "cost")}  # columns of a file without a single good line


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
    request: ImportRequest, state: State | None = None, *, folder: Path | None = None, most: int | None = None,
    pieces: bool = False,
) -> Scratch:  # fmt: skip
    """The rows of the file a request means, whatever it is; close them when done.

    Args:
        request: the file, and perhaps its format.
        state: of the workspace whose secret keys what may not be kept in clear; None for a look that keeps nothing.
        folder: where temporary files may lie.
        most: of a format, rows that suffice; None for all.
        pieces: whether the rows of a CSV file may lie where they are until they are asked for.

    Raises:
        NotFound: there is no such file or format.
        InvalidInput: it is not what it is said to be.
    """
    if not request.format:
        return read_file(request.path, encoding=request.encoding, folder=folder, sheet=request.sheet, pieces=pieces)
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
    scratch = LaidScratch(folder)
    try:
        for part in file_format.read(path, about):
            scratch.write(part.rows)
            scratch.broken += part.broken
            scratch.left_out += part.left_out
            if most is not None and scratch.rows + len(scratch.broken) >= most:
                break
        scratch.finish(_ALWAYS.get(file_format.gives, ("time",)))
    except BaseException:
        scratch.close()
        raise
    return scratch

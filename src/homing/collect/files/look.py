"""What is in this file, and what might it be? The first rows, a guess of the kind, and saved mappings that fit.

Only the beginning of a text file is read, so that a file of any size is answered at once.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping as Names
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from homing.collect.definitions.mapping import Mapping
from homing.collect.files.feed import ImportRequest
from homing.collect.files.fields import clean_name, kind_of, map_columns
from homing.collect.files.suggest import Suggestion, guess_kinds, suggest
from homing.collect.formats import formats
from homing.collect.formats.lay import is_format, open_rows
from homing.core.errors import NotFound
from homing.storage.files import read_file
from homing.storage.files.text import open_bytes

PEEK_BYTES = 512 * 1024
PEEK_ROWS = 2_000  # of a format
EXAMPLES = 20
_TEXT = {".csv", ".tsv", ".txt", ".jsonl", ".ndjson"}


@dataclass(frozen=True, slots=True)
class Fitting:
    """A saved mapping and the share of its columns that are there."""

    mapping: Mapping
    share: float


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen."""

    columns: tuple[str, ...]
    examples: list[list[str]]
    encoding: str
    sheets: tuple[str, ...]
    kinds: list[tuple[str, float]]
    suggestions: list[Suggestion] = field(repr=False)
    fitting: list[Fitting] = field(default_factory=list)

    @property
    def kind(self) -> str:
        """The likeliest kind."""
        return self.kinds[0][0]


def look_at(
    path: Path, *, kind: str | None = None, name: str = "", encoding: str | None = None, sheet: str = "",
    region: str = "US", saved: Sequence[Mapping] = (), settings: Names[str, Any] | None = None,
) -> Look:  # fmt: skip
    """Look at the beginning of a file.

    Args:
        path: the file.
        kind: what its rows are, or the format it is in; guessed when None.
        name: what the file is called, which may say what it holds.
        encoding: of a text file; found out when None.
        sheet: of a workbook.
        region: ISO country of phone numbers without one.
        saved: mappings there are; those whose columns are all there fit.
        settings: of the format.

    Raises:
        NotFound: there is no such file.
        InvalidInput: it cannot be read.
    """
    if not path.is_file():
        raise NotFound(f"there is no file {path.name!r}")
    request = ImportRequest(path, kind or "", encoding=encoding, sheet=sheet, file_name=name)
    if kind is not None and is_format(kind):
        request = replace(request, kind=formats.get(kind).gives, format=kind, settings=settings or {})
        kind = request.kind
    with tempfile.TemporaryDirectory(prefix="look-") as folder:
        if not request.format:
            request = replace(request, path=_beginning(path, Path(folder)))
        with open_rows(request, most=PEEK_ROWS) as scratch:
            columns, examples = tuple(scratch.columns), scratch.examples(EXAMPLES)
            said, sheets = scratch.encoding, tuple(scratch.sheets)
    guesses = guess_kinds(columns, examples, name or path.name, region)
    fitting = _fitting(columns, saved)
    likeliest = kind or (fitting[0].mapping.rows if fitting else guesses[0][0])
    if likeliest != guesses[0][0] and kind is None:
        guesses = [(likeliest, 1.0), *(g for g in guesses if g[0] != likeliest)]
    return Look(columns, examples, said, sheets, guesses, suggest(likeliest, columns, examples, region), fitting)


def check_mapping(request: ImportRequest) -> None:
    """See by its beginning whether a file can be taken as it is meant, before anything is noted.

    Raises:
        NotFound: there is no such file.
        InvalidInput: the file or the mapping will not do.
    """
    kind_of(request.kind)
    if not request.path.is_file():
        raise NotFound(f"there is no file {request.path.name!r}")
    if request.format:
        open_rows(request, most=PEEK_ROWS).close()
        return
    with tempfile.TemporaryDirectory(prefix="look-") as folder:
        first = _beginning(request.path, Path(folder))
        with read_file(first, encoding=request.encoding, sheet=request.sheet) as scratch:
            if scratch.json_lines is None or first == request.path:  # later lines may have other fields
                map_columns(request.kind, scratch.columns, request.mapping)


def _beginning(path: Path, folder: Path) -> Path:
    """The first rows of a text file as a file of their own; any other file itself."""
    inner = path.name.lower().removesuffix(".gz")
    suffix = Path(inner).suffix
    if suffix not in _TEXT or (path.stat().st_size <= PEEK_BYTES and not path.name.lower().endswith(".gz")):
        return path
    cut = folder / f"beginning{suffix}"
    with open_bytes(path) as file, cut.open("wb") as out:
        data = file.read(PEEK_BYTES)
        whole = len(data) < PEEK_BYTES
        at = len(data) if whole else data.rfind(b"\n") + 1
        step = 2 if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else 1  # of UTF-16 no half character
        out.write(data[: (at or len(data)) + (0 if whole or step == 1 or at % 2 == 0 else 1)])
        shutil.copystat(path, cut, follow_symlinks=True)
    return cut


def _fitting(columns: Sequence[str], saved: Sequence[Mapping]) -> list[Fitting]:
    """The mappings made for such columns, the closest first."""
    have = {clean_name(c) for c in columns}
    out = []
    for mapping in saved:
        wanted = {clean_name(c) for c in (mapping.columns or tuple(mapping.map.values())) if c}
        if wanted and wanted <= have and all(clean_name(c) in have for c in mapping.map.values() if c):
            out.append(Fitting(mapping, round(len(wanted) / len(have), 2)))
    return sorted(out, key=lambda f: -f.share)

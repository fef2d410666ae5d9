"""How does a command speak? One JSON object on stdout with `--json`, else a table; progress and errors go to stderr.

The exit code comes from the error tree (`core.errors`): 0 done, 2 wrong request, 3 not there, 4 refused, 5 held or
changed, 6 try again, 7 never. An error under `--json` is one object on stderr too, in the shape every door uses.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any


def say(value: Any, *, as_json: bool, text: str | None = None) -> None:
    """Print the one result of a command.

    Args:
        value: what `--json` prints.
        as_json: whether to print that.
        text: what a person reads instead; the JSON, indented, when None.
    """
    if as_json:
        sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")
    elif text is not None:
        sys.stdout.write(text + "\n")
    else:
        sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2, default=str) + "\n")


def table(columns: Sequence[str], rows: Iterable[Sequence[Any]], *, title: str = "") -> None:
    """Print a table for a person."""
    from rich.console import Console  # noqa: PLC0415 - only when a table is printed
    from rich.table import Table  # noqa: PLC0415

    made = Table(title=title or None, title_justify="left")
    for name in columns:
        made.add_column(name)
    for row in rows:
        made.add_row(*("" if cell is None else _cell(cell) for cell in row))
    if not made.row_count:
        made.caption = "no rows"
    Console(width=None if sys.stdout.isatty() else 160).print(made)


def answer(
    value: Any, columns: Sequence[str], rows: Iterable[Sequence[Any]], *, as_json: bool, title: str = ""
) -> None:  # fmt: skip
    """Print the one result of a command: whole with `--json`, else as a table.

    Args:
        value: what `--json` prints.
        columns: the heads of the table.
        rows: looked at only where a table is printed.
        as_json: whether to print `value`.
        title: of the table.
    """
    if as_json:
        say(value, as_json=True)
    else:
        table(columns, rows, title=title)


def cells(items: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> Iterable[list[Any]]:
    """The rows of a table whose columns are called as the items' fields are."""
    return ([one.get(column) for column in columns] for one in items)


def note(text: str) -> None:
    """Say something on the way, on stderr."""
    sys.stderr.write(text + "\n")


def working(text: str, *, quiet: bool) -> AbstractContextManager[object]:
    """A spinner on stderr while something is done; nothing when it is no terminal."""
    if quiet or not sys.stderr.isatty():
        return nullcontext()
    from rich.console import Console  # noqa: PLC0415

    return Console(stderr=True).status(text)


def complain(error: Mapping[str, Any], *, as_json: bool) -> None:
    """Print an error in the one shape of every door."""
    if as_json:
        sys.stderr.write(json.dumps({"error": dict(error)}, ensure_ascii=False, default=str) + "\n")
        return
    field = f" ({error['field']})" if error.get("field") else ""
    sys.stderr.write(f"homing: {error['message']}{field}\n")


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:,.2f}"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)

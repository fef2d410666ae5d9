"""Which rows of the warehouse does a trait look at? The events of one name that pass one filter, with what they hold.

What is needed of an event's payload is taken out once, in one common table; everything else reads its columns. Names
and values are bound, never pasted.
"""

from __future__ import annotations

from collections.abc import Iterable
from zoneinfo import ZoneInfo

from homing.core.condition import Where
from homing.core.condition_sql import Forms
from homing.profile.traits.paths import ACTIVITY_SQL, ANY_ACTIVITY, Path, read_path, special, variant

COLUMNS = "customer_id, name, kind, source_id, happened_us, received_us, log_offset"


class Source:
    """Collects what a statement needs of the events, and binds its values.

    Args:
        zone: the workspace's, for hours and weekdays.
        span: the first and last instant of the events looked at, for the zone's changes of the clock.
        prefix: begins the names of bound values, so that two statements can be one.
    """

    def __init__(self, zone: ZoneInfo, span: tuple[int, int], *, prefix: str = "v") -> None:
        self.params: dict[str, object] = {}
        self._zone = zone
        self._span = span
        self._prefix = prefix
        self._names: dict[object, str] = {}
        self._columns: dict[str, str] = {}
        self._lists: dict[str, str] = {}
        self._events: dict[str, None] = {}
        self.from_us: int | None = None  # nothing that happened by then matters
        self._ever = False

    def bind(self, value: object) -> str:
        """The name of a bound value; equal values share one."""
        known = (type(value), tuple(value)) if isinstance(value, list) else (type(value), value)
        if known not in self._names:
            self._names[known] = f"{self._prefix}{len(self._names)}"
            self.params[self._names[known]] = value
        return "$" + self._names[known]

    def keep(self, event: str, where: Iterable[Where]) -> str:
        """Which rows are the events of that name that pass the filter."""
        self._events[event] = None
        parts = [ACTIVITY_SQL if event == ANY_ACTIVITY else f"name = {self.bind(event)}"]
        parts += [Forms.of_columns(self._plain(w.property)).compare(w.op, w.value, self.bind) for w in where]
        return " AND ".join(parts)

    def forms(self, path: str) -> Forms:
        """The forms of what an event holds at a path that is no list."""
        return Forms.of_columns(self._column(path))

    def elements(self, path: str) -> str:
        """The list of VARIANT at a list path."""
        if path not in self._lists:
            self._lists[path] = f"l{len(self._lists)}"
        return self._lists[path]

    def window(self, window_us: int | None, oldest_us: int | None) -> None:
        """What is looked at reaches back so far; `oldest_us` is the earliest instant anybody asks about."""
        if window_us is None or oldest_us is None:
            self._ever = True
        else:
            begin = oldest_us - window_us
            self.from_us = begin if self.from_us is None else min(begin, self.from_us)

    def rows(self, also: str = "") -> str:
        """The SELECT of the events, with a column for each thing asked for."""
        columns = [COLUMNS]
        for path, column in self._columns.items():
            columns += self._made(read_path(path) if path.startswith(("$", "context.")) else None, path, column)
        for path, column in self._lists.items():
            columns.append(f"{variant(read_path(path), self.bind)} AS {column}")
        after = "" if self._ever or self.from_us is None else f" AND happened_us > {self.bind(self.from_us)}"
        return (
            "SELECT " + ",\n    ".join(columns) + "\n  FROM events\n"
            f"  WHERE customer_id IS NOT NULL AND ({self._named()}){after}{also}"
        )

    @property
    def empty(self) -> bool:
        """Whether nothing looks at events."""
        return not self._events

    def _plain(self, name: str) -> str:
        """The column of a property by its whole name, whatever it looks like."""
        return self._column("=" + name)

    def _column(self, path: str) -> str:
        if not path.startswith(("=", "$", "context.")):
            path = "=" + path
        if path not in self._columns:
            self._columns[path] = f"p{len(self._columns)}"
        return self._columns[path]

    def _made(self, path: Path | None, text: str, column: str) -> list[str]:
        if path is not None and path.kind.startswith("$"):
            words, number = special(path, self._zone, *self._span)
            kind = "VARCHAR" if path.kind == "$source" else "DOUBLE"
            return [f"'{kind}' AS {column}k", f"{words} AS {column}s", f"{number} AS {column}n",
                    f"CAST(NULL AS VARCHAR[]) AS {column}l"]  # fmt: skip
        where = path if path is not None else Path("property", (text[1:],))
        return [f"{variant(where, self.bind)} AS {column}", *Forms.columns(column)]

    def _named(self) -> str:
        names = [name for name in self._events if name != ANY_ACTIVITY]
        parts = [f"name IN ({', '.join(map(self.bind, names))})"] if names else []
        return " OR ".join([*parts, *([ACTIVITY_SQL] if ANY_ACTIVITY in self._events else [])]) or "false"

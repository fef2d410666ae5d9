"""Which customers are called something like this? An index of every three letters in a row, in a file of its own.

It is a copy that can be thrown away: a follower of the state fills it outside the stream's transactions. A search of
three letters or more finds them anywhere in what is known of a customer; a shorter one finds the beginnings of words,
for which two blanks stand before each word. A Chinese, Japanese or Korean character says as much as a word does, so
each lies there three times over, and one alone can be found. What the index names is looked at where its text lies, at
once and in the order of the file: it knows which threes a text has, not in which order. Where common threes never stand
in that order, looking ends when its time is up.
"""

from __future__ import annotations

import re
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from homing.storage.patience import for_so_long

GRAM = 3
ENOUGH = 4  # threes that are looked up together
PROBE = 300  # entries of a three that are read to see how far apart they lie
LOOK_S = 1.0  # for so long a search looks at what may hold its text
MANY = 10  # where time was up, a tenth of what is named at most is many too
_WIDE = re.compile("([\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003134f])")
_TABLES = """
CREATE TABLE IF NOT EXISTS doc (
  id INTEGER PRIMARY KEY, customer_id TEXT NOT NULL UNIQUE, search TEXT NOT NULL, name TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS mark (value INTEGER NOT NULL);
CREATE VIRTUAL TABLE IF NOT EXISTS known USING fts5(
  text, content = '', tokenize = 'trigram', detail = none, columnsize = 0
);
CREATE VIRTUAL TABLE IF NOT EXISTS named USING fts5(
  text, content = '', tokenize = 'trigram', detail = none, columnsize = 0
);
"""


class Entry(msgspec.Struct, frozen=True, gc=False):
    """What can be found of a customer: everything she is called, and the name alone; None takes her out."""

    customer_id: str
    search: str | None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Hits:
    """Who holds a text: their ids when they are few, else the first of them and about how many they are.

    `whole` says that everybody was looked at who may hold it.
    """

    ids: tuple[str, ...]
    about: int
    few: bool
    whole: bool


class SearchIndex:
    """The index of one workspace.

    Args:
        path: the SQLite file; made when absent.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._writing = threading.Lock()
        self._reading = threading.local()
        self._readers: list[sqlite3.Connection] = []
        self._writer = self._connect()
        self._writer.executescript(_TABLES)

    def mark(self) -> int:
        """The log offset up to which customers were copied."""
        found = self._reader().execute("SELECT value FROM mark").fetchone()
        return int(found[0]) if found else 0

    def put(self, entries: Sequence[Entry], mark: int) -> int:
        """Copy what customers are called now and move the mark; return for how many that was something new."""
        changed = 0
        with self._transaction() as conn:
            wanted = msgspec.json.encode([e.customer_id for e in entries]).decode()
            held = conn.execute(
                "SELECT customer_id, id, search, name FROM doc WHERE customer_id IN (SELECT value FROM json_each(?))",
                (wanted,),
            )
            old = {row[0]: row[1:] for row in held}
            for entry in entries:
                changed += _write(conn, entry, old.get(entry.customer_id))
            conn.execute("DELETE FROM mark")
            conn.execute("INSERT INTO mark VALUES (?)", (mark,))
        return changed

    def find(self, text: str, *, most: int, names_only: bool = False, seconds: float = LOOK_S) -> Hits:
        """Who holds a text.

        Args:
            text: what was typed, not empty.
            most: beyond so many they are not named, only estimated: from how far down the index they reach.
            names_only: look in names alone.
            seconds: how long to look.
        """
        conn = self._reader()
        table, held = ("named", "d.name") if names_only else ("known", "d.search")
        grams = _match(self._rarest(conn, table, grams_of(text)))
        if begins_words(text):
            held, text = f"' ' || {held}", " " + text
        sql = (
            f"SELECT d.id, d.customer_id FROM {table} k CROSS JOIN doc d ON d.id = k.rowid"
            f" WHERE k.{table} MATCH ? AND instr({held}, ?) LIMIT ?"
        )
        asked = (grams, text, most + 1)
        found: list[tuple[int, str]] = []
        with for_so_long(conn, seconds) as looked:
            for place, customer_id in conn.execute(sql, asked):
                found.append((place, customer_id))
        ids = tuple(customer_id for _, customer_id in found)
        if len(found) <= (most if looked.in_time else most // MANY):
            return Hits(ids, len(found), few=True, whole=looked.in_time)
        last = conn.execute("SELECT max(id) FROM doc").fetchone()[0]
        return Hits(ids, round(len(found) * last / found[-1][0]), few=False, whole=False)

    def count(self, text: str, *, seconds: float) -> int | None:
        """How many hold the text, counted one by one; None when that would take longer."""
        conn = self._reader()
        grams = _match(self._rarest(conn, "known", grams_of(text)))
        held, text = ("' ' || search", " " + text) if begins_words(text) else ("search", text)
        sql = f"SELECT count(*) FROM doc WHERE id IN (SELECT rowid FROM known WHERE known MATCH ?) AND instr({held}, ?)"
        with for_so_long(conn, seconds):
            return int(conn.execute(sql, (grams, text)).fetchone()[0])
        return None

    def close(self) -> None:
        """Let go of the file."""
        with self._writing:
            for conn in (self._writer, *self._readers):
                conn.close()

    # -- inside --------------------------------------------------------------------------------------------------------
    def _rarest(self, conn: sqlite3.Connection, table: str, grams: list[str]) -> list[str]:
        """The few threes that fewest have: one that everybody has costs a walk through everybody, and says nothing."""
        if len(grams) <= ENOUGH:
            return grams
        reach: list[tuple[int, str]] = []
        for gram in grams:
            sql = f"SELECT max(rowid), count(*) FROM (SELECT rowid FROM {table} WHERE {table} MATCH ? LIMIT {PROBE})"
            last, n = conn.execute(sql, (_match([gram]),)).fetchone()
            reach.append((-(last or 0) if n == PROBE else -(1 << 62) + n, gram))
        return [gram for _, gram in sorted(reach)[:ENOUGH]]

    def _connect(self) -> sqlite3.Connection:
        conn = sqlite3.connect(self._path, timeout=30, check_same_thread=False, isolation_level=None)
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "secure_delete=ON", "cache_size=-32768"):
            conn.execute(f"PRAGMA {pragma}")
        return conn

    def _reader(self) -> sqlite3.Connection:
        found: sqlite3.Connection | None = getattr(self._reading, "conn", None)
        if found is None:
            found = self._reading.conn = self._connect()
            self._readers.append(found)
        return found

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._writing:
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
            except BaseException:
                self._writer.execute("ROLLBACK")
                raise
            self._writer.execute("COMMIT")


def laid_out(text: str) -> str:
    """How a text lies in the index.

    Example:
        >>> laid_out("Ann Lee"), laid_out("王芳")
        ('  ann  lee', '  王王王芳芳芳')
    """
    return "  " + _body(text)


def grams_of(text: str) -> list[str]:
    """The threes that a text must have to hold what was typed.

    Example:
        >>> grams_of("lee a"), grams_of("le"), grams_of("王")
        (['lee', 'ee ', 'e  ', '  a'], [' le'], ['王王王'])
    """
    body = _body(text).rjust(GRAM)
    return list(dict.fromkeys(body[n : n + GRAM] for n in range(len(body) - GRAM + 1)))


def _match(grams: Sequence[str]) -> str:
    return " AND ".join('"' + gram.replace('"', '""') + '"' for gram in grams)


def begins_words(text: str) -> bool:
    """Whether what was typed is so short that only the beginnings of words are searched."""
    return len(_body(text)) < GRAM


def _body(text: str) -> str:
    text = "  ".join(text.replace("\0", " ").lower().split())
    return text if text.isascii() else _WIDE.sub(r"\1\1\1", text)


def _write(conn: sqlite3.Connection, entry: Entry, old: tuple[int, str, str] | None) -> bool:
    if old is not None:
        if (entry.search, entry.name) == old[1:]:
            return False
        for table, text in (("known", old[1]), ("named", old[2])):
            if text:  # what was never put in cannot be taken out
                conn.execute(f"INSERT INTO {table} ({table}, rowid, text) VALUES ('delete', ?, ?)",
                             (old[0], laid_out(text)))  # fmt: skip
        conn.execute("DELETE FROM doc WHERE id = ?", (old[0],))
    if entry.search is None:
        return old is not None
    place = conn.execute("INSERT INTO doc (id, customer_id, search, name) VALUES (?, ?, ?, ?)",
                         (old[0] if old else None, entry.customer_id, entry.search, entry.name)).lastrowid  # fmt: skip
    for table, text in (("known", entry.search), ("named", entry.name)):
        if text:
            conn.execute(f"INSERT INTO {table} (rowid, text) VALUES (?, ?)", (place, laid_out(text)))
    return True

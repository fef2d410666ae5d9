"""What the database reads of a plain CSV file by itself is what Python's own reader says; all other files it leaves."""

from __future__ import annotations

import csv
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from homing.core.query import Query
from homing.storage.files import Scratch
from homing.storage.files.plain import read_plain

CELL = st.text(st.sampled_from('ab0 ,;\t"\n\r\\#-é税\u3000\x00'), max_size=5)
TORN = st.lists(st.sampled_from(["a", "b,", ",", '"', '""', "\n", "\r\n", "\r", " ", "é", ";", "\t"]), max_size=40)


def read(data: bytes) -> list[tuple[int, list[str]]] | None:
    """The rows with their numbers; None when the file is none of the plain ones."""
    with TemporaryDirectory() as folder, Scratch() as scratch:
        path = Path(folder) / "f.csv"
        path.write_bytes(data)
        if not read_plain(scratch, path):
            assert scratch.columns == []
            return None
        return [(n, list(cells)) for n, *cells in scratch.ask(Query("SELECT * FROM raw ORDER BY _row"))]


def by_python(text: str, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True))


@given(st.lists(st.tuples(CELL, CELL, CELL), max_size=8), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_a_file_that_a_program_wrote_is_read_as_it_was_meant(rows, end, all_quoted):
    with TemporaryDirectory() as folder:
        path = Path(folder) / "w.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator=end, quoting=csv.QUOTE_ALL if all_quoted else csv.QUOTE_MINIMAL)
            writer.writerows([("one", "two", "three"), *rows])
        got = read(path.read_bytes())
    if got is not None:
        assert got == [(n, list(row)) for n, row in enumerate(rows, start=2)]


@given(TORN)
def test_a_torn_file_is_read_as_python_reads_it_or_not_at_all(pieces):
    text = "x,y\n" + "".join(pieces)
    got = read(text.encode())
    if got is not None:
        assert [cells for _, cells in got] == by_python(text)[1:]
        assert all(len(cells) == 2 for _, cells in got)


def test_plain_files_are_taken_and_others_are_left():
    assert read(b"a,b\n1,2\n3,\n") == [(2, ["1", "2"]), (3, ["3", ""])]
    assert read(b'a;b\r\n1;"x;""y"""\r\n') == [(2, ["1", 'x;"y"'])]
    assert read(b"a,b\n") == []
    many = b"".join(b"%d,%d\n" % (n, n * n) for n in range(300_000))  # more than one core reads at once
    got = read(b"a,b\n" + many)
    assert got is not None
    assert got == [(n + 2, [str(n), str(n * n)]) for n in range(300_000)]
    torn = (b"", b"\n", b"a,b\n\n1,2\n", b"a,b\n1\n", b"a,b\n1,2,3\n", b"a,b\n1,2,\n", b"a,b\n1,2\r3,4\n")
    odd = (b'a,b\n1,"x\ny"\n', b'a,b\n1,"x\n', b'a,b\n1, "x"\n', b'a,b\n1,"x"y\n', b"a,b\n1,\xff\n", b"a,b\n1,\0\n")
    for other in torn + odd:
        assert read(other) is None, other

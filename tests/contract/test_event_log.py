"""Every event log keeps facts in order, for good, and tells the truth about repeats."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from homing.core.errors import Terminal
from homing.core.event import Event, Id, encode
from homing.core.time import DAY
from homing.storage.log import EventLog, Packed, SqliteLog, blocks
from homing.storage.log.hashing import Hashes, Hashing
from homing.storage.log.seen import Seen


class Clock:
    now = 1_700_000_000_000_000

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=["one file", "many files"])
def log(request, tmp_path: Path, clock: Clock):
    made = SqliteLog(tmp_path / "log", clock, file_events=2_000_000 if request.param == "one file" else 7)
    yield made
    made.close()


def event(n: int | str) -> Event:
    return Event(event_id=f"e{n}", kind="track", name="Product Viewed", happened_us=1, source_id="web",
                 ids=(Id("user_id", "ann"),), properties={"price": 1.5})  # fmt: skip


def test_offsets_begin_at_one_and_have_no_gaps(log: EventLog):
    verdicts = [v for n in range(4) for v in log.append([event(f"{n}a"), event(f"{n}b"), event(f"{n}c")])]
    assert [v.offset for v in verdicts] == list(range(1, 13))
    assert [s.offset for s in log.read(0, 100)] == list(range(1, 13))
    assert log.tail() == 12


def test_nothing_may_be_appended_and_changes_nothing(log: EventLog):
    assert log.append([]) == []
    assert log.append_packed([]).result() == frozenset()
    assert log.append([event(1)])[0].offset == log.tail() == 1


def test_what_is_read_is_what_was_appended(log: EventLog, clock: Clock):
    log.append([event(1)])
    (stored,) = log.read(0, 10)
    assert stored.event == event(1)
    assert stored.received_us == clock.now


def test_a_repeat_is_a_duplicate_and_takes_no_offset(log: EventLog):
    first = log.append([event(1), event(2), event(1)])
    again = log.append([event(2), event(3)])
    assert [v.status for v in first + again] == ["accepted", "accepted", "duplicate", "duplicate", "accepted"]
    assert log.tail() == 3


def test_one_repeat_among_many_leaves_no_gap(log: EventLog):
    log.append([event(n) for n in range(300)])
    verdicts = log.append([event(n) for n in range(599, 298, -1)])
    assert [v.status for v in verdicts] == ["accepted"] * 300 + ["duplicate"]
    assert [v.offset for v in verdicts[:-1]] == list(range(301, 601))
    assert [s.offset for s in log.read(0, 1_000)] == list(range(1, 601))


def test_what_is_gathered_is_asked_for_once_and_may_be_nothing(log: EventLog):
    asked: list[int] = []

    def gathered(*numbers: int) -> Callable[[], list[Packed]]:
        def pull() -> list[Packed]:
            asked.append(len(numbers))
            return [Packed([f"e{n}"], encode(event(n))) for n in numbers]

        return pull

    answers = [log.append_gathered(gathered(*some)) for some in [(1, 2), (), (2, 3, 1), ()]]
    assert [a.result() for a in answers] == [frozenset(), frozenset(), frozenset({0, 2}), frozenset()]
    assert asked == [2, 0, 3, 0]
    assert [s.event for s in log.read(0, 10)] == [event(1), event(2), event(3)]


def test_ever_finds_a_repeat_of_last_year(log: EventLog, clock: Clock):
    log.append([event(n) for n in range(8)])
    clock.now += 400 * DAY
    log.append([event(n) for n in range(100, 108)])
    assert [v.status for v in log.append([event(0)], dedupe="ever")] == ["duplicate"]


def test_reading_goes_on_after_an_offset_and_stops_at_the_limit(log: EventLog):
    for n in range(20):
        log.append([event(n)])
    assert [s.offset for s in log.read(5, 10)] == list(range(6, 16))
    assert log.read(20, 10) == []


def test_received_never_goes_backwards_even_when_the_clock_does(log: EventLog, clock: Clock):
    log.append([event(1)])
    clock.now -= DAY
    log.append([event(2)])
    received = [s.received_us for s in log.read(0, 10)]
    assert received == sorted(received)


def test_nothing_appended_later_lies_before_the_watermark(log: EventLog, clock: Clock):
    mark = log.watermark()
    clock.now -= 5_000_000
    log.append([event(1)])
    assert log.read(0, 1)[0].received_us >= mark


def test_many_writers_lose_nothing_and_double_nothing(log: EventLog):
    def write(who: int) -> None:
        for n in range(25):
            log.append([event(f"{who}-{n}"), event(f"shared-{n}")])

    threads = [threading.Thread(target=write, args=(w,)) for w in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    ids = [s.event.event_id for s in log.read(0, 10_000)]
    assert len(ids) == len(set(ids)) == 8 * 25 + 25


def test_waiting_ends_when_an_event_arrives(log: EventLog):
    assert not log.wait(0, 0.01)
    threading.Timer(0.05, lambda: log.append([event(1)])).start()
    assert log.wait(0, 10)


def test_opening_again_finds_everything_and_goes_on(tmp_path: Path, clock: Clock):
    first = SqliteLog(tmp_path / "log", clock, file_events=3)
    first.append([event(n) for n in range(5)])
    first.append([event(n) for n in range(5, 8)])
    first.close()
    second = SqliteLog(tmp_path / "log", clock, file_events=3)
    assert second.tail() == 8
    assert [v.status for v in second.append([event(3), event(9)])] == ["duplicate", "accepted"]
    assert len(second.read(0, 100)) == 9
    second.close()


@pytest.mark.parametrize(("after", "limit"), [(0, 30), (0, 1), (3, 5), (6, 1), (7, 20), (11, 100), (24, 9), (25, 9)])
def test_blocks_hold_what_is_asked_for_each_event_once_and_little_more(log: EventLog, after: int, limit: int):
    for start in range(0, 25, 5):
        log.append([event(n) for n in range(start, start + 5)])
    found = []
    for block in log.read_blocks(after, limit):
        offsets = range(block.first, block.first + block.events)
        assert any(after < offset <= after + limit for offset in offsets)
        found += zip(offsets, msgspec.json.decode(block.bodies, type=list[Event]), strict=True)
    asked = [one for one in found if after < one[0] <= after + limit]
    assert asked == [(s.offset, s.event) for s in log.read(after, limit)]
    assert len(found) == len({offset for offset, _ in found})


def test_a_closed_log_says_so(log: EventLog):
    log.close()
    with pytest.raises(Terminal, match="closed"):
        log.append([event(1)])


# -- the embedded log's files ------------------------------------------------------------------------------------------
def statuses(log: EventLog, *names: int | str) -> list[str]:
    return [v.status for v in log.append([event(n) for n in names], dedupe="ever")]


def test_a_log_of_one_row_an_event_is_put_into_blocks_when_it_is_opened(tmp_path: Path, clock: Clock):
    folder = tmp_path / "log"
    folder.mkdir()
    old = sqlite3.connect(folder / f"{1:020d}.db")
    old.execute(
        "CREATE TABLE event (log_offset INTEGER PRIMARY KEY, received_us INTEGER NOT NULL,"
        " event_id TEXT NOT NULL UNIQUE, body BLOB NOT NULL)"
    )
    rows = [(n, clock.now + n // 400, f"e{n}", encode(event(n))) for n in range(1, 1_001)]
    old.executemany("INSERT INTO event VALUES (?, ?, ?, ?)", rows)
    old.commit()
    old.close()
    for _ in range(2):
        log = SqliteLog(folder, clock)
        assert [(s.offset, s.received_us, s.event) for s in log.read(0, 2_000)] == [
            (n, clock.now + n // 400, event(n)) for n in range(1, 1_001)
        ]
        assert log.tail() == 1_000
        assert statuses(log, 1, 400, 1_000) == ["duplicate"] * 3
        log.close()


def blocks_of(folder: Path) -> list[tuple[int, bytes]]:
    conn = sqlite3.connect(folder / f"{1:020d}.db")
    found = conn.execute("SELECT length(ids) / 8, bodies FROM block ORDER BY first").fetchall()
    conn.close()
    return found


def test_events_that_lie_in_one_text_are_taken_without_being_copied_first(tmp_path: Path, clock: Clock):
    log = SqliteLog(tmp_path, clock)
    bodies = [encode(event(n)) for n in range(6)]
    text, ends = memoryview(b",".join(bodies)), [0, *np.cumsum([len(body) + 1 for body in bodies]).tolist()]
    cut = [Packed([f"e{n}" for n in range(at, to)], text[ends[at] : ends[to] - 1]) for at, to in [(0, 3), (3, 6)]]
    assert statuses(log, 1) == ["accepted"]
    assert log.append_packed(cut, dedupe="ever").result() == {1}
    assert [raw for _, _, raw in log.read_raw(0, 9)] == [bodies[1], bodies[0], *bodies[2:]]
    log.close()


def secrets_of(file: Path) -> list[bytes]:
    conn = sqlite3.connect(file)
    there = conn.execute("SELECT 1 FROM sqlite_master WHERE name = 'hashing'").fetchall()
    found = [secret for (secret,) in conn.execute("SELECT secret FROM hashing")] if there else []
    conn.close()
    return found


def test_blocks_are_packed_and_plain_ones_of_before_are_read_beside_them(tmp_path: Path, clock: Clock, monkeypatch):
    with monkeypatch.context() as before:
        before.setattr(blocks, "PACK_BYTES", 1 << 40)
        log = SqliteLog(tmp_path, clock)
        log.append([event(n) for n in range(300)])
        log.close()
    assert [block[:1] for _, block in blocks_of(tmp_path)] == [b"[", b"["]
    log = SqliteLog(tmp_path, clock)
    assert statuses(log, 7, *range(300, 600)) == ["duplicate"] + ["accepted"] * 300
    assert statuses(log, "alone", 450) == ["accepted", "duplicate"]
    assert [s.event for s in log.read(0, 1_000)] == [event(n) for n in [*range(600), "alone"]]
    assert [raw for _, _, raw in log.read_raw(290, 20)] == [encode(event(n)) for n in range(290, 310)]
    assert log.find("e310").offset == 311
    log.close()
    plain, _, packed, _, alone = blocks_of(tmp_path)
    assert plain[0] == packed[0] == 256
    assert len(packed[1]) < len(plain[1]) / 3
    assert alone[1] == b"[%b]" % encode(event("alone"))


@pytest.mark.parametrize("together", [1, 2, 3])
def test_more_blocks_than_fit_a_statement_are_written_all_the_same(tmp_path: Path, clock: Clock, monkeypatch, together):
    monkeypatch.setattr(blocks, "TOGETHER", together)
    log = SqliteLog(tmp_path, clock)
    log.append([event(n) for n in range(700)])
    log.append([event(n) for n in range(700, 750)])
    log.close()
    assert [many for many, _ in blocks_of(tmp_path)] == [256, 256, 188, 50]
    log = SqliteLog(tmp_path, clock)
    assert [s.event for s in log.read(0, 1_000)] == [event(n) for n in range(750)]
    log.close()


@pytest.mark.parametrize("spoil", ["nothing", "gone", "cut short", "of another file"])
def test_what_a_full_file_knows_does_not_rest_on_the_file_beside_it(tmp_path: Path, clock: Clock, spoil: str):
    log = SqliteLog(tmp_path / "log", clock, file_events=10)
    for start in range(0, 40, 5):
        log.append([event(n) for n in range(start, start + 5)])
    log.close()
    beside = sorted((tmp_path / "log").glob("*.ids.npy"))
    assert len(beside) == 3
    if spoil == "gone":
        beside[0].unlink()
    elif spoil == "cut short":
        beside[0].write_bytes(beside[0].read_bytes()[:150])
    elif spoil == "of another file":
        np.save(beside[0], np.zeros((2, 3), np.int64))
    again = SqliteLog(tmp_path / "log", clock, file_events=10)
    assert statuses(again, *range(40), 40) == ["duplicate"] * 40 + ["accepted"]
    assert again.find("e7").offset == 8
    assert again.find("e41") is None
    again.close()


def test_a_file_from_before_ids_were_hashed_with_a_secret_keeps_its_hashes_beside_newer_files(
    tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
):
    with monkeypatch.context() as before:
        before.setattr(Hashing, "fresh", Hashing)  # without a secret
        log = SqliteLog(tmp_path / "log", clock, file_events=10)
        log.append([event(n) for n in range(5)])
        log.close()
    conn = sqlite3.connect(tmp_path / "log" / f"{1:020d}.db")
    conn.execute("DROP TABLE hashing")
    conn.close()
    for again in range(4):  # opened and closed: the first file is written on, others follow it
        log = SqliteLog(tmp_path / "log", clock, file_events=10)
        fresh = range(5 + again * 8, 13 + again * 8)
        assert statuses(log, *range(fresh.stop)) == ["duplicate"] * fresh.start + ["accepted"] * 8
        assert [log.find(f"e{n}").offset for n in range(fresh.stop)] == list(range(1, fresh.stop + 1))
        log.close()
    secrets = [secrets_of(path) for path in sorted((tmp_path / "log").glob("*.db"))]
    assert secrets == [[], secrets[1], secrets[1]]
    assert len(secrets[1]) == 1


@given(st.binary(min_size=1), st.lists(st.text(max_size=40) | st.text("ab", max_size=200), min_size=1, max_size=9))
def test_an_id_has_the_same_hash_alone_and_among_others(secret: bytes, ids: list[str]):
    hashing = Hashing(secret)
    alone = {one: int(hashing.of([one])[0]) for one in ids}
    assert hashing.of(ids).tolist() == [alone[one] for one in ids]
    assert hashing.of(ids + ids).tolist() == [alone[one] for one in ids + ids]
    assert len(set(alone.values())) == len(alone)
    same = [one for one in ids if len(one) == len(ids[0])]
    assert hashing.of(same).tolist() == [alone[one] for one in same]


def test_two_ids_with_the_same_hash_are_two_events(tmp_path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch):
    def coarse(_: Hashing, ids: Iterable[str]) -> Hashes:
        return np.array([len(i) for i in ids], np.int64)

    monkeypatch.setattr(Hashing, "of", coarse)
    log = SqliteLog(tmp_path / "log", clock, file_events=20)
    assert statuses(log, *range(15)) == ["accepted"] * 15
    assert statuses(log, *range(10, 30)) == ["duplicate"] * 5 + ["accepted"] * 15
    assert statuses(log, *range(35)) == ["duplicate"] * 30 + ["accepted"] * 5
    assert log.find("e33").event == event(33)
    log.close()


@given(st.lists(st.lists(st.integers(0, 60), max_size=25), max_size=12), st.sampled_from([1, 8, 4_096]),
       st.integers(1, 9))  # fmt: skip
def test_the_index_of_ids_finds_what_a_dictionary_finds(groups: list[list[int]], room: int, first: int):
    known, offset = {}, first
    with pytest.MonkeyPatch.context() as patch, TemporaryDirectory() as folder:
        patch.setattr("homing.storage.log.seen.FEWEST", room)
        seen = Seen()
        for group in groups:
            asked = np.array(group, np.int64)
            found = {(c.position, c.offset) for c in seen.candidates(asked)}
            assert found == {(n, at) for n, one in enumerate(group) for at in known.get(one, ())}
            seen.add(asked, offset)
            for at, one in enumerate(group, start=offset):
                known.setdefault(one, []).append(at)
            offset += len(group)
        asked = np.arange(-1, 62)
        count = seen.save(Path(folder) / "all.ids.npy")
        wanted = {(n, at) for n, one in enumerate(asked.tolist()) for at in known.get(one, ())}
        for full in (seen, *([Seen.saved(Path(folder) / "all.ids.npy", count)] if count else [])):
            assert {(c.position, c.offset) for c in full.candidates(asked)} == wanted

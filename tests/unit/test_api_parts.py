"""The parts behind the routes: the description, cursors, shared answers, plans, live events for slow readers."""

from __future__ import annotations

import asyncio
import json
import threading
from pathlib import Path

import pytest

from homing.api import openapi, paging
from homing.api.feed import QUEUE, Seen, Skipped, Watcher
from homing.api.memo import Memo
from homing.core.errors import InvalidInput
from homing.core.event import Event, Stored
from homing.core.words import WORDS
from homing.runtime.documents import Change, difference, names_in, read_document

ROOT = Path(__file__).parents[2]


def test_the_written_description_is_that_of_the_code():
    written = json.loads((ROOT / "console" / "openapi.json").read_text(encoding="utf-8"))
    assert written == json.loads(json.dumps(openapi())), "run: homing openapi > console/openapi.json"


def test_every_operation_has_a_name_of_its_own():
    names = [o["operationId"] for methods in openapi()["paths"].values() for o in methods.values()]
    assert len(names) == len(set(names))


def test_a_cursor_comes_back_as_it_was_and_another_list_s_is_refused():
    place = paging.encode(1_514_764_800_000_000, "c1")
    assert paging.decode(place, int, str) == (1_514_764_800_000_000, "c1")
    assert paging.decode(None, int) is paging.decode("", int) is None
    for wrong, kinds in ((place, (str, int)), (place, (int,)), ("é", (int,)), ("AAAA", (int,)), ("e30", (int,))):
        with pytest.raises(InvalidInput) as met:
            paging.decode(wrong, *kinds)
        assert met.value.field == "cursor"


def test_an_answer_many_ask_for_at_once_is_computed_once():
    memo, made, begin = Memo(), [], threading.Barrier(8)

    def ask() -> None:
        begin.wait()
        memo.get("overview", lambda: made.append(1) or len(made), ttl_s=60)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert made == [1]
    assert memo.get("other", lambda: 7, ttl_s=0) == 7
    assert memo.get("other", lambda: 8, ttl_s=0) == 8


def test_an_answer_that_failed_is_not_kept():
    memo = Memo()
    with pytest.raises(ZeroDivisionError):
        memo.get("x", lambda: 1 // 0, ttl_s=60)
    assert memo.get("x", lambda: 1, ttl_s=60) == 1


def test_a_reader_too_slow_for_the_log_is_told_how_much_was_skipped():
    async def run() -> list[object]:
        watcher = Watcher(asyncio.get_running_loop())
        seen = [Seen(Stored(n, 0, Event(event_id=str(n), kind="page", happened_us=0, source_id="s")), None)
                for n in range(1, QUEUE + 41)]  # fmt: skip
        watcher.take(seen)
        first = [watcher.queue.get_nowait() for _ in range(QUEUE)]
        watcher.take([Skipped(2)])
        return [len(first), watcher.queue.get_nowait(), watcher.queue.get_nowait(), watcher.queue.empty()]

    assert asyncio.run(run()) == [QUEUE, Skipped(40), Skipped(2), True]


def test_a_difference_names_the_place():
    old = {"name": {"en": "A", "zh": "甲"}, "nodes": [{"id": "a", "for": "1d"}], "x": 1}
    new = {"name": {"en": "B", "zh": "甲"}, "nodes": [{"id": "a", "for": "2d"}], "y": [1]}
    assert difference(old, new) == [
        Change("name.en", "A", "B"), Change("nodes[0].for", "1d", "2d"), Change("x", 1, None), Change("y", None, [1]),
    ]  # fmt: skip
    assert difference(old, old) == []


def test_a_document_is_kept_as_it_was_written_and_says_what_it_names():
    inside = {"kind": "segment", "id": "a", "name": "A", "condition": {"type": "in_segment", "segment": "b"}}
    kept = read_document(inside)
    assert kept["name"] == {"en": "A"}
    assert names_in(kept) == {("segment", "b")}
    for wrong in ({}, {"kind": "poem"}, inside | {"id": "no spaces"}, inside | {"colour": "red"}):
        with pytest.raises(InvalidInput):
            read_document(wrong)


def test_every_code_that_http_adds_has_words():
    from homing.api.errors import HTTP_CODES

    assert set(HTTP_CODES.values()) <= WORDS["error"].keys()

"""What arrives is seen as it arrives, refused or not, and the call shown for it is the call that made it."""

from __future__ import annotations

import json
import threading
import time
from contextlib import suppress

import httpx
import pytest
from api_world import NOW, World, event, world
from hypothesis import given
from hypothesis import strategies as st

from homing.collect.doors.segment_api import Arrival, translate
from homing.collect.doors.segment_call import call_of, call_text
from homing.collect.reasons import field_of
from homing.collect.rejects import Reject, write_rejects
from homing.core.event import CUSTOMER, Event, Id

pytestmark = pytest.mark.service


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    with world(tmp_path_factory.mktemp("home")) as made:
        yield made


class Watching:
    """A page that watches, in a thread of its own."""

    def __init__(self, client: httpx.Client, **wanted: str) -> None:
        self.seen: list[tuple[str, dict]] = []
        self.ready = threading.Event()
        self._client, self._wanted, self._stop = client, wanted, False
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Watching:
        self._thread.start()
        assert self.ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._stop = True

    def _run(self) -> None:
        with suppress(httpx.HTTPError):  # the client closes when the test is over
            self._read()

    def _read(self) -> None:
        kind = "event"
        with self._client.stream("GET", "/events/live", params=self._wanted, timeout=30) as answer:
            for line in answer.iter_lines():
                self.ready.set()
                if self._stop:
                    return
                if line.startswith("event: "):
                    kind = line.removeprefix("event: ")
                elif line.startswith("data: "):
                    self.seen.append((kind, json.loads(line.removeprefix("data: "))))
                    kind = "event"

    def until(self, n: int) -> list[tuple[str, dict]]:
        ends = time.monotonic() + 60
        while len(self.seen) < n and time.monotonic() < ends:
            time.sleep(0.02)
        time.sleep(0.3)
        return list(self.seen)


def refuse(home: World, n: str, body: dict, code: str = "missing_event", at: int = NOW) -> None:
    row = Reject(at, "shop", "item 0", code, "track without an event", json.dumps(body), shape="call", rejected_id=n)
    with home.runtime.workspace.state.write() as conn:
        write_rejects(conn, [row])


def test_what_was_refused_comes_in_the_same_stream_with_its_reason_in_words(home: World):
    with home.client("editor") as editor, Watching(editor) as page:
        home.add(event("s1", "Seen", {"user_id": "ann"}))
        refuse(home, "no-1", {"type": "track", "userId": "ann"})
        refuse(home, "no-0", {"type": "track", "userId": "bob"}, at=NOW - 1_000_000)  # written late
        seen = page.until(3)
    kinds = [kind for kind, _ in seen]
    assert sorted(kinds) == ["event", "rejected", "rejected"]
    first = next(item for kind, item in seen if item.get("rejected_id") == "no-1")
    assert first["reason"]["text"]["zh"] == "track 调用缺少事件名"
    assert (first["reason"]["field"], json.loads(first["body"])["userId"]) == ("event", "ann")


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ({"verdict": "rejected"}, ["no"]),
        ({"verdict": "accepted"}, ["Ann's", "Bob's"]),
        ({"name": "bob"}, ["Bob's"]),
        ({"id": "ann"}, ["Ann's", "no"]),
        ({"id": "ann", "verdict": "accepted"}, ["Ann's"]),
        ({"source": "elsewhere"}, []),
    ],
)
def test_a_watcher_sees_what_it_asked_for(home: World, wanted, names):
    n = str(time.monotonic_ns())
    with home.client("editor") as editor, Watching(editor, **wanted) as page:
        refuse(home, f"r{n}", {"type": "track", "userId": "ann"})
        home.add(event(f"a{n}", "Ann's", {"user_id": "ann"}), event(f"b{n}", "Bob's", {"user_id": "bob"}))
        seen = page.until(len(names))
    assert sorted(item.get("name", "no") for _, item in seen) == names


def test_a_viewer_follows_a_customer_but_searches_no_identifier_and_sees_no_body(home: World):
    ann = home.person("ann")
    n = str(time.monotonic_ns())
    with home.client("viewer") as viewer, Watching(viewer, id=ann) as hers, home.client("viewer") as other:
        with Watching(other, id="ann.lee@example.com") as by_mail:
            home.add(event(f"v{n}", "Hers", {"user_id": "ann", "email": "ann.lee@example.com"}))
            refuse(home, f"v{n}", {"userId": ann})
            assert [i["name"] for _, i in hers.until(1)] == ["Hers"]
            assert by_mail.seen == []
        assert viewer.get(f"/events/{home.runtime.workspace.log.tail()}").json()["call"] is None


def test_one_event_is_shown_whole_with_the_call_that_makes_it_again(home: World):
    home.add(event("w1", "Big", {"user_id": "ann"}, properties={"n": 9007199254740993, "who": "it's"}))
    offset = home.runtime.workspace.log.tail()
    with home.client("editor") as editor:
        found = editor.get(f"/events/{offset}").json()
        assert '"n": 9007199254740993' in found["call"]  # JavaScript would have lost the last digit
        assert (found["name"], found["context"]) == ("Big", {})
        assert editor.get("/events/999999").status_code == 404


names = st.text("abcdefgh ", min_size=1, max_size=8).map(str.strip).filter(bool)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**62), 2**62) | st.floats(allow_nan=False, allow_infinity=False) | names,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)
objects = st.dictionaries(names, values, max_size=4)
calls = st.fixed_dictionaries(
    {"type": st.sampled_from(["track", "identify", "page", "screen", "group"]), "userId": names, "messageId": names},
    optional={
        "anonymousId": names, "event": names, "name": names, "properties": objects, "traits": objects,
        "context": objects, "timestamp": st.sampled_from(["2017-06-01T10:00:00Z", "2016-01-01T00:00:00.123456+08:00"]),
    },
)  # fmt: skip
ARRIVAL = Arrival("shop", NOW)


@given(calls)
def test_the_call_shown_makes_the_same_event(call):
    call = {"event": "Thing", "groupId": "g"} | call
    first = translate(json.dumps(call).encode(), None, ARRIVAL).event
    assert first is not None
    again = translate((call_text(first) or "").encode(), None, ARRIVAL).event
    assert again == first


def test_what_did_not_come_as_a_call_has_none():
    kept = Event(event_id="order:file:1", kind="track", name="Order Completed", happened_us=NOW, source_id="file",
                 ids=(Id("user_id", "ann"),))  # fmt: skip
    ours = Event(event_id="x", kind="track", name="n", happened_us=NOW, source_id="homing", ids=(Id(CUSTOMER, "c"),))
    assert call_of(kept) is None
    assert call_of(ours) is None


@pytest.mark.parametrize(
    ("code", "message", "field"),
    [
        ("missing_identity", "neither", "userId, anonymousId"),
        ("shape", "Expected `object | null`, got `str` - at `$.properties`", "properties"),
        ("plan_type", "price is a text, wanted a number", "price"),
        ("plan_unknown_event", "the plan does not name this event", ""),
        ("bad_json", "the body cannot be read", ""),
    ],
)
def test_a_reason_names_the_field(code, message, field):
    assert field_of(code, message) == field

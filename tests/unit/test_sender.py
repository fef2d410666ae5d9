"""Messages are handed over once: slowly, brokenly or with a crash in between, never twice."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import select

from homing.act.channels import Message
from homing.act.channels.sandbox import Sandbox
from homing.act.content import Writer
from homing.act.sender import MAX_TRIES, Sender, wait_us
from homing.core.errors import Refused
from homing.core.time import HOUR, MINUTE, SECOND
from homing.storage import schema
from journey_world import content, delay, journey, say, us
from post_office import TRACKER, Post


@pytest.fixture
def post(tmp_path: Path):
    made = Post(tmp_path)
    yield made
    made.sender.close()
    made.log.close()
    made.world.state.close()


def test_a_queued_message_is_handed_over_and_told_to_the_log_with_its_text_kept(post):
    post.queue("ann")
    post.run()
    (taken,) = post.channel.taken
    assert (taken.address, taken.subject) == ("ann@shoppers.example", "Hello Ann")
    assert post.ends() == [("accepted", None)]
    (event,) = [s.event for s in post.log.read(0, 10)]
    assert event.event_id == f"sent:{taken.key}"
    assert event.properties == {
        "send_key": taken.key,
        "channel": "email",
        "journey": "wake",
        "node": "mail",
        "content": "hello",
    }
    with post.world.state.read() as conn:
        kept = conn.execute(select(schema.message)).one()
        row = conn.execute(select(schema.send)).one()
    assert (kept.subject, kept.html, kept.headers) == (taken.subject, taken.html, dict(taken.headers))
    assert (row.accepted_us, row.attempts, row.logged) == (post.world.now_us, 1, 1)


def test_consent_withdrawn_while_it_waits_in_the_queue_is_honoured(post):
    post.queue("ann")
    with post.world.state.write() as conn:
        post.world.say_consent("ann", "withdrawn", conn)
    post.run()
    assert post.channel.taken == ()
    assert post.ends() == [("refused", "consent_withdrawn")]
    assert post.told() == {"Message Refused": 1}


def test_who_left_the_journey_meanwhile_is_not_written_to(post):
    post.world.publish(journey(say(next="d"), delay("d", "9d"), exit_on=[{"event": "Order Completed"}]))
    post.queue("ann")
    post.world.happen("ann", "Order Completed")
    post.run()
    assert post.ends() == [("refused", "left_journey")]


def test_a_message_queued_before_the_night_waits_for_the_morning(tmp_path):
    post = Post(tmp_path, quiet_hours={"start": "21:30", "end": "08:00"})
    post.world.now_us = us("2026-03-02T21:29")
    post.queue("ann")
    post.run("2026-03-02T22:00")
    assert post.sender.next_due() == us("2026-03-03T08:00")
    assert post.channel.taken == ()
    post.run("2026-03-03T08:00")
    assert len(post.channel.taken) == 1


def test_a_failure_for_now_is_tried_again_after_longer_and_longer_waits(tmp_path):
    post = Post(tmp_path, Sandbox(fail_share=1.0))
    post.queue("ann")
    waits = []
    while (due := post.sender.next_due()) is not None:
        waits.append(due - post.world.now_us)
        post.world.now_us = due
        post.run()
    assert len(waits) == MAX_TRIES
    assert waits[0] == 0
    assert all(b > a for a, b in pairwise(waits) if b < 0.75 * HOUR)
    assert post.ends() == [("failed", "gave_up")]
    assert post.told() == {"Message Failed": 1}
    assert 0.7 * 30 * SECOND < wait_us("x", 0) < 1.3 * 30 * SECOND


def test_many_messages_through_a_bad_channel_arrive_once_each(tmp_path):
    post = Post(tmp_path, Sandbox(fail_share=0.4, refuse_share=0.1))
    post.queue(*(f"c{n}" for n in range(120)))
    while (due := post.sender.next_due()) is not None:
        post.world.now_us = max(post.world.now_us, due)
        post.run()
    ends = Counter(post.ends())
    assert ends["accepted", None] == len(post.channel.taken) == len({m.address for m in post.channel.taken})
    assert sum(ends.values()) == 120
    assert 2 < ends["failed", "rejected"] < 30
    assert post.told() == {"Message Sent": ends["accepted", None], "Message Failed": 120 - ends["accepted", None]}


def test_a_channel_that_is_down_rests_costs_no_try_and_what_waited_too_long_expires(tmp_path):
    post = Post(tmp_path, Sandbox(down=True))
    post.queue("ann", "bob")
    post.run()
    assert {(r.status, r.attempts) for r in post.rows()} == {("queued", 0)}
    rests = []
    for _ in range(9):
        due = post.sender.next_due()
        rests.append(due - post.world.now_us)
        post.world.now_us = due
        post.run()
    assert rests == [s * SECOND for s in (5, 10, 20, 40, 80, 160, 300, 300, 300)]
    post.channel = Sandbox()
    post.begin()
    post.run("2026-03-02T10:00")
    assert post.ends() == [("accepted", None)] * 2
    post.queue("cid")
    post.run("2026-03-05T10:01")
    assert post.ends()[2] == ("failed", "expired")


def test_a_dead_channel_does_not_slow_another(tmp_path):
    post = Post(tmp_path)
    slow = Sandbox(slow_ms=1_500)
    post.begin(fax=slow)
    post.queue("f1", segment="fax")
    post.queue(*(f"c{n}" for n in range(100)))
    with post.world.state.write() as conn:
        post.world.say_consent("f1", "granted", conn, "fax")
    steps = 0
    while len(post.channel.taken) < 100:
        post.sender.step(post.world.now_us)
        steps += 1
        assert steps < 50
    assert slow.taken == ()  # still at its first
    post.run()
    assert len(slow.taken) == 1


def test_a_channel_that_is_not_set_up_says_so(post):
    post.queue("ann", segment="fax")
    post.run()
    assert post.ends() == [("failed", "no_channel")]


def test_a_permit_is_good_for_one_address_and_one_send(post):
    post.queue("ann")
    post.run()
    row = post.rows()[0]
    from homing.govern import permit

    with post.world.state.read() as conn:
        leave = permit(conn, "ann", "email", "marketing", row.address, 1, "opt_in")
    other = Message("k", "someone@else.example", "s", "t")
    with pytest.raises(Refused):
        post.channel.send(other, leave)
    post.channel.send(Message("k", row.address, "s", "t"), leave)
    with pytest.raises(Refused):
        post.channel.send(Message("k2", row.address, "s", "t"), leave)


class Killed(BaseException):
    """The process is gone: nothing catches it."""


class Blind(Sandbox, frozen=True):
    """A sandbox that cannot be asked what it took, like SMTP, and may be killed around a call."""

    kill_before: int = 0
    kill_after: int = 0

    def send(self, message, permit):
        n = len(self.taken) + 1
        if n == self.kill_before:
            raise Killed
        answer = super().send(message, permit)
        if n == self.kill_after:
            raise Killed
        return answer

    def look_up(self, key):
        return None


@pytest.mark.parametrize("how", [{"kill_before": 3}, {"kill_after": 3}, {"kill_before": 1}, {"kill_after": 40}])
def test_killed_amid_a_group_nothing_is_sent_twice_and_what_is_unclear_is_said(tmp_path, how):
    post = Post(tmp_path, Blind(**how))
    post.queue(*(f"c{n}" for n in range(50)))
    with pytest.raises(Killed):
        post.run()
    before = post.channel.taken
    post.channel = Blind()
    post.begin()
    post.run()
    got = Counter(m.address for m in (*before, *post.channel.taken))
    assert max(got.values()) == 1
    ends = Counter(post.ends())
    assert ends["unknown", "interrupted"] + ends["accepted", None] == 50
    assert ends["unknown", "interrupted"] <= 32  # one group
    assert post.told() == {"Message Sent": ends["accepted", None], "Message Unknown": ends["unknown", "interrupted"]}
    assert all(r.logged for r in post.rows())


def test_a_channel_that_can_be_asked_leaves_nothing_unclear(tmp_path):
    class Asked(Blind, frozen=True):
        def look_up(self, key):
            return key in {m.key for m in self.taken}

    post = Post(tmp_path, Asked(kill_after=7))
    post.queue(*(f"c{n}" for n in range(20)))
    with pytest.raises(Killed):
        post.run()
    taken = post.channel.taken
    post.channel = Asked()
    post.channel._taken.update({m.key: m for m in taken})
    post.begin()
    post.run()
    assert post.ends() == [("accepted", None)] * 20
    assert len(post.channel.taken) == 20


class Dying:
    """The state store of a process that dies at its n-th write: before it begins, or right before it commits."""

    def __init__(self, state, at: int, *, committed: bool):
        self._state, self._left, self._committed = state, at, committed

    def __getattr__(self, name):
        return getattr(self._state, name)

    def write(self):
        self._left -= 1
        if self._left == 0 and not self._committed:
            raise Killed
        return _After(self._state.write(), die=self._left == 0)


class _After:
    def __init__(self, inner, *, die: bool):
        self._inner, self._die = inner, die

    def __enter__(self):
        return self._inner.__enter__()

    def __exit__(self, *error):
        self._inner.__exit__(*error)
        if self._die:
            raise Killed


@pytest.mark.parametrize("committed", [False, True])
@pytest.mark.parametrize("at", range(1, 7))
def test_killed_around_any_write_nothing_is_sent_twice_and_nothing_is_forgotten(tmp_path, at, committed):
    post = Post(tmp_path, Blind())
    post.queue(*(f"c{n}" for n in range(70)))
    writer = Writer(post.world.state, post.world.settings, TRACKER, None)
    dying = Dying(post.world.state, at, committed=committed)
    post.sender = Sender(dying, post.log, {"email": post.channel}, writer, post.world.settings)
    with suppress(Killed):
        post.run()
        post.sender.close()
    post.begin()
    post.run()
    assert max(Counter(m.address for m in post.channel.taken).values()) == 1
    ends = Counter(post.ends())
    assert ends["unknown", "interrupted"] + ends["accepted", None] == 70
    assert ends["accepted", None] <= len(post.channel.taken)
    assert sum(post.told().values()) == 70
    assert all(r.logged for r in post.rows())


def test_two_messages_of_one_visit_have_two_keys_and_deciding_again_has_one(post):
    post.world.publish(
        content(), journey(say("a", next="b"), say("b", next="d"), delay("d", "1d", "a2"), say("a2"), id="two")
    )
    post.queue("ann")
    assert len({r.send_key for r in post.rows()}) == len(post.rows()) == 3
    assert wait_us("k", 3) == wait_us("k", 3) <= 5 * MINUTE

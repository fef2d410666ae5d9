"""The gate: four checks in a fixed order, each with a reason."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from homing.act.gate import Allowed, Candidate, Deferred, Earlier, Refusal, Rules, ask, quiet_until
from homing.core.settings import Cap, QuietHours
from homing.core.time import DAY, local_hour
from journey_world import NIGHT, World, campaign, delay, journey, say, us

NOON = us("2026-03-04T12:00")  # a Wednesday
ANN = Candidate("email", NOON, "UTC")
WEEKLY = Rules((Cap(channel="email", count=1, per="week"),), NIGHT)


def test_the_first_check_that_objects_decides():
    night = us("2026-03-04T23:00")
    now = replace(ANN, objection="suppressed", arm="control", earlier=[Earlier("email", NOON - 1)], now_us=night)
    reasons = [ask(now, WEEKLY)]
    for mended in ({"objection": None}, {"arm": "treated"}, {"earlier": ()}, {"now_us": NOON}):
        now = replace(now, **mended)
        reasons.append(ask(now, WEEKLY))
    morning = Deferred(us("2026-03-05T08:00"))
    assert reasons == [Refusal("suppressed"), Refusal("holdout"), Refusal("frequency_cap"), morning, Allowed()]


@pytest.mark.parametrize(
    ("per", "since", "before"),
    [  # in New York a day begins at 05:00 UTC in winter; 4 March 2026 is a Wednesday
        ("day", "2026-03-04T05:00Z", "2026-03-04T04:59Z"),
        ("week", "2026-03-02T05:00Z", "2026-03-02T04:59Z"),
        ("month", "2026-03-01T05:00Z", "2026-03-01T04:59Z"),
        ("24h", "2026-03-03T12:01Z", "2026-03-03T12:00Z"),
    ],
)
def test_a_cap_counts_the_customers_own_calendar_or_the_last_hours(per, since, before):
    rules = Rules((Cap(count=1, per=per, channel="any"),))
    ann = replace(ANN, zone="America/New_York")
    assert ask(replace(ann, earlier=[Earlier("sms", us(since))]), rules) == Refusal("frequency_cap")
    assert ask(replace(ann, earlier=[Earlier("sms", us(before))]), rules) == Allowed()


def test_a_cap_of_one_channel_does_not_count_another():
    assert ask(replace(ANN, earlier=[Earlier("sms", NOON)]), WEEKLY) == Allowed()


ZONES = ["UTC", "America/New_York", "Asia/Shanghai", "Australia/Lord_Howe"]


@given(st.integers(0, 400 * DAY // 60_000_000), st.sampled_from(ZONES))
def test_quiet_hours_end_when_they_say_and_it_is_not_quiet_then(minute, zone):
    now = us("2026-01-01") + minute * 60_000_000
    until = quiet_until(now, zone, NIGHT)
    if until is None:
        assert 8 <= local_hour(now, zone) <= 21
    else:
        assert now < until <= now + 12 * 3_600_000_000
        assert local_hour(until, zone) == 8
        assert quiet_until(until, zone, NIGHT) is None


def test_quiet_hours_within_one_day_and_none_at_all():
    siesta = QuietHours(start="12:00", end="14:00")
    assert quiet_until(NOON, "UTC", siesta) == us("2026-03-04T14:00")
    assert quiet_until(us("2026-03-04T14:00"), "UTC", siesta) is None
    assert quiet_until(NOON, "UTC", QuietHours(start="12:00", end="12:00")) is None


def test_at_night_a_message_waits_for_the_morning_and_is_asked_about_again(tmp_path):
    world = World(tmp_path, quiet_hours={"start": "21:30", "end": "08:00"}, now="2026-03-02T22:00")
    world.people.get("ann").traits["timezone"] = "Asia/Tokyo"  # 07:00 there
    world.publish(journey(say()))
    for who in ("ann", "bob", "cid"):
        world.enter(who, "dormant")
    assert world.sends() == []
    world.until("2026-03-03T03:00")
    world.people.get("bob").consent = "withdrawn"  # while it waited
    world.open()
    world.until("2026-03-03T12:00")
    ann, bob, cid = sorted(world.sends())
    assert ann == ("ann", "mail", "queued", None)
    assert bob == ("bob", "mail", "refused", "consent_withdrawn")
    assert cid == ("cid", "mail", "queued", None)
    assert world.decided() == [us("2026-03-02T23:00"), us("2026-03-03T08:00"), us("2026-03-03T08:00")]
    (told,) = world.told("Message Refused")
    assert told.properties["reason"] == "consent_withdrawn"


def test_an_order_at_night_stops_the_message_of_the_morning(tmp_path):
    world = World(tmp_path, quiet_hours={"start": "21:30", "end": "08:00"}, now="2026-03-02T22:00")
    world.publish(journey(say(), exit_on=[{"event": "Order Completed"}]))
    world.enter("ann", "dormant")
    world.happen("ann", "Order Completed")
    world.until("2026-03-03T12:00")
    assert world.sends() == []


def test_a_cap_holds_across_journeys_campaigns_and_restarts(tmp_path):
    world = World(tmp_path, caps=[{"channel": "email", "count": 2, "per": "week"}])
    later = (delay("d", "1h", "mail"), say(next="e"), delay("e", "5d", "more"), say("more", next="f"))
    world.publish(
        *(journey(say(), id=f"j{n}") for n in range(2)),
        journey(*later, delay("f", "3d", "last"), say("last"), id="j2"),
    )
    world.enter("ann", "dormant")
    world.open()
    world.until("2026-03-30T00:00")
    #  Monday 2 March: two journeys send; the third is refused then and on Saturday, and passes on the Tuesday after
    assert [(node, status, reason) for _, node, status, reason in world.sends()] == [
        ("mail", "queued", None), ("mail", "queued", None), ("mail", "refused", "frequency_cap"),
        ("more", "refused", "frequency_cap"), ("last", "queued", None),
    ]  # fmt: skip


def test_a_campaign_may_bring_its_own_caps(tmp_path):
    world = World(tmp_path, caps=[{"channel": "email", "count": 1, "per": "week"}])
    world.publish(
        campaign(0, caps=[{"channel": "email", "count": 5, "per": "week"}]), journey(say("a", next="b"), say("b"))
    )
    world.enter("ann", "dormant")
    assert [status for _, _, status, _ in world.sends()] == ["queued", "queued"]


@pytest.mark.parametrize(
    ("change", "reason"),
    [({"consent": "absent"}, "no_consent"), ({"email": None}, "no_address"), ({"suppressed": True}, "suppressed")],
)
def test_every_refusal_is_a_row_and_an_event_with_its_reason(tmp_path, change, reason):
    world = World(tmp_path)
    world.publish(journey(say()))
    for name, value in change.items():
        setattr(world.people.get("ann"), name, value)
    world.enter("ann", "dormant")
    assert world.sends() == [("ann", "mail", "refused", reason)]
    (told,) = world.told("Message Refused")
    assert told.properties | {"send_key": ""} == {
        "send_key": "",
        "channel": "email",
        "journey": "wake",
        "node": "mail",
        "reason": reason,
    }
    assert world.visits()[0][2] == "done"  # the visit goes on

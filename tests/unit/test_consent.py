"""Nobody is written to who said no: the newest word counts, a no survives a merge, a permit is good once."""

from __future__ import annotations

from pathlib import Path

import pytest

from homing.core.errors import Refused
from homing.core.time import HOUR
from homing.govern import Permit, permit
from homing.govern.consent import consents_of
from people_world import World

ANN, MAIL, CARD = ("user_id", "ann"), ("email", "ann@a.example"), ("member_card", "7")
ADDRESS = "ann@a.example"


@pytest.fixture
def world(tmp_path: Path):
    made = World(tmp_path, warehouse=False)
    yield made
    made.close()


def says(world: World, who: tuple[str, str], status: str, channel: str = "email", purpose: str = "marketing") -> str:
    world.now_us += HOUR
    return world.track("Consent Updated", [who], purpose=purpose, channel=channel, status=status)


def asked(
    world: World, who: str, *, default: str = "opt_in", purpose: str = "marketing", address: str | None = ADDRESS
) -> Permit | str:
    """The permit the tables give, or the reason why not; the stream's answer is the same."""
    world.flush()
    stream = world.consent.refusal(who, purpose, "email", address, default)
    with world.state.read() as conn:
        if stream is None:
            return permit(conn, who, "email", purpose, address, world.now_us, default)
        with pytest.raises(Refused) as no:
            permit(conn, who, "email", purpose, address, world.now_us, default)
    assert no.value.details["reason"] == stream
    return stream


def test_silence_means_what_the_workspace_says(world: World):
    ann = world.track("Signed In", [ANN])
    assert asked(world, ann) == "no_consent"
    assert isinstance(asked(world, ann, default="opt_out"), Permit)
    assert isinstance(asked(world, ann, purpose="service"), Permit)  # a receipt needs no consent
    assert asked(world, ann, address=None, default="opt_out") == "no_address"


def test_the_newest_word_counts_also_when_it_was_about_any_channel(world: World):
    ann = says(world, ANN, "granted")
    assert isinstance(asked(world, ann), Permit)
    says(world, ANN, "withdrawn", channel="any", purpose="any")
    assert asked(world, ann) == "consent_withdrawn"
    says(world, ANN, "granted")
    assert isinstance(asked(world, ann), Permit)
    world.track("Unsubscribed", [ANN], channel="email")
    assert asked(world, ann) == "consent_withdrawn"  # same instant: a tie means no


def test_a_word_that_arrives_late_does_not_undo_a_newer_one(world: World):
    ann = says(world, ANN, "withdrawn")
    world.track("Consent Updated", [ANN], world.now_us - HOUR, purpose="marketing", channel="email", status="granted")
    assert asked(world, ann) == "consent_withdrawn"


def test_of_two_customers_who_become_one_the_stricter_word_survives(world: World):
    says(world, CARD, "withdrawn", channel="any", purpose="any")
    says(world, MAIL, "granted")  # newer, but said by the other half
    ann = world.track("Signed In", [CARD, MAIL])
    assert asked(world, ann) == "consent_withdrawn"
    world.restart()
    assert asked(world, ann) == "consent_withdrawn"
    with world.state.read() as conn:
        assert {(p, c, w.status) for p, c, w in consents_of(conn, ann)} == {
            ("any", "any", "withdrawn"), ("marketing", "email", "withdrawn")
        }  # fmt: skip
    says(world, MAIL, "granted")  # the one person may change their mind
    assert isinstance(asked(world, ann), Permit)


@pytest.mark.parametrize(
    ("name", "properties", "blocked"),
    [
        ("Message Bounced", {"channel": "email", "address": "Ann@A.example"}, True),
        ("Message Bounced", {"channel": "email", "address": ADDRESS, "bounce": "soft"}, False),
        ("Message Complained", {"channel": "email", "address": ADDRESS}, True),
        ("Message Bounced", {"channel": "sms", "address": ADDRESS}, False),
    ],
)
def test_an_address_that_bounced_for_good_or_complained_is_not_written_to(world: World, name, properties, blocked):
    ann = says(world, ANN, "granted")
    world.track(name, [ANN], **properties)
    assert (asked(world, ann) == "suppressed") is blocked
    world.restart()
    assert world.consent.is_suppressed("email", ADDRESS) is blocked


def test_a_permit_is_good_for_one_send_to_one_address_and_cannot_be_made_elsewhere(world: World):
    found = asked(world, says(world, ANN, "granted"))
    with pytest.raises(Refused):
        found.spend("someone@else.example")
    found.spend(ADDRESS)
    with pytest.raises(Refused):
        found.spend(ADDRESS)
    with pytest.raises(Refused):
        Permit(found.customer_id, "email", "marketing", ADDRESS, 0, object())

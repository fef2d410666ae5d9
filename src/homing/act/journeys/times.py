"""When is it that time of day where she is? Her own zone and hour, as far as we know them.

A zone that is no IANA name and an hour that is none count as unknown. A time a clock change skips is the next that
exists; one that comes twice is the first.
"""

from __future__ import annotations

from datetime import time

from homing.act.definitions.journey import DelayUntil
from homing.act.facts import Facts
from homing.act.gate import zone_or
from homing.core.errors import InvalidInput
from homing.core.time import next_local, time_of_day

ZONE_TRAIT = "timezone"


def zone_for(facts: Facts, customer_id: str, default: str) -> str:
    """The customer's zone; the workspace's when hers is unknown."""
    return zone_or(facts.trait(customer_id, ZONE_TRAIT), default)


def until_us(node: DelayUntil, facts: Facts, customer_id: str, now_us: int, default_zone: str) -> int:
    """The instant a `delay_until` ends, at or after `now_us`."""
    zone = zone_for(facts, customer_id, default_zone) if node.zone == "customer" else default_zone
    wanted = time_of_day(node.time)
    if node.trait is not None:
        wanted = hour_of(facts.trait(customer_id, node.trait)) or wanted
    return next_local(now_us, wanted, zone)


def hour_of(value: object) -> time | None:
    """An hour 0 .. 23 or an HH:MM as a time of day; None for anything else."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return time(int(value)) if 0 <= value < 24 else None
    try:
        return time_of_day(str(value))
    except InvalidInput:
        return None

"""May this message go to this person now? Four small checks in a fixed order; the first that objects decides.

consent and suppression → holdout → frequency caps → quiet hours. All but the last refuse for good; quiet hours put off
and name the instant at which everything is asked again. Nothing here reads a clock or a store. A message counts
against a cap from the moment it was decided, whatever became of it, so a replay refuses the same messages.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import time, timedelta
from typing import NamedTuple

from homing.core.errors import InvalidInput
from homing.core.settings import Cap, QuietHours
from homing.core.time import duration_us, local_day, local_instant, next_local, time_of_day, zone_of
from homing.decide.assign import CONTROL

SERVICE = "service"  # a receipt, a password: no caps and no quiet hours: the customer waits for it
CALENDAR = ("day", "week", "month")


class Earlier(NamedTuple):
    """A message decided before: on which channel and when."""

    channel: str
    at_us: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A message someone wants to send, and what is known of the person at this instant."""

    channel: str
    now_us: int
    zone: str
    objection: str | None = None  # of `govern`: no_address, suppressed, no_consent, consent_withdrawn
    arm: str = ""
    earlier: Sequence[Earlier] = ()


@dataclass(frozen=True, slots=True)
class Rules:
    """What the workspace and the campaign ask for."""

    caps: tuple[Cap, ...] = ()
    quiet_hours: QuietHours | None = None


class Allowed(NamedTuple):
    """Nobody objects."""


class Refusal(NamedTuple):
    """Not to be sent, and why."""

    reason: str


class Deferred(NamedTuple):
    """Not now; ask everything again at `until_us`."""

    until_us: int


Answer = Allowed | Refusal | Deferred


def ask(candidate: Candidate, rules: Rules) -> Answer:
    """The answer of the first check that objects; Allowed when none does."""
    for check in _ORDER:
        answer = check(candidate, rules)
        if answer is not None:
            return answer
    return Allowed()


def check_consent(candidate: Candidate, _rules: Rules) -> Answer | None:
    """Has the person agreed, and is there an address that is not suppressed? `govern` says."""
    return None if candidate.objection is None else Refusal(candidate.objection)


def check_holdout(candidate: Candidate, _rules: Rules) -> Answer | None:
    """Is the person in the control group?"""
    return Refusal("holdout") if candidate.arm == CONTROL else None


def check_caps(candidate: Candidate, rules: Rules) -> Answer | None:
    """Has the person had enough?"""
    for cap in rules.caps:
        if cap.channel not in {"any", candidate.channel}:
            continue
        since = window_start(cap.per, candidate.now_us, candidate.zone)
        n = sum(e.at_us >= since and cap.channel in {"any", e.channel} for e in candidate.earlier)
        if n >= cap.count:
            return Refusal("frequency_cap")
    return None


def check_quiet_hours(candidate: Candidate, rules: Rules) -> Answer | None:
    """Is it night where the person is?"""
    until = quiet_until(candidate.now_us, candidate.zone, rules.quiet_hours)
    return None if until is None else Deferred(until)


_ORDER: tuple[Callable[[Candidate, Rules], Answer | None], ...] = (
    check_consent,
    check_holdout,
    check_caps,
    check_quiet_hours,
)


def window_start(per: str, now_us: int, zone: str) -> int:
    """The instant a cap's window begins: local midnight of the day, Monday or first of the month, or `per` ago.

    Args:
        per: day, week, month, or a rolling duration such as 7d.
        now_us: the instant of the question.
        zone: the person's zone; calendar windows begin at midnight there.

    Returns:
        Microseconds; what was decided at or after it counts. A rolling window leaves out its own first instant.
    """
    if per not in CALENDAR:
        return now_us - duration_us(per) + 1
    day = local_day(now_us, zone)
    if per == "week":
        day -= timedelta(days=day.weekday())
    elif per == "month":
        day = day.replace(day=1)
    return local_instant(day, time(0), zone)


def quiet_until(now_us: int, zone: str, quiet: QuietHours | None) -> int | None:
    """When quiet hours end, if it is quiet now; None when it is not.

    The start belongs to the quiet, the end does not. Equal start and end mean there are none.
    """
    if quiet is None or quiet.start == quiet.end:
        return None
    start, end = time_of_day(quiet.start), time_of_day(quiet.end)
    today = local_day(now_us, zone)
    for day in (today - timedelta(days=1), today):
        begins = local_instant(day, start, zone)
        ends = next_local(begins, end, zone)
        if begins <= now_us < ends:
            return ends
    return None


def earliest_needed(caps: Sequence[Cap], now_us: int, zone: str) -> int:
    """How far back the earlier messages must be known for these caps; `now_us` when there are none."""
    return min((window_start(c.per, now_us, zone) for c in caps), default=now_us)


def zone_or(named: object, default: str) -> str:
    """The zone a customer names, if it is one; else the default."""
    if not isinstance(named, str) or not named:
        return default
    try:
        zone_of(named)
    except InvalidInput:
        return default
    return named

"""Is this event as planned and by the rules? Asked of every event between its translation and the log.

The answer is: refuse it, and why; or let it in, perhaps with warnings, perhaps with marks that stay on the event
(`context.violations`), so that whoever looks at it later sees what was not as wanted. A source without plan and
rules costs one look in a dictionary.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec

from homing.collect.definitions.plan import Plan, PlannedEvent
from homing.collect.definitions.rules import Freshness, Reference, Rules, Unique, Volume
from homing.collect.quality.checks import Wish, Wrong, of_property, of_rule
from homing.collect.quality.clean import Cleaner, Rates
from homing.collect.quality.memory import Known, Seen
from homing.collect.quality.reach import MISSING, reach_of
from homing.core.event import Event
from homing.core.time import DAY

MARKS = "violations"
MAX_MARKS = 20
MAX_SAID = 300  # characters; marks of before say nothing


class Refusal(NamedTuple):
    """Why an event is not taken."""

    code: str
    message: str


class Looked(NamedTuple):
    """What was found about an event."""

    refused: Refusal | None = None
    warnings: tuple[str, ...] = ()
    marks: tuple[dict[str, str], ...] = ()


CLEAR = Looked()


class Inspector:
    """Plans and rules, compiled; never changed, only replaced.

    Args:
        plans: the plans in force.
        rules: the rules in force.
        known: what references may name.
        rates: exchange rates; none converts nothing.
        region: of phone numbers where the rules name none.
        zone: of times where the rules name none.
    """

    def __init__(
        self, plans: Iterable[Plan] = (), rules: Iterable[Rules] = (), *, known: Known | None = None,
        rates: Rates | None = None, region: str = "US", zone: str = "UTC",
    ) -> None:  # fmt: skip
        self._known = known or Known()
        plans, rules = tuple(plans), tuple(rules)
        self._everywhere = tuple(_PlanDesk(p) for p in plans if not p.sources)
        named = {s for p in plans for s in p.sources} | {r.source for r in rules}
        desks = {s: tuple(_PlanDesk(p) for p in plans if s in p.sources) + self._everywhere for s in named}
        self._desks: dict[str, tuple[_Desk, ...]] = {
            s: (*desks[s], *(_RuleDesk(r, self._known) for r in rules if r.source == s)) for s in named
        }
        self._cleaners = {
            r.source: Cleaner(r.clean, rates=rates, region=region, zone=zone)
            for r in rules if r.clean.model_fields_set
        }  # fmt: skip
        self.active = bool(self._everywhere or self._desks)
        self._learns = any(isinstance(rule, Reference) for r in rules for rule in r.rules)

    def clean(self, event: Event) -> tuple[Event, tuple[str, ...]]:
        """The event with its values made uniform, and what could not be read."""
        cleaner = self._cleaners.get(event.source_id)
        return cleaner.clean(event) if cleaner is not None else (event, ())

    def look(self, event: Event, seen: Seen | None = None, run: str = "") -> Looked:
        """Look at one event.

        Args:
            event: as it would be kept.
            seen: remembers the values of unique fields; without it uniqueness is not asked.
            run: the file or call the event comes with, for what is unique within a file.
        """
        desks = self._desks.get(event.source_id, self._everywhere)
        if not desks and not self._learns:
            return CLEAR
        found = [one for desk in desks for one in desk.ask(event, seen, run)]
        refused = next((f for f in found if f.then == "block"), None)
        if refused is not None:
            return Looked(Refusal(refused.wrong.code, refused.wrong.message))
        if self._learns:
            self._known.learn(event)
        if not found:
            return CLEAR
        warnings = tuple(f"{f.wrong.code}: {f.wrong.message}" for f in found if f.then == "warn")
        marks = tuple(
            {"code": f.wrong.code, "field": f.wrong.field, "by": f.by, "said": f.wrong.message}
            for f in found[:MAX_MARKS]
        )
        return Looked(None, warnings, marks)


def marked(event: Event, marks: Sequence[dict[str, str]]) -> Event:
    """The event with what was found about it; without marks it says nothing of the kind, whoever sent it."""
    if not marks and MARKS not in event.context:
        return event
    context = {k: v for k, v in event.context.items() if k != MARKS}
    return msgspec.structs.replace(event, context=context | ({MARKS: list(marks)} if marks else {}))


def violations_of(event: Event) -> list[dict[str, str]]:
    """What was found about an event when it came; a client may have written the same place, so it is read with care."""
    marks = event.context.get(MARKS)
    wanted = ("code", "field", "by")
    listed = marks if isinstance(marks, list) else []
    return [
        {name: str(one[name]) for name in wanted} | {"said": str(one.get("said", ""))[:MAX_SAID]}
        for one in listed if isinstance(one, dict) and all(name in one for name in wanted)
    ]  # fmt: skip


class _Found(NamedTuple):
    wrong: Wrong
    then: str  # observe | warn | block
    by: str


class _PlanDesk:
    """One plan, by kind of call and name."""

    def __init__(self, plan: Plan) -> None:
        self._by = f"plan:{plan.id}"
        self._mode, self._unknown = plan.mode, plan.unknown
        self._events = {(e.type, e.event): _Expected(e) for e in plan.events}
        self._kinds = {"track"} | {e.type for e in plan.events}

    def ask(self, event: Event, _seen: Seen | None, _run: str) -> list[_Found]:
        expected = self._events.get((event.kind, event.name))
        if expected is None and event.kind != "track":
            expected = self._events.get((event.kind, ""))
        if expected is None:
            if self._unknown == "ignore" or event.kind not in self._kinds:
                return []
            wrong = Wrong("plan_unknown_event", "", "the plan does not name this event")
            return [_Found(wrong, self._unknown, self._by)]
        return [_Found(wrong, self._mode, self._by) for wrong in expected.wrongs(payload_of(event))]


class _Expected:
    """What a plan wants of one event."""

    def __init__(self, event: PlannedEvent) -> None:
        self._wishes = [w for path, p in event.properties.items() if (w := of_property(path, p)) is not None]
        roots = {path.split(".")[0].removesuffix("[]") for path in event.properties}
        self._named = roots | set(event.properties) if event.others == "report" else None

    def wrongs(self, payload: dict[str, Any]) -> list[Wrong]:
        found = [wrong for wish in self._wishes if (wrong := wish.wrong(payload)) is not None]
        if self._named is not None:
            found += [
                Wrong("plan_unknown_property", name, f"{name} is not in the plan")
                for name in payload if name not in self._named
            ]  # fmt: skip
        return found


class _RuleDesk:
    """The row rules of one source."""

    def __init__(self, rules: Rules, known: Known) -> None:
        by = f"rules:{rules.id}"
        self._rows = [
            (rule.event, "block" if rule.then == "refuse" else "warn", by, self._compiled(rule, n, known))
            for n, rule in enumerate(rules.rules) if not isinstance(rule, Freshness | Volume)
        ]  # fmt: skip
        self._source = rules.source

    def ask(self, event: Event, seen: Seen | None, run: str) -> list[_Found]:
        named = (event.name, event.kind, "")
        payload = _with_envelope(event)
        out = []
        for wanted, then, by, wish in self._rows:
            if wanted in named:
                wrong = wish.wrong(payload, event, seen, run)
                if wrong is not None:
                    out.append(_Found(wrong, then, by))
        return out

    @staticmethod
    def _compiled(rule: Any, n: int, known: Known) -> _UniqueWish | _ReferenceWish | _PlainWish:
        if isinstance(rule, Unique):
            return _UniqueWish(rule, n)
        if isinstance(rule, Reference):
            return _ReferenceWish(rule, known)
        return _PlainWish(of_rule(rule))


_Desk = _PlanDesk | _RuleDesk


class _PlainWish:
    def __init__(self, wish: Wish) -> None:
        self._wish = wish

    def wrong(self, payload: dict[str, Any], _event: Event, _seen: Seen | None, _run: str) -> Wrong | None:
        return self._wish.wrong(payload)


class _UniqueWish:
    def __init__(self, rule: Unique, n: int) -> None:
        self._rule, self._n, self._find = rule, n, reach_of(rule.field)

    def wrong(self, payload: dict[str, Any], event: Event, seen: Seen | None, run: str) -> Wrong | None:
        if seen is None or (self._rule.within == "file" and not run):
            return None
        span = run if self._rule.within == "file" else event.happened_us // DAY
        for value in self._find(payload):
            if value is MISSING or isinstance(value, dict | list):
                continue
            if seen.is_taken((event.source_id, self._rule.event, self._rule.field, span), value, event.event_id):
                return Wrong("rule_unique", self._rule.field, f"{self._rule.field} was used by another event")
        return None


class _ReferenceWish:
    def __init__(self, rule: Reference, known: Known) -> None:
        self._rule, self._known, self._find = rule, known, reach_of(rule.field)

    def wrong(self, payload: dict[str, Any], _event: Event, _seen: Seen | None, _run: str) -> Wrong | None:
        for value in self._find(payload):
            if value is not MISSING and not self._known.has(self._rule.to, value):
                field, to = self._rule.field, self._rule.to
                return Wrong("rule_reference", field, f"{field} names none of the {to} there are")
        return None


def payload_of(event: Event) -> dict[str, Any]:
    """What an event says: properties, of `identify` and `group` the traits."""
    return event.traits if event.kind in {"identify", "group"} else event.properties


def _with_envelope(event: Event) -> dict[str, Any]:
    """The payload, with `ids.phone` and `context.page.path` within reach."""
    return {"ids": {i.type: i.value for i in event.ids}, "context": event.context, **payload_of(event)}

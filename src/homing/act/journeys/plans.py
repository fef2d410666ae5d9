"""Which journeys run, in which versions, and which events matter to them? Documents made ready for the stream.

New visits take the version in force; a visit under way keeps its own. An event whose name no journey mentions costs
one look into a set.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from homing.act.definitions.campaign import Campaign
from homing.act.definitions.journey import EnterByEvent, EnterBySegment, EventMatch, Journey, Node, WaitFor
from homing.core.condition_values import Test, matcher
from homing.core.event import Event
from homing.storage import definitions

LIVE = "live"


class Match:
    """An event filter made ready."""

    def __init__(self, wanted: EventMatch) -> None:
        self.event = wanted.event
        self._tests: list[tuple[str, Test]] = [(w.property, matcher(w.op, w.value)) for w in wanted.where]

    def __call__(self, event: Event) -> bool:
        """Is it this event?"""
        return event.name == self.event and all(test(event.properties.get(name)) for name, test in self._tests)


@dataclass(frozen=True, slots=True)
class Plan:
    """One version of a journey, ready to run."""

    journey: Journey
    version: int
    nodes: dict[str, Node]
    exits: tuple[Match, ...]
    waits: dict[str, tuple[tuple[Match, str], ...]]  # wait_for node -> what leads where
    entry: Match | None
    names: frozenset[str]  # every event name it asks about

    @property
    def id(self) -> str:
        """The journey's id."""
        return self.journey.id

    @property
    def start(self) -> str:
        """The node everyone begins at."""
        return self.journey.nodes[0].id

    def leads(self, node_id: str, event: Event) -> str | None:
        """Where an event leads from a wait; None when it is not awaited there."""
        return next((to for match, to in self.waits.get(node_id, ()) if match(event)), None)

    def remembered(self, event: Event) -> Iterable[tuple[str, str]]:
        """The waits that an event satisfies before they are reached: node and where it leads."""
        for node_id in self.waits:
            node = self.nodes[node_id]
            if isinstance(node, WaitFor) and node.already == "since_entry":
                to = self.leads(node_id, event)
                if to is not None:
                    yield node_id, to


def make(journey: Journey, version: int) -> Plan:
    """The plan of a document."""
    exits = tuple(Match(m) for m in journey.exit_on)
    waits = {n.id: tuple((Match(a), a.to) for a in n.events) for n in journey.nodes if isinstance(n, WaitFor)}
    entry = Match(journey.entry) if isinstance(journey.entry, EnterByEvent) else None
    names = {m.event for m in exits} | {m.event for pairs in waits.values() for m, _ in pairs}
    if entry is not None:
        names.add(entry.event)
    return Plan(journey, version, {n.id: n for n in journey.nodes}, exits, waits, entry, frozenset(names))


class PlanBook:
    """The plans of a workspace."""

    def __init__(self) -> None:
        self._plans: dict[tuple[str, int], Plan] = {}
        self._live: dict[str, Plan] = {}  # journey id -> what new visits take
        self._status: dict[str, str] = {}
        self._campaigns: dict[str, Campaign] = {}  # journey id -> the live campaign that runs it
        self.names: frozenset[str] = frozenset()

    def load(self, conn: Connection, in_use: Iterable[tuple[str, int]]) -> None:
        """Read the journeys that are live, the versions that visits are on, and the live campaigns."""
        plans: dict[tuple[str, int], Plan] = {}
        live: dict[str, Plan] = {}
        status: dict[str, str] = {}
        for found in definitions.published(conn, "journey"):
            status[found.id] = found.status
            if found.status == LIVE:
                plan = self._plan(found)
                live[found.id] = plans[found.id, found.version] = plan
        for journey_id, version in in_use:
            old = definitions.find(conn, "journey", journey_id, version=version)
            if (journey_id, version) not in plans and old is not None:
                plans[journey_id, version] = self._plan(old)
        self._plans, self._live, self._status = plans, live, status
        self._campaigns = self._read_campaigns(conn)
        self.names = frozenset().union(*(p.names for p in plans.values()))

    def of(self, journey_id: str, version: int) -> Plan | None:
        """The plan of one version; None when its document is gone."""
        return self._plans.get((journey_id, version))

    def runs(self, journey_id: str) -> bool:
        """Do visits of this journey move on?"""
        return self._status.get(journey_id) == LIVE

    def live(self, journey_id: str) -> Plan | None:
        """What new visits of a journey take; None when it is not live."""
        return self._live.get(journey_id)

    def entered_by_segment(self, segment_id: str) -> list[Plan]:
        """The live journeys that membership of a segment starts."""
        return [
            p
            for p in self._live.values()
            if isinstance(p.journey.entry, EnterBySegment) and p.journey.entry.segment == segment_id
        ]

    def entered_by_event(self, event: Event) -> list[Plan]:
        """The live journeys that an event starts."""
        return [p for p in self._live.values() if p.entry is not None and p.entry(event)]

    def campaign(self, journey_id: str) -> Campaign | None:
        """The live campaign that runs a journey."""
        return self._campaigns.get(journey_id)

    def _plan(self, found: definitions.Definition) -> Plan:
        known = self._plans.get((found.id, found.version))
        return known or make(Journey.model_validate(found.document), found.version)

    @staticmethod
    def _read_campaigns(conn: Connection) -> dict[str, Campaign]:
        out: dict[str, Campaign] = {}
        for found in definitions.published(conn, "campaign"):
            if found.status == LIVE:
                campaign = Campaign.model_validate(found.document)
                out.setdefault(campaign.journey, campaign)
        return out

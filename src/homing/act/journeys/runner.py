"""Who goes where in a journey, and when? The stage of the stream that moves visits from node to node.

Exit rules and waits act on the event itself; delays and time-outs are timers. Each step is an event in the log, its id
made of the visit and the number of the step, so replaying gives the same steps. History (an event older than a day when
it came in) enters and moves nobody. A pause keeps everyone where they are: time-outs and awaited events that come up
meanwhile are remembered and take effect when it ends; exits act at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection

from homing.act.definitions.campaign import Campaign
from homing.act.definitions.journey import (
    Branch,
    Delay,
    DelayUntil,
    EnterBySegment,
    Exit,
    Message,
    Node,
    Reentry,
    WaitFor,
)
from homing.act.facts import Facts
from homing.act.journeys.assignments import AssignmentBook
from homing.act.journeys.messages import MessageStep
from homing.act.journeys.plans import Plan, PlanBook
from homing.act.journeys.times import until_us
from homing.act.journeys.visits import DONE, EXITED, Visit, VisitBook, visit_id
from homing.act.ledger import LedgerBook
from homing.core.event import Event, Stored, own_event
from homing.core.settings import Settings
from homing.core.time import DAY, duration_us
from homing.core.turn import MembershipChange, Timer, Turn
from homing.storage.definitions import Definition
from homing.storage.state.store import State

TIMER = "journey"
MAX_AGE_US = DAY  # an event received later than this after it happened is history
MAX_STEPS = 100  # nodes a visit may pass in one instant
END = ""  # `held`: the end, not a node


class JourneyRunner:
    """The journeys of one stream worker.

    Args:
        state: where rows not in memory are read.
        facts: what earlier stages know of a customer.
        settings: zone, caps and quiet hours.
        ledger: takes what is decided to be sent.
    """

    def __init__(self, state: State, facts: Facts, settings: Settings, ledger: LedgerBook) -> None:
        self._state = state
        self._facts = facts
        self._zone = settings.zone
        self._visits = VisitBook(state)
        self._plans = PlanBook()
        self._arms = AssignmentBook()
        self._message = MessageStep(facts, settings, ledger)

    # -- a stage of the worker -----------------------------------------------------------------------------------------
    def load(self, conn: Connection) -> None:
        """Take what is under way into memory."""
        self._visits.load(conn)
        self._plans.load(conn, self._visits.versions())
        self._arms.load(conn)

    def flush(self, conn: Connection) -> None:
        """Write what changed."""
        self._visits.flush(conn)
        self._arms.flush(conn)

    def forget(self) -> None:
        """The transaction failed: the rows are the truth."""
        with self._state.read() as conn:
            self.load(conn)

    def apply(self, stored: Stored, customer_id: str | None, changes: Sequence[MembershipChange], turn: Turn) -> None:
        """Handle one event: first exits and waits of visits under way, then entries."""
        event = stored.event
        fresh = stored.received_us - event.happened_us <= MAX_AGE_US
        awaited = customer_id is not None and fresh and event.name in self._plans.names
        if awaited and customer_id is not None:
            for visit in self._visits.of(customer_id):
                self._on_event(visit, event, turn)
        self.on_membership(changes, turn, history=not fresh)
        if awaited and customer_id is not None:
            for plan in self._plans.entered_by_event(event):
                self._enter(plan, customer_id, turn)

    def on_membership(self, changes: Iterable[MembershipChange], turn: Turn, *, history: bool = False) -> None:
        """Start the visits that entering a segment starts; membership by history only where existing members enter."""
        for change in changes:
            if not change.entered:
                continue
            for plan in self._plans.entered_by_segment(change.segment_id):
                entry = plan.journey.entry
                if not history or (isinstance(entry, EnterBySegment) and entry.existing):
                    self._enter(plan, change.customer_id, turn)

    def wake(self, timer: Timer, turn: Turn) -> None:
        """A delay, a time-out or quiet hours are over."""
        visit = self._visits.get(timer.key)
        plan = self._plan_of(visit) if visit else None
        if visit is None or plan is None:
            return
        visit.due_us = None
        match plan.nodes[visit.node]:
            case Delay() | DelayUntil() as node:
                self._go(plan, visit, node.next, turn)
            case WaitFor() as node:
                self._go(plan, visit, node.timeout_to, turn)
            case Message() as node if not self._plans.runs(visit.journey_id):
                self._hold(visit, node.id)
            case Message() as node:
                self._after(plan, visit, self._message.decide(plan, visit, node, self._campaign(visit), turn), turn)

    def merge(self, loser: str, winner: str, turn: Turn) -> None:
        """Two customers are one: their visits are, and of two in one journey the older goes on."""
        self._visits.merge(loser, winner)
        self._arms.merge(loser, winner)
        seen: set[str] = set()
        for visit in self._visits.of(winner):
            if visit.journey_id in seen:
                self._end(visit, EXITED, "exit_merged", turn)
            elif visit.due_us is not None:
                turn.set_timer(TIMER, visit.visit_id, visit.due_us, winner)
            seen.add(visit.journey_id)

    def recompute(self, customer_ids: Sequence[str], turn: Turn, conn: Connection) -> None:
        """Customers were taken apart: each visit goes on with the one who entered it, nobody enters or leaves."""
        if turn.past is None:
            return
        for visit in self._visits.rehome(customer_ids, turn.past, conn):
            if visit.due_us is not None:
                turn.set_timer(TIMER, visit.visit_id, visit.due_us, visit.customer_id)
        self._arms.recompute(customer_ids, turn.past)

    def publish(self, definition: Definition, turn: Turn, conn: Connection) -> None:
        """A journey or campaign went live, was paused or deleted; held visits go on, existing members may enter."""
        self._plans.load(conn, self._visits.versions())
        if definition.kind != "journey":
            return
        if definition.status == "deleted":
            for visit in list(self._visits.in_journey(definition.id)):
                self._end(visit, EXITED, "exit_deleted", turn)
        plan = self._plans.live(definition.id)
        if plan is None:
            return
        self._resume(definition.id, turn)
        entry = plan.journey.entry
        if isinstance(entry, EnterBySegment) and entry.existing:
            for customer_id in sorted(self._facts.members(entry.segment)):
                self._enter(plan, customer_id, turn)

    # -- entering ------------------------------------------------------------------------------------------------------
    def _enter(self, plan: Plan, customer_id: str, turn: Turn) -> None:
        if any(v.journey_id == plan.id for v in self._visits.of(customer_id)):
            return
        last = self._visits.last_entry(plan.id, customer_id)
        if not _may_come(plan.journey.reentry, last, turn.now_us):
            return
        campaign = self._plans.campaign(plan.id)
        if campaign is not None and not self._facts.is_member(customer_id, campaign.segment):
            return
        visit = Visit(visit_id(plan.id, customer_id, turn.now_us), plan.id, plan.version, customer_id, turn.now_us)
        if campaign is not None:
            visit.campaign_id = campaign.id
            visit.arm = self._arms.assign(campaign, customer_id, turn)
        self._visits.add(visit)
        self._go(plan, visit, plan.start, turn)

    # -- moving --------------------------------------------------------------------------------------------------------
    def _on_event(self, visit: Visit, event: Event, turn: Turn) -> None:
        plan = self._plan_of(visit)
        if plan is None or event.name not in plan.names:
            return
        if any(match(event) for match in plan.exits):
            self._end(visit, EXITED, "exit_event", turn, event.name)
            return
        if event.happened_us < visit.entered_us:
            return
        to = plan.leads(visit.node, event)
        if to is not None and visit.held is None and event.happened_us >= visit.since_us:
            turn.cancel_timer(TIMER, visit.visit_id)
            visit.due_us = None
            self._go(plan, visit, to, turn)
            return
        for node_id, leads_to in plan.remembered(event):
            visit.met.setdefault(node_id, leads_to)
            self._visits.changed(visit)

    def _go(self, plan: Plan, visit: Visit, to: str | None, turn: Turn) -> None:
        """Pass nodes until one waits or there is no next."""
        for _ in range(MAX_STEPS):
            if not self._plans.runs(visit.journey_id):
                self._hold(visit, to or END)
                return
            if to is None:
                self._end(visit, DONE, "exit_done", turn)
                return
            node = plan.nodes[to]
            self._reach(visit, node, turn)
            waits, to = self._do(plan, visit, node, turn)
            if waits:
                self._visits.changed(visit)
                return
        self._end(visit, EXITED, "exit_loop", turn)

    def _after(self, plan: Plan, visit: Visit, step: tuple[bool, str | None], turn: Turn) -> None:
        waits, to = step
        if waits:
            self._visits.changed(visit)
        else:
            self._go(plan, visit, to, turn)

    def _do(self, plan: Plan, visit: Visit, node: Node, turn: Turn) -> tuple[bool, str | None]:
        """What a node does: (it waits, the next node)."""
        match node:
            case Delay():
                return self._wait(visit, turn.now_us + duration_us(node.length), turn), node.next
            case DelayUntil():
                due = until_us(node, self._facts, visit.customer_id, turn.now_us, self._zone)
                return due > turn.now_us and self._wait(visit, due, turn), node.next
            case WaitFor():
                met = visit.met.pop(node.id, None)
                return met is None and self._wait(visit, turn.now_us + duration_us(node.timeout), turn), met
            case Branch():
                return False, node.yes if self._facts.holds(node.condition, visit.customer_id, turn.now_us) else node.no
            case Message():
                return self._message.decide(plan, visit, node, self._campaign(visit), turn)
            case Exit():
                return False, None

    def _wait(self, visit: Visit, due_us: int, turn: Turn) -> bool:
        visit.due_us = due_us
        turn.set_timer(TIMER, visit.visit_id, due_us, visit.customer_id)
        return True

    def _reach(self, visit: Visit, node: Node, turn: Turn) -> None:
        before, visit.node = visit.node, node.id
        visit.since_us = turn.now_us
        visit.steps += 1
        told = _about(visit) | ({"from_node": before} if before else {})
        turn.emit(
            own_event(
                f"step:{visit.visit_id}:{visit.steps}", "Journey Step Reached", visit.customer_id, turn.now_us, told
            )
        )

    def _end(self, visit: Visit, state: str, reason: str, turn: Turn, by: str = "") -> None:
        visit.state, visit.reason, visit.due_us, visit.held = state, reason, None, None
        turn.cancel_timer(TIMER, visit.visit_id)
        self._visits.changed(visit)
        told = _about(visit) | {"reason": reason} | ({"event": by} if by else {})
        turn.emit(own_event(f"exit:{visit.visit_id}", "Journey Exited", visit.customer_id, turn.now_us, told))

    def _hold(self, visit: Visit, to: str) -> None:
        visit.held = to
        self._visits.changed(visit)

    def _resume(self, journey_id: str, turn: Turn) -> None:
        for visit in list(self._visits.in_journey(journey_id)):
            plan = self._plan_of(visit)
            if visit.held is not None and plan is not None:
                to, visit.held = visit.held or None, None
                self._go(plan, visit, to, turn)

    def _plan_of(self, visit: Visit) -> Plan | None:
        return self._plans.of(visit.journey_id, visit.version)

    def _campaign(self, visit: Visit) -> Campaign | None:
        campaign = self._plans.campaign(visit.journey_id)
        return campaign if campaign is not None and campaign.id == visit.campaign_id else None


def _may_come(rule: Reentry, last_us: int | None, now_us: int) -> bool:
    if last_us is None:
        return True
    if rule.type == "each":
        return now_us > last_us
    return rule.type == "after" and rule.after is not None and now_us >= last_us + duration_us(rule.after)


def _about(visit: Visit) -> dict[str, Any]:
    told = {
        "journey": visit.journey_id,
        "version": visit.version,
        "node": visit.node,
        "visit": visit.visit_id,
        "arm": visit.arm,
        "campaign": visit.campaign_id,
    }
    return {k: v for k, v in told.items() if v}

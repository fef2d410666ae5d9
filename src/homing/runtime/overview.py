"""How much is there at each stage of the loop? Counts of rows the stages keep, and totals of the warehouse."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Table, func, select

from homing.insights import totals
from homing.runtime.runtime import Runtime
from homing.storage import definitions
from homing.storage.schema import assignment, customer, identifier, journey_visit, merge, rejected, segment_member

Stage = str


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure; `money` is in the workspace's currency."""

    key: str
    value: float | None
    unit: str | None = None


def stage_figures(runtime: Runtime, now_us: int) -> dict[Stage, list[Figure]]:
    """The figures of every stage: collect, understand, decide, act, measure."""
    w = runtime.workspace
    sums = totals(w.warehouse, now_us, currency=w.settings.currency)
    with w.state.read() as conn:
        living = conn.execute(
            select(func.count()).select_from(customer).where(customer.c.merged_into.is_(None))
        ).scalar_one()
        held = conn.execute(
            select(func.count()).select_from(assignment).where(assignment.c.arm == "control")
        ).scalar_one()
        waiting = conn.execute(
            select(func.count()).select_from(journey_visit).where(journey_visit.c.state == "waiting")
        ).scalar_one()
        return {
            "collect": [
                Figure("events", sums.events), Figure("orders", sums.orders), Figure("revenue", sums.revenue, "money"),
                Figure("rejected", _count(conn, rejected)),
            ],
            "understand": [
                Figure("customers", living), Figure("buyers", sums.buyers),
                Figure("identifiers", _count(conn, identifier)), Figure("merges", _count(conn, merge)),
            ],
            "decide": [
                Figure("segments", _live(conn, "segment")), Figure("members", _count(conn, segment_member)),
                Figure("held_out", held),
            ],
            "act": [
                Figure("journeys", _live(conn, "journey")), Figure("waiting", waiting), Figure("sent", sums.sent),
                Figure("refused", sums.refused),
            ],
            "measure": [
                Figure("campaigns", _live(conn, "campaign")), Figure("opened", sums.opened),
                Figure("clicked", sums.clicked),
            ],
        }  # fmt: skip


def _count(conn: Connection, table: Table) -> int:
    return int(conn.execute(select(func.count()).select_from(table)).scalar_one())


def _live(conn: Connection, kind: str) -> int:
    return sum(d.status == "live" for d in definitions.published(conn, kind))

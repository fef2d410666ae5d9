"""Records without a shared key: runs that propose pairs, the queue of pairs, answers to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path
from sqlalchemy import Connection, select

from homing.api import paging
from homing.api.auth import Door, Who, needs
from homing.api.context import Context, Ctx
from homing.api.routes.customers import shown
from homing.api.routes.quality import source_names
from homing.api.shapes.basics import Bi, Page
from homing.api.shapes.linkage import (
    ComparisonOut,
    LinkAnswerIn,
    LinkAnswerOut,
    LinkAskIn,
    LinkBlockOut,
    LinkColumnOut,
    LinkCountsOut,
    LinkPairOut,
    LinkRunOut,
    LinkSideOut,
    LinkSourcesOut,
)
from homing.collect.catalogue import CUSTOMERS
from homing.core.time import iso
from homing.core.words import words
from homing.govern import Caller
from homing.identity.link import pairs as queue
from homing.identity.link.pairs import Pair
from homing.identity.link.roles import parts_of
from homing.identity.winners import Winners, read_winners
from homing.profile import CustomerRow, customers_named
from homing.profile.linkable import Said, said_of
from homing.storage.schema import import_run, link_run

router = APIRouter(route_class=Door, tags=["linkage"])
RunId = Annotated[str, Path(pattern=r"^[\w-]{1,64}$")]
Status = Literal["open", "accepted", "rejected", "impossible"]


@router.get("/linkage/runs")
@needs("viewer")
def list_link_runs(ctx: Ctx, cursor: paging.Cursor = None, limit: paging.Limit = 20) -> Page[LinkRunOut]:
    """The runs, newest first."""
    place = paging.decode(cursor, int, str)
    statement = select(link_run).order_by(link_run.c.started_us.desc(), link_run.c.run_id).limit(limit + 1)
    if place:
        statement = statement.where(link_run.c.started_us < place[0])
    with ctx.state.read() as conn:
        rows = conn.execute(statement).all()
    last = rows[limit - 1] if len(rows) > limit else None
    more = paging.encode(last.started_us, last.run_id) if last else None
    return Page(items=[_run(r) for r in rows[:limit]], next=more)


@router.post("/linkage/runs")
@needs("editor")
def start_link_run(body: LinkAskIn, ctx: Ctx, who: Who) -> LinkRunOut:
    """Look for records that are one person; with `dry_run` say what would come out."""
    jobs = ctx.runtime.linkage
    asked = jobs.ask(body.sources, threshold=body.threshold, review=body.review, largest=body.largest,
                     accept=body.accept, dry_run=body.dry_run)  # fmt: skip
    run_id = jobs.start(asked, by=who.actor)
    with ctx.state.write() as conn:
        ctx.wrote(conn, who, "linkage.run", run_id, sources=len(body.sources), dry_run=body.dry_run)
    if body.wait:
        jobs.wait(run_id)
    return _run(jobs.run_of(run_id))


@router.get("/linkage/runs/{run_id}")
@needs("viewer")
def get_link_run(run_id: RunId, ctx: Ctx) -> LinkRunOut:
    """One run: how far it is, what it took columns for, what it found."""
    return _run(ctx.runtime.linkage.run_of(run_id))


@router.get("/linkage/sources")
@needs("viewer")
def list_link_sources(ctx: Ctx) -> LinkSourcesOut:
    """Sources that can be compared: connected ones, write keys, and those that files were imported under."""
    with ctx.state.read() as conn:
        files = conn.execute(select(import_run.c.source_id).distinct()).scalars().all()
    return LinkSourcesOut(items=sorted({*source_names(ctx), *files}))


@router.get("/linkage/counts")
@needs("viewer")
def count_link_pairs(ctx: Ctx) -> LinkCountsOut:
    """How many pairs wait, and how many were answered."""
    with ctx.state.read() as conn:
        return LinkCountsOut(**queue.counts(conn))


@router.get("/linkage/pairs")
@needs("viewer")
def list_link_pairs(
    *, ctx: Ctx, who: Who, status: Status = "open", cursor: paging.Cursor = None, limit: paging.Limit = 20
) -> Page[LinkPairOut]:
    """Pairs side by side, the likeliest first: what each comparison weighs, and what both say."""
    place: Any = paging.decode(cursor, float, str)
    with ctx.state.read() as conn:
        rows = queue.queue(conn, status, after=place, limit=limit + 1)
        items = _pairs(ctx, conn, rows[:limit], who)
        total = queue.counts(conn).get(status, 0)
    more = paging.encode(*rows[limit - 1].place) if len(rows) > limit else None
    return Page(items=items, next=more, total=total, as_of=ctx.now_iso())


@router.post("/linkage/answers")
@needs("editor")
def answer_link_pairs(body: LinkAnswerIn, ctx: Ctx, who: Who) -> LinkAnswerOut:
    """Accept pairs, which makes one customer of each two, or reject them, which keeps them from coming again.

    A rejected pair may be accepted later; an accepted one is taken back on the customer.
    """
    done = ctx.runtime.link_desk.answer(body.pairs, body.answer, by=who.actor)
    with ctx.state.write() as conn:
        ctx.wrote(conn, who, f"linkage.{body.answer}", "pairs", **done)
        left = queue.counts(conn)
    return LinkAnswerOut(**done, waiting=LinkCountsOut(**left))


def _run(row: Any) -> LinkRunOut:
    plan = row.plan
    columns = [LinkColumnOut(**c, label=Bi(**words("comparison", c["role"]))) for c in plan.get("columns", ())]
    return LinkRunOut(
        run_id=row.run_id, at=iso(row.started_us), status=row.status, step=row.step, share=row.share, by=row.made_by,
        finished_at=None if row.finished_us is None else iso(row.finished_us), asked=row.asked, columns=columns,
        blocks=[LinkBlockOut(**b) for b in plan.get("blocks", ())], compared=plan.get("compared"),
        impossible=plan.get("impossible"), rejected_before=plan.get("rejected_before"), records=row.records,
        accepted=row.accepted, review=row.review, error=row.error,
    )  # fmt: skip


# -- a pair side by side -----------------------------------------------------------------------------------------------
def _pairs(ctx: Context, conn: Connection, pairs: Sequence[Pair], who: Caller) -> list[LinkPairOut]:
    people = sorted({c for p in pairs for c in (p.customer_a, p.customer_b)})
    rows = {row.customer_id: row for row in customers_named(conn, people)}
    said = said_of(conn, people, ctx.runtime.agreements.closed())
    plans = {run: _parts(conn, run) for run in {p.run_id for p in pairs}}
    winners = read_winners(conn) if any(p.status != "open" for p in pairs) else Winners()
    return [_pair(ctx, p, plans[p.run_id], rows, said, winners, who) for p in pairs]


def _parts(conn: Connection, run_id: str) -> dict[str, list[str]]:
    """For each comparison of a run the traits it looks at."""
    plan = conn.execute(select(link_run.c.plan).where(link_run.c.run_id == run_id)).scalar() or {}
    return parts_of([(c["name"], c["role"]) for c in plan.get("columns", ())])


def _pair(  # noqa: PLR0917 - one shape of many parts
    ctx: Context, pair: Pair, parts: Mapping[str, Sequence[str]], rows: Mapping[str, CustomerRow],
    said: Mapping[str, Said], winners: Winners, who: Caller,
) -> LinkPairOut:  # fmt: skip
    def values(customer_id: str, comparison: str) -> list[str]:
        words_of = said.get(customer_id)
        found = {name: words_of.flat[name] for name in parts.get(comparison, ()) if words_of and name in words_of.flat}
        if not who.sees_personal:
            found = ctx.veil.cover(CUSTOMERS, found)
        return [str(shown(value, who)) for value in found.values()]

    comparisons = [
        ComparisonOut(
            name=name, label=Bi(**words("comparison", _role(name))), weight=weight, a=values(pair.customer_a, name),
            b=values(pair.customer_b, name),
        )
        for name, weight in pair.weights.items()
    ]  # fmt: skip
    return LinkPairOut.model_validate(
        {
            "pair_id": pair.pair_id, "run_id": pair.run_id, "probability": pair.probability, "prior": pair.prior,
            "why": pair.why, "status": pair.status, "decided_by": pair.decided_by,
            "decided_at": None if pair.decided_us is None else iso(pair.decided_us),
            "a": _side(pair.customer_a, rows, said, winners, who),
            "b": _side(pair.customer_b, rows, said, winners, who),
            "comparisons": sorted(comparisons, key=lambda c: -c.weight),
        }
    )  # fmt: skip


def _side(
    customer_id: str, rows: Mapping[str, CustomerRow], said: Mapping[str, Said], winners: Winners, who: Caller
) -> LinkSideOut:  # fmt: skip
    row, words_of = rows.get(customer_id), said.get(customer_id)
    return LinkSideOut(
        customer_id=customer_id, today=winners.of(customer_id), name=shown(row.name, who) if row else None,
        source=words_of.source if words_of else None, last_seen_at=iso(row.last_seen_us) if row else None,
        ids=row.ids if row else 0, orders=row.orders if row else 0,
    )  # fmt: skip


def _role(comparison: str) -> str:
    return comparison.rstrip("0123456789").rstrip("_")

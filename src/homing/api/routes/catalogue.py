"""Which data is there, how sensitive is it, who uses it, and what people say of it."""

from __future__ import annotations

import csv
import io
import time
from collections.abc import Iterable
from typing import Annotated, Any

from fastapi import APIRouter, Query
from starlette.responses import Response

from homing.api.auth import Door, Who, needs
from homing.api.context import Context, Ctx
from homing.api.datasets import Names, dataset_out, dataset_row, iso_or_none
from homing.api.shapes.catalogue import CatalogueListOut, DatasetOut, EntriesIn, ScannedOut
from homing.collect.catalogue import Dataset, Entry, datasets_of
from homing.core.errors import NotFound
from homing.core.time import iso
from homing.runtime.lineage import grade_of, lineage

router = APIRouter(route_class=Door, tags=["catalogue"])
COLUMNS = (
    "dataset", "field", "rows", "looked_at", "filled", "distinct", "types", "first_seen", "last_seen", "class", "grade",
    "owner", "sensitivity", "standing", "detected", "used_by", "note",
)  # fmt: skip
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run a cell that begins so


@router.get("/catalogue/datasets")
@needs("viewer")
def list_datasets(ctx: Ctx) -> CatalogueListOut:
    """Every dataset, by group and name."""
    with ctx.state.read() as conn:
        known, users, names = datasets_of(conn), lineage(conn), Names.of(conn)
    rows = [dataset_row(d, users, names, ctx.now()) for d in known]
    order = ("people", "events", "calls", "tables", "segments", "sources")
    rows.sort(key=lambda r: (order.index(r["group"]), -r["n"], r["id"]))
    return CatalogueListOut.model_validate({"items": rows, "scanned_at": _scanned(known), "as_of": ctx.now_iso()})


@router.get("/catalogue/dataset")
@needs("viewer")
def read_dataset(ctx: Ctx, id: Annotated[str, Query(max_length=300)]) -> DatasetOut:
    """One dataset with its fields and its lineage."""
    with ctx.state.read() as conn:
        found, users, names = datasets_of(conn, only=id), lineage(conn), Names.of(conn)
    if not found:
        raise NotFound(f"the catalogue has no dataset {id[:80]!r}, wanted one it has", field="id")
    answer = dataset_out(found[0], users, names, ctx.now()) | {"scanned_at": _scanned(found)}
    return DatasetOut.model_validate(answer)


@router.get("/catalogue/export", response_class=Response)
@needs("viewer")
def export_catalogue(ctx: Ctx) -> Response:
    """Every field as CSV."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    writer.writerows([_safe(cell) for cell in row] for row in _rows(ctx))
    disposition = 'attachment; filename="catalogue.csv"'
    body = "\ufeff" + out.getvalue()  # Excel takes it for UTF-8 by this mark alone
    return Response(body, media_type="text/csv", headers={"content-disposition": disposition})


@router.post("/catalogue/scan")
@needs("editor")
def scan_catalogue(ctx: Ctx, who: Who) -> ScannedOut:
    """Look at all data again, as every night."""
    began = time.perf_counter()
    ctx.runtime.loader.catch_up()
    found = ctx.runtime.catalogue.scan(ctx.now())
    with ctx.state.write() as conn:
        ctx.wrote(conn, who, "catalogue.scan", "catalogue", datasets=found.datasets, fields=found.fields)
    ms = round((time.perf_counter() - began) * 1000, 1)
    return ScannedOut(datasets=found.datasets, fields=found.fields, as_of=ctx.now_iso(), ms=ms)


@router.post("/catalogue/entries", status_code=204)
@needs("editor")
def say_of_data(body: EntriesIn, ctx: Ctx, who: Who) -> None:
    """Say what data is: its class, grade, owner, sensitivity; many fields at once, all or none."""
    entries = [Entry(i.dataset, i.field, i.said.model_dump(by_alias=True, exclude_unset=True)) for i in body.items]
    ctx.runtime.catalogue.say(entries, at_us=ctx.wall_us(), by=who.actor)


def _scanned(known: Iterable[Dataset]) -> str | None:
    at = max((d.itself.found.get("scanned_us", 0) for d in known), default=0)
    return iso(at) if at else None


def _rows(ctx: Context) -> Iterable[list[Any]]:
    with ctx.state.read() as conn:
        known, users = datasets_of(conn), lineage(conn)
    for dataset in known:
        for one in (dataset.itself, *dataset.fields):
            used = users.of(dataset.id, one.name or None)
            found = one.found
            detected = found.get("detected")
            yield [
                dataset.id, one.name, dataset.itself.found.get("n"), found.get("n"), found.get("filled"),
                found.get("distinct"), " ".join(found.get("types", {})), iso_or_none(one.first_us),
                iso_or_none(one.last_us), one.class_, grade_of(one, used, ctx.now()), one.owner,
                one.sensitivity if one.name else dataset.sensitivity, one.standing,
                detected["kind"] if detected else "", " ".join(f"{u.kind}:{u.id}" for u in used),
                one.said.get("note", ""),
            ]  # fmt: skip


def _safe(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell

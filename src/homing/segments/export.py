"""Who is in a segment, as a file for another system? With addresses of those alone who may be written to.

A row says for each channel whether a message of the purpose may be sent, and why not; where it may not, the address is
left out, so that a list that leaves the house cannot be used against a person's word. What a role may not see is
masked here as everywhere.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Connection, select

from homing.core.errors import InvalidInput
from homing.core.time import iso
from homing.govern.consent import Default, refusals
from homing.profile import customers_named
from homing.segments.membership import members_of
from homing.storage.schema import customer
from homing.storage.state import State

Format = Literal["csv", "jsonl", "parquet"]
FORMATS: tuple[Format, ...] = get_args(Format)
PAGE = 2_000
CHANNELS = (("email", "email"), ("sms", "phone"))  # channel, and the trait that holds its address
FIXED = (
    "customer_id", "name", "since", "stage", "orders", "revenue", "last_order_at", "last_seen_at",
    "email", "email_allowed", "phone", "sms_allowed",
)  # fmt: skip
MAX_TRAITS = 50
_UNSAFE = ("=", "+", "-", "@", "\t", "\r")
_NUMBER = re.compile(r"\+[0-9]{7,15}")  # of a phone: no formula
Row = dict[str, Any]


def rows(
    state: State, segment: str, *, purpose: str, default: Default, traits: Sequence[str] = (),
    shown: Callable[[str, Any], Any],
) -> Iterator[list[Row]]:  # fmt: skip
    """The members, some thousand at a time, in the order of their ids.

    Args:
        state: the members and their profiles.
        segment: its id.
        purpose: what they may be written to for, such as `marketing`.
        default: what silence means.
        traits: more columns.
        shown: a column's value as the caller may see it.

    Raises:
        InvalidInput: more than 50 traits.
    """
    if len(traits) > MAX_TRAITS:
        raise InvalidInput(f"{len(traits)} traits, wanted at most {MAX_TRAITS}", field="traits")
    after = ""
    while True:
        with state.read() as conn:
            members = members_of(conn, segment, after=after, limit=PAGE)
            if not members:
                return
            since = {m.customer_id: m.since_us for m in members}
            found = _page(conn, since, purpose, default, traits)
        after = members[-1].customer_id
        yield [{name: shown(name, value) for name, value in row.items()} for row in found]


def columns(traits: Sequence[str]) -> list[str]:
    """The columns of the file, in their order."""
    return [*FIXED, *(f"trait.{name}" for name in traits)]


def write(path: Path, form: Format, pages: Iterator[list[Row]], traits: Sequence[str]) -> int:
    """Write the pages to a file; return how many rows it has."""
    return {"csv": _csv, "jsonl": _json_lines, "parquet": _parquet}[form](path, pages, columns(traits))


def _page(conn: Connection, since: dict[str, int], purpose: str, default: Default, traits: Sequence[str]) -> list[Row]:
    listed = {r.customer_id: r for r in customers_named(conn, list(since))}
    held = conn.execute(
        select(customer.c.customer_id, customer.c.traits, customer.c.stats).where(
            customer.c.customer_id.in_(list(since))
        )
    )
    said = {
        row.customer_id: row.stats.get("named", {}) | {name: value[0] for name, value in row.traits.items()}
        for row in held
    }
    allowed = {}
    for channel, trait in CHANNELS:
        addresses = {c: _text(said.get(c, {}).get(trait) or (listed[c].email if trait == "email" else None))
                     for c in listed}  # fmt: skip
        why = refusals(conn, addresses, purpose, channel, default)
        allowed[channel] = {c: (None if why[c] else addresses[c], why[c] or "yes") for c in listed}
    out = []
    for c, at in since.items():
        if c not in listed:
            continue
        r, mine = listed[c], said.get(c, {})
        last = iso(r.last_order_us) if r.last_order_us is not None else None
        row: Row = {"customer_id": c, "name": r.name, "since": iso(at), "stage": r.stage, "orders": r.orders,
                    "revenue": r.revenue, "last_order_at": last, "last_seen_at": iso(r.last_seen_us)}  # fmt: skip
        (row["email"], row["email_allowed"]), (row["phone"], row["sms_allowed"]) = (
            allowed[channel][c] for channel, _ in CHANNELS
        )
        if _is_address(row["name"]) and row["name"] not in (row["email"], row["phone"]):
            row["name"] = None  # who has no name is called by an address
        mine = mine | {trait: row[trait] for _, trait in CHANNELS}  # asked for by name, it is the same address
        out.append(row | {f"trait.{name}": _plain(mine.get(name)) for name in traits})
    return out


def _csv(path: Path, pages: Iterator[list[Row]], names: list[str]) -> int:
    n = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(names)
        for page in pages:
            writer.writerows([_safe(row[name]) for name in names] for row in page)
            n += len(page)
    return n


def _json_lines(path: Path, pages: Iterator[list[Row]], names: list[str]) -> int:
    n = 0
    encode = msgspec.json.encode
    with path.open("wb") as file:
        for page in pages:
            out = io.BytesIO()
            for row in page:
                out.write(encode({name: row[name] for name in names}) + b"\n")
            file.write(out.getvalue())
            n += len(page)
    return n


def _parquet(path: Path, pages: Iterator[list[Row]], names: list[str]) -> int:
    kinds = {"orders": pa.int64(), "revenue": pa.float64()}
    schema = pa.schema([(name, kinds.get(name, pa.string())) for name in names])
    n = 0
    with pq.ParquetWriter(path, schema) as writer:
        for page in pages:
            told = [{k: v if k in kinds or v is None else str(v) for k, v in row.items()} for row in page]
            writer.write_table(pa.Table.from_pylist(told, schema=schema))
            n += len(page)
    return n


def _safe(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula."""
    if not isinstance(value, str) or not value.startswith(_UNSAFE) or _NUMBER.fullmatch(value):
        return value
    return f"'{value}"


def _plain(value: Any) -> Any:
    return msgspec.json.encode(value).decode() if isinstance(value, dict | list) else value


def _text(value: Any) -> str | None:
    """An address as somebody said it; a list or an object is none."""
    return None if value in (None, "") or isinstance(value, list | dict) else str(value)


def _is_address(name: str | None) -> bool:
    return bool(name) and ("@" in str(name) or str(name).startswith("+"))

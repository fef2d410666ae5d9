"""A warehouse to learn from: two kinds of shoppers whose likings are known, and real data laid into the same tables."""

from __future__ import annotations

import csv
import gzip
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from homing.core.condition import Condition, parse
from homing.core.event import Event, Id, Stored
from homing.core.time import DAY, HOUR, parse_iso
from homing.predict.ground import Ground
from homing.storage.warehouse import BatchBuilder, Warehouse

NOW = parse_iso("2018-01-01T12:00:00Z")
RUNS, READS, BOTH = ("Shoes", "Gels", "Socks"), ("Novels", "Lamps", "Tea"), ("Milk", "Bread")


def event(n: str, who: str, name: str, at: int, **properties: Any) -> Event:
    """What a customer did."""
    return Event(event_id=n, kind="track", name=name, happened_us=at, source_id="shop", ids=(Id("user_id", who),),
                 properties=properties)  # fmt: skip


def said(n: str, who: str, at: int, **traits: Any) -> Event:
    """What a customer is said to be."""
    return Event(event_id=n, kind="identify", happened_us=at, source_id="shop", ids=(Id("user_id", who),),
                 traits=traits)  # fmt: skip


def shoppers(n: int = 400, *, seed: int = 3, days: int = 200) -> list[Event]:
    """So many shoppers: a third run, a third read, the others do neither; half of the runners are in a club.

    Everybody buys milk and bread now and then. Runners buy what runners buy, more the keener they are; half of them
    tell that they are in the club, at the beginning. The others are as keen and do not tell.
    """
    draw = np.random.default_rng(seed)
    events: list[Event] = []
    for i in range(n):
        who, kind = f"u{i:04d}", i % 3
        begin = NOW - days * DAY
        keen = float(draw.uniform(0.1, 2.2))
        traits: dict[str, Any] = {"city": str(draw.choice(["Kiel", "Bonn", "Jena"])), "age": int(draw.integers(18, 80))}
        if kind == 0 and draw.random() < 0.5:
            traits["club"] = True
        events.append(said(f"s{i}", who, begin, **traits))
        likes = {0: RUNS, 1: READS}.get(kind, BOTH)
        for order in range(1 + int(draw.poisson(8 * keen))):
            at = begin + int(draw.integers(days * DAY - HOUR)) + HOUR
            picked = {str(draw.choice(likes)) for _ in range(3)} | {str(draw.choice(BOTH))}
            lines = [
                {"product_id": c.lower(), "name": c, "category": c, "quantity": 1, "price": 5} for c in sorted(picked)
            ]
            events.append(event(f"o{i}-{order}", who, "Order Completed", at, order_id=f"{i}-{order}", currency="USD",
                                revenue=5 * len(lines), products=lines))  # fmt: skip
    return sorted(events, key=lambda e: (e.happened_us, e.event_id))


def filled(folder: Path, events: Iterable[Event]) -> Warehouse:
    """A warehouse that holds these events, each customer called by the first identifier."""
    warehouse = Warehouse(folder / "warehouse.duckdb")
    batch = BatchBuilder()
    for offset, one in enumerate(events, start=1):
        batch.add(Stored(offset, one.happened_us, one), one.ids[0].value)
        if len(batch) == 20_000:
            warehouse.load(batch.build())
            batch = BatchBuilder()
    warehouse.load(batch.build())
    return warehouse


def ground(warehouse: Warehouse, at_us: int = NOW, *, currency: str = "USD", **segments: dict[str, Any]) -> Ground:
    """Where to learn, with segments by name."""
    trees: dict[str, Condition] = {name: parse(tree) for name, tree in segments.items()}
    return Ground(warehouse, at_us, currency, trees.__getitem__)


def retail(path: Path) -> Iterator[Event]:
    """The orders of the wholesaler, cleaned as its documentation says, each with its lines."""
    orders: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    times: dict[tuple[str, str], int] = {}
    with gzip.open(path, "rt", encoding="utf-8", errors="replace", newline="") as file:
        for row in csv.DictReader(file):
            low = {k.lower().replace("_", "").replace(" ", ""): v for k, v in row.items()}
            who, invoice = low["customerid"].split(".")[0], low.get("invoiceno") or low["invoice"]
            price = low.get("unitprice") or low["price"]
            if not who or invoice.startswith("C") or float(low["quantity"]) <= 0 or float(price) <= 0:
                continue
            key = (who, invoice)
            times.setdefault(key, _instant(low["invoicedate"]))
            line = {"product_id": low["stockcode"], "name": low["description"], "category": low["stockcode"][:3],
                    "quantity": float(low["quantity"]), "price": float(price)}  # fmt: skip
            orders[key].append(line)
    for (who, invoice), lines in sorted(orders.items(), key=lambda x: (times[x[0]], x[0])):
        total = round(sum(line["quantity"] * line["price"] for line in lines), 2)
        yield event(invoice, who, "Order Completed", times[who, invoice], order_id=invoice, currency="GBP",
                    revenue=total, products=lines)  # fmt: skip


def telco(path: Path, at_us: int) -> Iterator[Event]:
    """The customers of the telephone company, each with what is known of them."""
    with path.open(encoding="utf-8") as file:
        for n, row in enumerate(csv.DictReader(file)):
            traits: dict[str, Any] = {k: v for k, v in row.items() if k != "customerID"}
            for name in ("tenure", "MonthlyCharges", "TotalCharges", "SeniorCitizen"):
                text = traits[name].strip()
                traits[name] = float(text) if text else None
            yield said(f"t{n}", row["customerID"], at_us, **traits)


def _instant(text: str) -> int:
    for form in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%m/%d/%Y %H:%M", "%d/%m/%Y %H:%M", "%Y-%m-%d %H:%M"):
        try:
            return int(datetime.strptime(text.removesuffix("Z"), form).replace(tzinfo=UTC).timestamp() * 1e6)
        except ValueError:
            continue
    raise ValueError(f"{text!r} is no instant of a form that is known here")

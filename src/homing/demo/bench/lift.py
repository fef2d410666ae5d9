"""Does the 95 % interval of a campaign's lift cover the truth, and how often is nothing called an effect?

`--seeds` small worlds (see `demo.reduced`), each with an effect that is known and a placebo. A world takes seconds and
runs in one of `--workers` processes. Figures over a few hundred worlds are themselves uncertain: each share stands with
its Wilson interval and its n, and `noise` in a goal is two standard errors of a method that keeps its promise exactly.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from math import sqrt
from multiprocessing import get_context

import numpy as np

from homing.core.stats import wilson
from homing.demo.bench.row import BenchRow
from homing.demo.dataset import Dataset, load_dataset
from homing.demo.reduced import Played, Trial, play
from homing.runtime.logs import set_up_logs

_data: list[Dataset] = []  # of this process, read once


def run(seeds: int = 200, workers: int = 2, first_seed: int = 1) -> list[BenchRow]:
    """The rows of the bench."""
    began = time.monotonic()
    played = list(_all(range(first_seed, first_seed + seeds), workers))
    seconds = time.monotonic() - began
    trials = [t for one in played for t in one.trials]
    orders = [t for t in trials if t.metric == "orders"]
    effect, placebo = _of(orders, "effect"), _of(orders, "placebo")
    error = np.array([t.estimate - t.truth for t in effect])
    return [
        *_share("lift.coverage", [t.covers for t in orders], low=0.93, high=0.97),
        *_share("lift.coverage_of_effect", [t.covers for t in effect]),
        *_share("lift.false_positives", [t.claims for t in placebo], high=0.05 + _noise(0.05, len(placebo))),
        *_share("lift.coverage_of_revenue", [t.covers for t in trials if t.metric == "revenue"]),
        *_share("lift.false_positives_of_conversion", [t.claims for t in _of(trials, "placebo", "conversion")]),
        BenchRow("lift.power", float(np.mean([t.claims for t in effect])), f"share of {len(effect)}"),
        BenchRow("lift.truth", float(np.mean([t.truth for t in effect])), "orders a customer"),
        BenchRow("lift.bias", float(error.mean()), f"orders a customer, +- {_se(error):.4f}"),
        BenchRow("lift.controls", float(np.mean([t.n_control for t in orders])), "customers a campaign"),
        BenchRow("lift.messages", sum(p.messages for p in played), "messages"),
        BenchRow("lift.duplicates_sent", sum(p.duplicates_sent for p in played), "messages", goal=0, better="equal"),
        BenchRow("lift.events_lost", sum(p.events_lost for p in played), "events", goal=0, better="equal"),
        BenchRow("lift.seconds", round(seconds, 1), f"s for {seeds} worlds", goal=600 * seeds / 200, better="lower"),
    ]


def _all(seeds: Iterable[int], workers: int) -> Iterable[Played]:
    if workers <= 1:
        return [_one(seed) for seed in seeds]
    with get_context("spawn").Pool(workers) as pool:
        return list(pool.imap(_one, seeds, chunksize=1))


def _one(seed: int) -> Played:
    if not _data:
        set_up_logs("console", "ERROR")
        _data.append(load_dataset())
    return play(_data[0], seed)


def _of(trials: Iterable[Trial], kind: str, metric: str = "orders") -> list[Trial]:
    return [t for t in trials if t.kind == kind and t.metric == metric]


def _share(name: str, hits: list[bool], *, low: float | None = None, high: float | None = None) -> list[BenchRow]:
    """The share, and how far it may be off; held to one bound or both."""
    n, share = len(hits), float(np.mean(hits))
    below, above = wilson(sum(hits), n)
    unit = f"share of {n}, {below:.3f} .. {above:.3f}"
    rows = []
    if low is not None:
        rows.append(BenchRow(name, share, unit, goal=low, better="higher"))
    if high is not None:
        rows.append(
            BenchRow(f"{name}{'_at_most' if low is not None else ''}", share, unit, goal=round(high, 4), better="lower")
        )
    return rows or [BenchRow(name, share, unit)]


def _noise(share: float, n: int) -> float:
    return 2 * sqrt(share * (1 - share) / n)


def _se(values: np.ndarray) -> float:
    return float(values.std(ddof=1) / sqrt(len(values))) if len(values) > 1 else float("nan")

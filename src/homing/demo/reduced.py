"""The same campaign in a smaller world, many times over: does the interval hold what it promises?

A world has some hundred households and two campaigns on disjoint halves of them. One sends the messages whose effect is
known; the other, the placebo, sends messages that are opened and clicked as often and change nothing, so its truth is
zero. Everything else is as in the demo: files through the importer, events over HTTP, messages over SMTP, pixels and
links fetched. What is shorter: a quarter of history without lines, dormant after 2 days, a reminder after 2, a window
of 7, half held out, ticks of 6 hours, no nightly scores.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from homing.core.time import DAY, HOUR
from homing.demo import stages
from homing.demo.dataset import OPENING_US, Dataset
from homing.demo.playbook import one, playbook
from homing.demo.progress import Progress
from homing.demo.report import report
from homing.demo.world import BEFORE_US, Place, World, world
from homing.learn import outcomes_of
from homing.learn.lift import METRICS, lift
from homing.runtime import VirtualClock

HOUSEHOLDS = 240
DAYS = 9
WINDOW = "7d"
TICK_US = 6 * HOUR
HISTORY_US = 91 * DAY
HOLDOUT = 50
PLACEBO_SUBJECT = "News from the shop"
KINDS = ("effect", "placebo")


@dataclass(frozen=True, slots=True)
class Trial:
    """One interval, and the truth it should cover."""

    seed: int
    kind: str  # effect | placebo
    metric: str
    estimate: float
    low: float
    high: float
    truth: float
    n_treated: int
    n_control: int

    @property
    def covers(self) -> bool:
        """Whether the truth lies inside."""
        return self.low <= self.truth <= self.high

    @property
    def claims(self) -> bool:
        """Whether it says there is an effect."""
        return not self.low <= 0 <= self.high


@dataclass(frozen=True, slots=True)
class Played:
    """What came of one small world."""

    trials: tuple[Trial, ...]
    messages: int
    duplicates_sent: int
    events_lost: int


def play(dataset: Dataset, seed: int) -> Played:
    """One world with two campaigns."""
    chosen = np.random.default_rng([seed, 99]).choice(dataset.households, HOUSEHOLDS, replace=False)
    households = tuple(sorted(int(h) for h in chosen))
    with tempfile.TemporaryDirectory(prefix="homing-lift-") as folder:
        place = Place(Path(folder), seed, keep_mail=False, nightly=False)
        with world(place, dataset, VirtualClock(BEFORE_US), households=households) as shop:
            quiet = Progress(quiet=True)
            stages.import_history(shop, quiet, since_us=OPENING_US - HISTORY_US, lines=False)
            return _campaigns(shop, seed)


def _campaigns(shop: World, seed: int) -> Played:
    shop.adopt([d for kind in KINDS for d in documents(kind, seed)])
    clock = shop.workspace.clock
    if not isinstance(clock, VirtualClock):
        raise TypeError("small worlds run under a virtual clock")
    clock.advance_to(OPENING_US)
    simulator = shop.open_shop(DAYS, placebo=lambda mail: mail.subject.startswith(PLACEBO_SUBJECT))
    for kind in KINDS:
        stages.begin(shop, f"{kind}-{seed}")
    shop.live(OPENING_US + DAYS * DAY, tick_us=TICK_US)
    said = report(shop, DAYS)
    trials = tuple(t for kind in KINDS for t in _read(shop, kind, seed))
    return Played(trials, len(simulator.arrivals), said["duplicates_sent"], said["events_lost"])


def _read(shop: World, kind: str, seed: int) -> list[Trial]:
    of = outcomes_of(shop.experiment(one(shop.documents, "campaign", f"{kind}-{seed}")), shop.workspace.warehouse)
    truth = shop.truth(of, placebo=kind == "placebo")
    trials = []
    for metric in METRICS:
        known = _known(kind, metric, truth.orders if truth else 0.0, truth.revenue if truth else 0.0)
        if known is not None:
            d = lift(of, metric).per_customer
            trials.append(Trial(seed, kind, metric, d.estimate, d.low, d.high, known, d.n_treated, d.n_control))
    return trials


def _known(kind: str, metric: str, orders: float, revenue: float) -> float | None:
    """The truth of a metric; of the share of buyers only the placebo's is known: nothing."""
    if kind == "placebo":
        return 0.0
    return {"orders": orders, "revenue": revenue}.get(metric)


def documents(kind: str, seed: int) -> list[dict[str, Any]]:
    """The playbook's documents for one half of the households, under names of their own."""
    made = deepcopy(playbook())
    name = f"{kind}-{seed}"
    half = {"type": "share", "percent": 50, "salt": f"half-{seed}"}
    segment = one(made, "segment")
    segment["condition"] = {
        "type": "all",
        "of": [
            {"type": "did", "event": "Order Completed", "measure": "count", "op": "gte", "value": 1, "within": "90d"},
            {"type": "absent", "event": "Order Completed", "within": "2d"},
            half if kind == "effect" else {"type": "not", "of": half},
        ],
    }
    campaign, journey = one(made, "campaign"), one(made, "journey")
    campaign |= {"segment": name, "journey": name, "holdout": {"percent": HOLDOUT, "salt": name}}
    campaign["outcome"] = campaign["outcome"] | {"window": WINDOW}
    journey["entry"] = journey["entry"] | {"segment": name}
    for node in journey["nodes"]:
        if node["type"] == "wait_for":
            node["timeout"] = "2d"
        elif node["type"] == "message":
            node["content"] = f"{node['content']}-{kind}"
    for document in made:
        _rename(document, name, kind)
    return made


def _rename(document: dict[str, Any], name: str, kind: str) -> None:
    document["id"] = f"{document['id']}-{kind}" if document["kind"] == "content" else name
    if document["kind"] == "content" and kind == "placebo":
        subject: Mapping[str, str] = {"en": PLACEBO_SUBJECT, "zh": PLACEBO_SUBJECT}
        document["subject"] = dict(subject)

"""What came of a campaign, in one record: who was eligible, what was sent, what it brought beyond the held-out.

`eligible` is everyone the draw has seen; the lift is about those whose window is over, and says how many they are.
Messages are counted as messages, buyers as customers. Refusals by reason include the held-out: that is how it shows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from homing.core.errors import InvalidInput
from homing.core.query import Query
from homing.core.stats import Difference, sample_ratio_p
from homing.core.time import DAY
from homing.learn.experiments import Asks, Experiment, Outcomes, outcomes_of
from homing.learn.lift import METRICS, Lift, lift

HANDED_OVER = ("accepted", "delivered", "bounced")
MISMATCH = 0.001  # below this the arms are too uneven to be chance

_SENDS = """
SELECT status, reason, count(*), count(opened_us), count(clicked_us) FROM sends
WHERE campaign_id = $campaign AND decided_us <= $as_of_us GROUP BY ALL ORDER BY ALL"""


@dataclass(frozen=True, slots=True)
class Readout:
    """The result of a campaign, seen from `experiment.as_of_us`."""

    experiment: Experiment
    treated: int
    control: int
    unfinished: int
    sent: int
    status: Mapping[str, int]
    refused: Mapping[str, int]
    opened: int
    clicked: int
    bought: int  # treated customers with an order inside their window
    lift: Sequence[Lift]
    absent: Mapping[str, str]  # metric -> why there is no figure
    ratio_p: float | None  # None: nobody was assigned, or nobody is held out by plan
    daily: Sequence[tuple[int, float, float]]  # day since assignment, orders a customer so far: treated, control

    @property
    def eligible(self) -> int:
        """Everyone the draw has seen."""
        return self.treated + self.control

    def as_dict(self) -> dict[str, Any]:
        """The record as JSON values."""
        return {
            "campaign": self.experiment.campaign,
            "window_days": self.experiment.window_us / DAY,
            "eligible": self.eligible,
            "control": self.control,
            "treated": self.treated,
            "unfinished": self.unfinished,
            "sent": self.sent,
            "status": dict(self.status),
            "refused": dict(self.refused),
            "opened": self.opened,
            "clicked": self.clicked,
            "bought": self.bought,
            "lift": [lift_dict(one) for one in self.lift],
            "absent": dict(self.absent),
            "srm": {"p_value": self.ratio_p, "suspect": self.ratio_p is not None and self.ratio_p < MISMATCH},
            "daily": [{"day": d, "treated": t, "control": c} for d, t, c in self.daily],
        }


def read_campaign(warehouse: Asks, experiment: Experiment, *, holdout_percent: float) -> Readout:
    """Read a campaign's result.

    Args:
        warehouse: what answers queries.
        experiment: the campaign, its outcome, and the instant to look from.
        holdout_percent: the planned share of the control arm, 0 .. 100.

    Returns:
        The result; metrics that cannot be computed yet stand in `absent`.
    """
    of = outcomes_of(experiment, warehouse)
    sends = warehouse.ask(
        Query(_SENDS, {"campaign": experiment.campaign, "as_of_us": experiment.as_of_us})
    )  # status, reason, n, opened, clicked
    status: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    for state, reason, n, _opened, _clicked in sends:
        status[state] += n
        if state == "refused":
            refused[reason or "refused"] += n
    found, absent = _lifts(of)
    return Readout(
        experiment=experiment,
        treated=of.assigned_treated,
        control=of.assigned_control,
        unfinished=of.unfinished,
        sent=sum(status[s] for s in HANDED_OVER),
        status=dict(sorted(status.items())),
        refused=dict(sorted(refused.items())),
        opened=sum(r[3] for r in sends),
        clicked=sum(r[4] for r in sends),
        bought=int(((of.orders > 0) & of.treated).sum()),
        lift=found,
        absent=absent,
        ratio_p=_ratio(of, holdout_percent / 100),
        daily=_daily(of, warehouse),
    )


def lift_dict(one: Lift) -> dict[str, Any]:
    """A lift as JSON values: estimates travel with their interval and their n."""
    d = one.per_customer
    total, low, high = one.total
    n = {"level": d.level, "n_treated": d.n_treated, "n_control": d.n_control}
    return {
        "metric": one.metric,
        "per_customer": _estimate(d),
        "unadjusted": _estimate(one.unadjusted),
        "total": {"estimate": total, "low": low, "high": high} | n,
        "treated_mean": d.treated_mean,
        "control_mean": d.control_mean,
        "p_value": d.p_value,
        "method": d.method,
    }


def _estimate(d: Difference) -> dict[str, Any]:
    return {
        "estimate": d.estimate, "low": d.low, "high": d.high,
        "level": d.level, "n_treated": d.n_treated, "n_control": d.n_control,
    }  # fmt: skip


def _lifts(of: Outcomes) -> tuple[list[Lift], dict[str, str]]:
    found: list[Lift] = []
    absent: dict[str, str] = {}
    for metric in METRICS:
        try:
            found.append(lift(of, metric))
        except InvalidInput as error:
            absent[metric] = error.message
    return found, absent


def _ratio(of: Outcomes, share: float) -> float | None:
    counts = [of.assigned_treated, of.assigned_control]
    return sample_ratio_p(counts, [1 - share, share]) if sum(counts) and 0 < share < 1 else None


def _daily(of: Outcomes, warehouse: Asks) -> list[tuple[int, float, float]]:
    n1 = int(of.treated.sum())
    n0 = len(of.customers) - n1
    if not n1 or not n0:
        return []
    counts: Counter[tuple[int, bool]] = Counter()
    for day, arm, n in warehouse.ask(of.experiment.by_day()):
        counts[int(day), arm != "control"] += n
    days = -(-of.experiment.window_us // DAY)
    so_far = {True: 0, False: 0}
    out = []
    for day in range(days):
        for arm in so_far:
            so_far[arm] += counts[day, arm]
        out.append((day + 1, so_far[True] / n1, so_far[False] / n0))
    return out

"""Is this silence longer than the customer's own rhythm? A signal with its basis, not a probability.

It is the share of the customer's own gaps between days with an order that were shorter than the silence since the last
one, a gap of equal length counting half. Below three gaps nothing is said.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median

from homing.profile.stats import Stats

GAPS_NEEDED = 3


@dataclass(frozen=True, slots=True)
class ChurnSignal:
    """How unusual the present silence is for this customer."""

    risk: float  # 0 .. 1
    silence_days: int
    median_gap_days: float
    gaps: int  # what it rests on


def churn_signal(stats: Stats, today: int) -> ChurnSignal | None:
    """The signal on a local day; None when the customer has too few gaps to say.

    Args:
        stats: the customer's sums.
        today: local day number (proleptic, as `date.toordinal`).

    Example:
        >>> churn_signal(Stats(order_days=[0, 7, 14, 21]), 35).risk
        1.0
    """
    gaps = stats.gaps()
    if len(gaps) < GAPS_NEEDED:
        return None
    silence = max(0, today - stats.order_days[-1])
    below = sum(g < silence for g in gaps) + 0.5 * sum(g == silence for g in gaps)
    return ChurnSignal(round(below / len(gaps), 3), silence, float(median(gaps)), len(gaps))

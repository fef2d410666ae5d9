"""What does a bench print? One row a figure: what was measured, what a bare tool needs for the same, what is wanted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class BenchRow:
    """One figure of a bench.

    Args:
        name: bench and figure, such as `crash.events_lost`.
        figure: what was measured.
        unit: of the figure and of the goal.
        anchor: what was measured beside it in the same run; empty when there is nothing to compare with.
        anchor_figure: its figure, in the same unit.
        goal: what the figure has to reach; None when it is only printed.
        better: whether a higher or a lower figure is better, or only the goal itself will do.
    """

    name: str
    figure: float
    unit: str
    anchor: str = ""
    anchor_figure: float | None = None
    goal: float | None = None
    better: Literal["higher", "lower", "equal"] = "higher"

    def as_dict(self) -> dict[str, Any]:
        """The row as `homing bench --json` prints it; `ratio` is figure / anchor, null without an anchor."""
        return {
            "name": self.name,
            "figure": self.figure,
            "unit": self.unit,
            "anchor": self.anchor or None,
            "anchor_figure": self.anchor_figure,
            "ratio": round(self.figure / self.anchor_figure, 4) if self.anchor_figure else None,
            "goal": self.goal,
            "met": self.met,
        }

    @property
    def met(self) -> bool | None:
        """Whether the goal is reached; None when there is none."""
        if self.goal is None:
            return None
        if self.better == "equal":
            return self.figure == self.goal
        return self.figure >= self.goal if self.better == "higher" else self.figure <= self.goal

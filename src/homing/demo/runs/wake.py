"""P16 in the simulator: the headless demo, whose campaign is this playbook."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from homing.demo.headless import play
from homing.demo.progress import Progress
from homing.demo.world import Place

DAYS = 28


def run(folder: Path, *, seed: int = 7, households: int = 0, progress: Progress, days: int = DAYS) -> dict[str, Any]:
    """Play it; return the demo's record. The whole town takes part."""
    if households:
        progress.say("P16 is the demo: the whole town takes part")
    return {"playbook": "P16"} | play(Place(folder, seed), days, progress)

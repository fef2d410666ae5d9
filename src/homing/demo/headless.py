"""The whole loop at full speed under a virtual clock, without a console: one record at the end.

The workspace lies in a temporary folder unless one is named; a named one must be empty or an earlier demo's.
"""

from __future__ import annotations

import json
import resource
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from homing.core.errors import Conflict
from homing.core.time import DAY
from homing.demo import stages
from homing.demo.dataset import OPENING_US, load_dataset
from homing.demo.progress import Progress
from homing.demo.report import report
from homing.demo.summary import summary
from homing.demo.world import BEFORE_US, Place, World, world
from homing.runtime import VirtualClock
from homing.runtime.logs import set_up_logs

MARK = "demo.json"  # says that a folder is a demo's and may be made anew


def run_headless(
    folder: Path | None, *, seed: int, days: int, keep: bool, as_json: bool, progress: Progress
) -> dict[str, Any]:
    """Run the demo and print its record."""
    set_up_logs("console", "ERROR")
    with tempfile.TemporaryDirectory(prefix="homing-demo-") as temporary:
        place = Place(fresh_folder(folder) if folder else Path(temporary), seed)
        record = play(place, days, progress)
        if folder and not keep:
            shutil.rmtree(place.folder)
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    progress.say(
        f"{sum(progress.seconds.values()):.0f} s in all, {sum(progress.cpu.values()):.0f} s of processor,"
        f" {peak_mb:,} MB at most; by stage: {progress.seconds}, processor: {progress.cpu}"
    )
    sys.stdout.write((json.dumps(record, ensure_ascii=False) if as_json else summary(record)) + "\n")
    return record


def play(place: Place, days: int, progress: Progress) -> dict[str, Any]:
    """The loop from an empty folder to the record."""
    with progress.step("dataset", "reading the year of a grocer"):
        dataset = load_dataset()
    with world(place, dataset, VirtualClock(BEFORE_US)) as shop:
        stages.import_history(shop, progress)
        stages.understand(shop, progress)
        _weeks(shop, days, progress)
        with progress.step("measure", "what it brought"):
            return report(shop, days)


def _weeks(shop: World, days: int, progress: Progress) -> None:
    clock = shop.workspace.clock
    if not isinstance(clock, VirtualClock):
        raise TypeError("headless weeks run under a virtual clock")
    clock.advance_to(OPENING_US)
    simulator = shop.open_shop(days)
    stages.begin(shop)
    with progress.step("live", "days of shopping", total=days) as step:

        def told(now_us: int) -> None:
            step.at((now_us - OPENING_US) // DAY, f"{len(simulator.arrivals)} messages, {len(simulator.extra)} woken")

        shop.live(OPENING_US + days * DAY, told=told)


def fresh_folder(folder: Path) -> Path:
    """An empty folder of that name.

    Raises:
        Conflict: there is something in it that no demo put there.
    """
    folder = folder.expanduser().resolve()
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
        raise Conflict(f"{folder} is not empty and no demo's, wanted an empty folder")
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    (folder / MARK).write_text("{}\n", encoding="utf-8")
    return folder

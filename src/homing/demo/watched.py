"""The same loop to watch: the console is open, weeks go by in minutes, and it goes on answering when they are over.

The clock runs as usual while the history comes in, then faster, and as usual again when the simulated weeks are over.
SIGTERM and Ctrl-C stop it cleanly at any moment; the workspace stays for a look with `homing up`.
"""

from __future__ import annotations

import json
import signal
import sys
import time
import webbrowser
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from homing.core.time import DAY
from homing.demo import stages
from homing.demo.dataset import OPENING_US, load_dataset
from homing.demo.headless import fresh_folder
from homing.demo.playbook import one
from homing.demo.progress import Progress, Step
from homing.demo.report import report
from homing.demo.summary import summary
from homing.demo.truth import Truth
from homing.demo.world import BEFORE_US, Place, World, world
from homing.govern import new_setup_token
from homing.runtime import ScaledClock, SystemClock
from homing.runtime.logs import set_up_logs

PLAY_EVERY_S = 0.1
NOTE = {
    "en": "Shoppers are simulated: households of a real year, with a reaction to messages that is known exactly.",
    "zh": "购物者是模拟的：来自真实一年的家庭，对消息的反应是已知的。",
}


class Watched:
    """The demo a person watches.

    Args:
        folder: where the workspace is made anew.
        seed: another seed, another future.
        days: simulated days.
        port: of the console; 0 takes a free one.
        minutes: real minutes the simulated days take.
        progress: tells how far it is.
    """

    def __init__(self, folder: Path, *, seed: int, days: int, port: int, minutes: float, progress: Progress) -> None:
        self._place = Place(fresh_folder(folder), seed, port)
        self._days = days
        self._clock = ScaledClock(BEFORE_US, 1.0)
        self._speed = days * 86_400 / (minutes * 60)
        self._progress = progress
        self._running = False
        self._truth: Truth | None = None

    def run(self, *, browser: bool, as_json: bool) -> None:
        """Run until told to stop."""
        set_up_logs("console", "ERROR")
        signal.signal(signal.SIGTERM, _stop)
        try:
            with self._progress.step("dataset", "reading the year of a grocer"):
                dataset = load_dataset()
            with world(self._place, dataset, self._clock, demo=self.status) as shop:
                self._serve(shop, browser=browser, as_json=as_json)
        except KeyboardInterrupt:
            self._progress.say("stopped")

    def status(self) -> Mapping[str, Any]:
        """What the console says about the demo."""
        day = max(0, min(self._days, (self._clock() - OPENING_US) // DAY))
        truth = self._truth.as_list() if self._truth else None
        return {"running": self._running, "day": day, "of_days": self._days, "truth": truth, "note": NOTE}

    def _serve(self, shop: World, *, browser: bool, as_json: bool) -> NoReturn:
        token = new_setup_token(shop.workspace.state, now_us=SystemClock()())
        link = f"{shop.server.url}/setup?token={token}" if token else shop.server.url
        self._progress.say(f"the console: {link}")
        stages.import_history(shop, self._progress)
        stages.understand(shop, self._progress)
        if browser and sys.stderr.isatty():
            webbrowser.open(link)
        self._weeks(shop)
        record = report(shop, self._days)
        sys.stdout.write((json.dumps(record, ensure_ascii=False) if as_json else summary(record)) + "\n")
        sys.stdout.flush()
        self._progress.say(f"the console stays open: {link} (Ctrl-C stops)")
        while True:
            time.sleep(3600)

    def _weeks(self, shop: World) -> None:
        simulator = shop.open_shop(self._days)
        stages.begin(shop)
        self._running = True
        self._clock.set_speed(self._speed)
        end_us, told = OPENING_US + self._days * DAY, 0
        with self._progress.step("live", "days of shopping", total=self._days) as step:
            while (now := self._clock()) < end_us:
                simulator.play(now)
                if (now - OPENING_US) // DAY > told:
                    told = self._tell(shop, step, now)
                time.sleep(PLAY_EVERY_S)
            self._clock.set_speed(1.0)
            simulator.play(end_us)
        self._running = False
        shop.settle()
        self._truth = shop.read(one(shop.documents, "campaign"))[1]

    def _tell(self, shop: World, step: Step, now_us: int) -> int:
        simulator = shop.simulator
        day = (now_us - OPENING_US) // DAY
        if simulator is not None:
            step.at(day, f"{len(simulator.arrivals)} messages, {len(simulator.extra)} woken")
        self._truth = shop.read(one(shop.documents, "campaign"))[1]
        return day


def _stop(*_: object) -> NoReturn:
    raise KeyboardInterrupt

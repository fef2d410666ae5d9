"""P12 in the simulator: does a review of the better thing bring people back within three months?

The grocer sells no shoes: a plain wine stands for the entry-level pair and an imported one for the advanced, both real
categories of its real history. The town is played by the simulator, whose reaction to a message is known
(`demo.effect`), so the measured lift stands beside its truth. What the simulator does not know is which product a
message is about: the share who bought the advanced category is told of both arms, and no effect on it is promised.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from homing.core.query import Query
from homing.core.stats import newcombe
from homing.core.time import DAY, HOUR
from homing.demo import stages
from homing.demo.dataset import OPENING_US, load_dataset
from homing.demo.playbook import one, playbook
from homing.demo.progress import Progress
from homing.demo.report import campaign_figures, lift_figures
from homing.demo.world import BEFORE_US, Place, World, world
from homing.learn import outcomes_of
from homing.runtime import VirtualClock

FILE = "P12-gear-upgrade.yaml"
WORDS = {"Entry-level running shoes": "Domestic Wine", "Advanced running shoes": "Imported Wine"}
DAYS = 92  # three months, and the days until the last message that counts
HISTORY_US = 182 * DAY
COUPON = r"\bGEAR-[A-Z0-9]+\b"
_BOUGHT = """
SELECT DISTINCT l.customer_id FROM order_lines l
WHERE l.category = $category AND l.happened_us > $opening AND l.customer_id IS NOT NULL"""


def run(
    folder: Path, *, seed: int = 7, households: int = 1_200, progress: Progress, days: int = DAYS
) -> dict[str, Any]:
    """Play it; return the record."""
    with progress.step("dataset", "reading the year of a grocer"):
        dataset = load_dataset()
    place = Place(folder, seed, keep_mail=False, nightly=False)
    with world(place, dataset, VirtualClock(BEFORE_US), households=dataset.households[:households]) as shop:
        stages.import_history(shop, progress, since_us=OPENING_US - HISTORY_US)
        with progress.step("documents", "trait, tag, segment, content, journey, campaign"):
            shop.adopt(documents_of(seed))
            shop.runtime.publish("tag", "gear_entry")
            shop.settle()
        clock = shop.workspace.clock
        if not isinstance(clock, VirtualClock):
            raise TypeError("a playbook runs under a virtual clock")
        clock.advance_to(OPENING_US)
        simulator = shop.open_shop(days, coupon=COUPON)
        stages.begin(shop, "gear-upgrade")
        with progress.step("live", "three months of shopping", total=days) as step:

            def told(now_us: int) -> None:
                step.at((now_us - OPENING_US) // DAY, f"{len(simulator.arrivals)} messages")

            shop.live(OPENING_US + days * DAY, tick_us=12 * HOUR, told=told)
        return _record(shop, seed, days)


def documents_of(seed: int) -> list[dict[str, Any]]:
    """The playbook's documents, with the sample's words in place of the shop's."""
    text = json.dumps(playbook(FILE), ensure_ascii=False)
    for word, stands_for in WORDS.items():
        text = text.replace(word, stands_for)
    found: list[dict[str, Any]] = json.loads(text)
    return stages.salted(found, seed)


def _record(shop: World, seed: int, days: int) -> dict[str, Any]:
    campaign = one(shop.documents, "campaign", "gear-upgrade")
    read, truth = shop.read(campaign)
    of = outcomes_of(shop.experiment(campaign), shop.workspace.warehouse)
    asked = Query(_BOUGHT, {"category": WORDS["Advanced running shoes"], "opening": OPENING_US})
    bought = {row[0] for row in shop.workspace.warehouse.ask(asked)}
    arms = {True: [c for c, t in zip(of.customers, of.treated, strict=True) if t],
            False: [c for c, t in zip(of.customers, of.treated, strict=True) if not t]}  # fmt: skip
    treated, control = ((sum(c in bought for c in arms[arm]), len(arms[arm])) for arm in (True, False))
    upgrade = newcombe(treated, control) if treated[1] and control[1] else None
    return {
        "playbook": "P12", "data": "a real year of a real grocer, then a simulated town", "seed": seed, "days": days,
        "categories": dict(WORDS), "campaign": campaign_figures(read), "lift": lift_figures(read, truth),
        "bought_the_advanced": None if upgrade is None else {
            "treated": upgrade.treated_mean, "control": upgrade.control_mean, "difference": upgrade.estimate,
            "low": upgrade.low, "high": upgrade.high, "n_treated": upgrade.n_treated, "n_control": upgrade.n_control,
        },
        "duplicates_sent": shop.mailboxes.duplicates,
    }  # fmt: skip

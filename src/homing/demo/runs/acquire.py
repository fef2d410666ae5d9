"""P13 on real data: what does a new buyer of a category cost among the alike, and what among anybody?

The grocer sells no running shoes: a category of its own stands for them. The first nine months are imported, the model
is trained as of then, the audiences are taken, and then the last three months come in as they really happened. Who of
an audience buys the category for the first time in those months is a new buyer. Nobody saw an ad: the figures say whom
an ad would have reached, not what it would have caused; that takes the campaign's holdout. A contact costs the same in
each.
"""

from __future__ import annotations

import json
from math import exp, log, sqrt
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
from scipy.special import ndtri

from homing.collect.files import ImportRequest, run_import
from homing.core.query import Query
from homing.core.settings import Settings
from homing.core.stats import LEVEL, wilson
from homing.core.time import DAY, from_us, iso
from homing.demo.dataset import CURRENCY, OPENING_US, ZONE, load_dataset
from homing.demo.history import HistoryFiles, write_history
from homing.demo.playbook import playbook
from homing.demo.progress import Progress
from homing.predict import keep
from homing.runtime import Runtime, VirtualClock, Workspace, documents
from homing.runtime.models import Use
from homing.segments import members_of

FILE = "P13-acquire-by-interest.yaml"
WORDS = {"Running shoes": "Domestic Wine"}
CUT_US = OPENING_US - 92 * DAY
CONTACT_COST = 0.5  # of one in either audience, in the workspace's currency
AUDIENCES = ("like-runners", "broad-audience")
MOST = 1_000_000
_FIRST = """
SELECT customer_id FROM order_lines WHERE category = $category AND customer_id IS NOT NULL
GROUP BY customer_id HAVING min(happened_us) > $cut AND min(happened_us) <= $end"""


def run(folder: Path, *, seed: int = 7, households: int = 2_469, progress: Progress) -> dict[str, Any]:
    """Play it; return the record. The seed is that of the model and of the broad draw."""
    with progress.step("dataset", "reading the year of a grocer"):
        dataset = load_dataset()
    chosen = dataset.households[:households]
    files = write_history(dataset, folder / "history", chosen)
    clock = VirtualClock(CUT_US)
    settings = Settings(name="Homing playbook", zone=ZONE, currency=CURRENCY)
    with Runtime(Workspace.open(folder / "workspace", clock, settings), sending=False, nightly=False) as runtime:
        with progress.step("import", "nine months of orders"):
            _import(runtime, files, until_us=CUT_US)
        with progress.step("learn", "who is like the buyers of a category"):
            wanted = documents_of(seed)
            _apply(runtime, wanted)
            jobs = runtime.models
            jobs.wait(jobs.train("lookalike", "runners", by="playbook"))
            jobs.wait(jobs.score("lookalike", "runners", Use(), by="playbook", at_us=clock()))
            runtime.settle(300)
        taken = {name: _members(runtime, name) for name in ("runners", *AUDIENCES)}
        with progress.step("wait", "the three months that really followed"):
            clock.advance_to(OPENING_US)
            _import(runtime, files, after_us=CUT_US)
        with runtime.workspace.state.read() as conn:
            card = keep.version_of(conn, "lookalike", "runners").card
        asked = Query(_FIRST, {"category": WORDS["Running shoes"], "cut": CUT_US, "end": OPENING_US})
        bought = {row[0] for row in runtime.workspace.warehouse.ask(asked)}
    return _record(card, taken, bought, seed)


def documents_of(seed: int) -> list[dict[str, Any]]:
    """The playbook's documents, with the sample's words in place of the shop's; the journey stays unpublished."""
    text = json.dumps(playbook(FILE), ensure_ascii=False)
    for word, stands_for in WORDS.items():
        text = text.replace(json.dumps(word)[1:-1], stands_for)
    found: list[dict[str, Any]] = json.loads(text.replace('"salt": "broad"', f'"salt": "broad-{seed}"'))
    return [d | {"random_seed": seed} if d["kind"] == "lookalike" else d for d in found]


def _apply(runtime: Runtime, wanted: list[dict[str, Any]]) -> None:
    documents.apply(runtime, wanted, by="playbook", at_us=runtime.workspace.clock())
    runtime.settle(300)


def _import(runtime: Runtime, files: HistoryFiles, *, until_us: int | None = None, after_us: int | None = None) -> None:
    """Orders up to an instant with customers and products, or those after it."""
    orders = pq.read_table(files.orders)
    at = orders["timestamp"]
    if until_us is not None:
        orders = orders.filter(pc.less_equal(at, from_us(until_us)))
    if after_us is not None:
        orders = orders.filter(pc.greater(at, from_us(after_us)))
    part = files.orders.with_name(f"orders-{'before' if until_us is not None else 'after'}.parquet")
    pq.write_table(orders, part)
    paths = [(part, "orders")]
    if until_us is not None:
        paths = [(files.products, "products"), (part, "orders")]
    w = runtime.workspace
    for path, kind in paths:
        request = ImportRequest(path, kind, source="grocer", zone=ZONE, currency=CURRENCY)
        run_import(request, w.log, w.state, now_us=w.clock(), rejected_dir=w.folder / "rejected",
                   progress=lambda _done, _all: None)  # fmt: skip
    runtime.settle(600)


def _members(runtime: Runtime, segment: str) -> set[str]:
    with runtime.workspace.state.read() as conn:
        return {m.customer_id for m in members_of(conn, segment, limit=MOST)}


def _record(card: dict[str, Any], taken: dict[str, set[str]], bought: set[str], seed: int) -> dict[str, Any]:
    figures = {name: _figures(taken[name], bought) for name in AUDIENCES}
    model = card["check"]["models"][card["model"]]["auc"]
    return {
        "playbook": "P13", "data": "The Complete Journey, a real year of a real grocer", "seed": seed,
        "category": WORDS["Running shoes"], "as_of": iso(CUT_US), "until": iso(OPENING_US),
        "seeds": len(taken["runners"]), "model": card["model"], "held_out_auc": model,
        "contact_cost": CONTACT_COST, "currency": CURRENCY, "audiences": figures,
        "cac_ratio": ratio(*((f["acquired"], f["people"]) for f in figures.values())),
        "note": "nobody saw an ad: these are the buyers an ad would have reached, not those it would have made",
    }  # fmt: skip


def _figures(audience: set[str], bought: set[str]) -> dict[str, Any]:
    n, hits = len(audience), len(audience & bought)
    low, high = wilson(hits, n)
    return {
        "people": n, "acquired": hits, "rate": {"estimate": hits / n, "low": low, "high": high},
        "spent": n * CONTACT_COST,
        "cac": {"estimate": CONTACT_COST * n / hits if hits else None, "low": CONTACT_COST / high,
                "high": CONTACT_COST / low if low > 0 else None},
    }  # fmt: skip


def ratio(alike: tuple[int, int], broad: tuple[int, int], *, level: float = LEVEL) -> dict[str, Any]:
    """Cost of a new buyer among the alike against the broad audience: below 1 the alike are cheaper.

    Source:
        Katz et al. (1978), Biometrics 34, 469-474: the interval of a ratio of two shares, on the logarithm.
    """
    (a, n), (b, m) = alike, broad
    if not a or not b:
        return {"estimate": None, "low": None, "high": None, "level": level}
    middle = log((b / m) / (a / n))
    half = float(ndtri((1 + level) / 2)) * sqrt(1 / a - 1 / n + 1 / b - 1 / m)
    return {"estimate": exp(middle), "low": exp(middle - half), "high": exp(middle + half), "level": level}

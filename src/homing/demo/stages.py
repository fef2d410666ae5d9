"""In which order is the demo set up? History in, scores, segments and campaign; the same watched or headless."""

from __future__ import annotations

from typing import Any

from homing.collect.files import ImportRequest, run_import
from homing.demo.dataset import ZONE
from homing.demo.history import HistoryFiles, write_history
from homing.demo.playbook import extra_segments, one, playbook
from homing.demo.progress import Progress
from homing.demo.world import World

SOURCE = "grocer"  # whose export it is


def import_history(
    world: World, progress: Progress, *, since_us: int | None = None, lines: bool = True
) -> dict[str, Any]:
    """Bring the year in through the importer a user has; return what it said of each file."""
    with progress.step("files", "writing the year as the shop would export it"):
        files = write_history(
            world.dataset, world.place.folder / "history", tuple(world.town.shoppers), since_us=since_us, lines=lines
        )
    said = {}
    for kind in HistoryFiles.KINDS if lines else HistoryFiles.WITHOUT_LINES:
        w = world.workspace
        request = ImportRequest(files.of(kind), kind, source=SOURCE, zone=ZONE, currency=w.settings.currency)
        with progress.step(f"import_{kind}", f"importing {kind}") as step:
            done = run_import(
                request, w.log, w.state, now_us=w.clock(), rejected_dir=w.folder / "rejected",
                progress=lambda rows, _all: step.at(rows),
            )  # fmt: skip
        said[kind] = done.as_dict()
    with progress.step("stream", "who they are, what they bought, where they stand"):
        world.settle()
    return said


def understand(world: World, progress: Progress) -> None:
    """Compute the scores, bring segments and the campaign's documents into force; the journey waits."""
    with progress.step("scores", "RFM and churn signal for everyone"):
        world.runtime.run_scores()
        world.settle()
    with progress.step("segments", "segments and the campaign"):
        world.adopt(extra_segments() + salted(playbook(), world.place.seed))
        world.settle()


def begin(world: World, journey: str | None = None) -> None:
    """Publish the journey: whoever is dormant enters now, others when they become so."""
    world.runtime.publish("journey", one(world.documents, "journey", journey)["id"])
    world.settle()


def salted(documents: list[dict[str, Any]], seed: int) -> list[dict[str, Any]]:
    """The documents with the holdout drawn by the seed."""
    campaign = one(documents, "campaign")
    holdout = campaign["holdout"] | {"salt": f"seed-{seed}"}
    return [d if d is not campaign else d | {"holdout": holdout} for d in documents]

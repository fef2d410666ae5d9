"""Who is of a kind, or will be? A classifier of any trait or segment, checked on what came later, calibrated.

With a horizon the label lies ahead, and time is split: features two horizons ago learn the label of one horizon ago;
the figures are those of features one horizon ago against the label of now, which the model never saw. Then the same
model is learned once more on the newer of the two, and that one is kept. Without a horizon the label is of now,
customers are split at random (7 : 3), and features that the label is itself made of are left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from homing.core.condition import Condition, parse
from homing.core.errors import InvalidInput
from homing.core.time import DAY, duration_us, iso
from homing.predict.boosting import Forest, fit_forest
from homing.predict.definitions import Classification, Label
from homing.predict.features import Floats, Matrix, Plan, choose, matrix
from homing.predict.ground import Ground, Learned, bases
from homing.predict.logistic import Line, fit_line
from homing.predict.metrics import Bools, auc, average_precision, brier, calibration, resampled, share
from homing.predict.prepare import Scale
from homing.predict.wording import label as label_of

FEWEST_TRAIN, FEWEST_TEST = 20, 10
FOLDS, TESTED = 5, 0.3
STRENGTH = 1.0
REPEATS = 5  # of a feature shuffled
TOPS = (0.05, 0.1, 0.2)
DIGITS = 4
Model = Line | Forest


@dataclass(frozen=True, slots=True)
class Sample:
    """Customers with their features at one instant and their label at another."""

    table: Matrix
    label: Bools
    at_us: int
    label_us: int

    @property
    def positives(self) -> int:
        """How many have the label."""
        return int(self.label.sum())


@dataclass(frozen=True, slots=True)
class Calibrated:
    """A model and the line that turns its score into a chance (Platt 1999)."""

    scale: Scale
    model: Model
    slope: float
    offset: float

    def chance(self, table: Matrix) -> Floats:
        """The chance of each customer."""
        return self.of_scaled(self.scale.apply(table))

    def of_scaled(self, x: Floats) -> Floats:
        """The chance of each row that is on the scale already."""
        return np.asarray(1 / (1 + np.exp(-np.clip(self.slope * self.model.score(x) + self.offset, -40, 40))))


def train(document: Classification, ground: Ground) -> Learned:
    """Learn to tell the label, and check it on what the model never saw.

    Raises:
        InvalidInput: too few customers with or without the label, or no feature is left.
    """
    tell = ground.progress
    tell(0.05, "features")
    tree = condition_of(document.label, ground)
    horizon = duration_us(document.horizon) if document.horizon else None
    chosen_us = ground.as_of_us - 2 * horizon if horizon else ground.as_of_us
    plan = choose(ground.warehouse, document.features, chosen_us, currency=ground.currency)
    if horizon is None and not document.keep_definition:
        plan = plan.without(bases(tree))
    earlier, later = _samples(document, ground, plan, tree, horizon)
    _enough(earlier, FEWEST_TRAIN, "learn from")
    _enough(later, FEWEST_TEST, "test on")
    tell(0.4, "learning")
    tested = fit(document, earlier, plan)
    tell(0.6, "testing")
    chance = tested.chance(later.table)
    importance = _importance(tested, later, document.random_seed)
    tell(0.85, "learning from the newest")
    last = (
        later
        if horizon
        else Sample(_both(earlier, later), np.r_[earlier.label, later.label], later.at_us, later.label_us)
    )
    kept = fit(document, last, plan)
    artefact = {"plan": plan.as_dict(), "scale": kept.scale.as_dict(), "model": document.model,
                "params": kept.model.as_dict(), "slope": kept.slope, "offset": kept.offset}  # fmt: skip
    places = {c.key: c for c in plan.columns}
    card = {
        "task": "classification", "as_of": iso(ground.as_of_us), "random_seed": document.random_seed,
        "model": document.model, "split": "time" if horizon else "customers",
        "horizon_days": horizon / DAY if horizon else None,
        "data": {"from": iso(ground.as_of_us - (2 * horizon if horizon else 0) - plan.lookback_us),
                 "to": iso(ground.as_of_us), "lookback_days": plan.lookback_us / DAY, "features": len(plan.columns),
                 "train": _window(earlier), "test": _window(later), "kept": _window(last)},
        "metrics": _metrics(later.label, chance, document.random_seed),
        "calibration": calibration(later.label, chance),
        "features": [
            {"feature": key, "label": label_of(places[key]), **importance[i],
             "weight": round(float(tested.model.coefficients[i]), 6) if isinstance(tested.model, Line) else None}
            for i, key in sorted(enumerate(tested.scale.keys), key=lambda one: -importance[one[0]]["importance"])
        ],
        "left_out": list(plan.left_out),
    }  # fmt: skip
    return Learned(card, artefact)


def chances(artefact: dict[str, Any], ground: Ground) -> dict[str, float]:
    """Everybody's chance as of the instant."""
    table = matrix(ground.warehouse, Plan.of(artefact["plan"]), ground.as_of_us)
    model: Model = Forest.of(artefact["params"]) if artefact["model"] == "boosting" else Line.of(artefact["params"])
    found = Calibrated(Scale.of(artefact["scale"]), model, artefact["slope"], artefact["offset"]).chance(table)
    return {c: round(float(s), DIGITS) for c, s in zip(table.customers, found, strict=True)}


def condition_of(label: Label, ground: Ground) -> Condition:
    """The label as a condition."""
    if label.segment is not None:
        return ground.tree(label.segment)
    return parse({"type": "trait", "name": label.trait, "op": label.op, "value": label.value})


def fit(document: Classification, sample: Sample, plan: Plan) -> Calibrated:
    """Learn from a sample; the chance is calibrated on scores of models that did not see the customer."""
    scale = Scale.learn(sample.table, plan.lookback_us)
    x, y = scale.apply(sample.table), sample.label
    draw = np.random.default_rng(document.random_seed)
    fold = np.empty(len(y), dtype=np.int64)
    for mask in (y, ~y):
        rows = np.flatnonzero(mask)
        fold[rows] = draw.permutation(np.arange(len(rows)) % FOLDS)
    scores = np.empty(len(y))
    for f in range(FOLDS):
        scores[fold == f] = _fit(document, x[fold != f], y[fold != f]).score(x[fold == f])
    line = fit_line(scores[:, None], y, strength=1e6, seed=document.random_seed)
    return Calibrated(scale, _fit(document, x, y), float(line.coefficients[0]), line.intercept)


def _fit(document: Classification, x: Floats, y: Bools) -> Model:
    if document.model == "boosting":
        return fit_forest(x, y, seed=document.random_seed)
    return fit_line(x, y, strength=STRENGTH, seed=document.random_seed)


# -- whom it is learned from ------------------------------------------------------------------------------------------
def _samples(
    document: Classification, ground: Ground, plan: Plan, tree: Condition, horizon: int | None
) -> tuple[Sample, Sample]:
    now = ground.as_of_us
    if horizon:
        return (_sample(document, ground, plan, tree, at=now - 2 * horizon, label_at=now - horizon),
                _sample(document, ground, plan, tree, at=now - horizon, label_at=now))  # fmt: skip
    whole = _sample(document, ground, plan, tree, at=now, label_at=now)
    draw = np.random.default_rng(document.random_seed)
    test = np.zeros(len(whole.label), dtype=bool)
    for mask in (whole.label, ~whole.label):
        rows = np.flatnonzero(mask)
        test[draw.permutation(rows)[: round(TESTED * len(rows))]] = True
    return (Sample(whole.table.rows(~test), whole.label[~test], now, now),
            Sample(whole.table.rows(test), whole.label[test], now, now))  # fmt: skip


def _sample(document: Classification, ground: Ground, plan: Plan, tree: Condition, *, at: int, label_at: int) -> Sample:
    table = matrix(ground.warehouse, plan, at)
    kept = np.ones(len(table.customers), dtype=bool)
    if document.among is not None:
        kept &= table.among(ground.members(ground.tree(document.among), at))
    if document.new_only and at != label_at:
        kept &= ~table.among(ground.members(tree, at))
    table = table.rows(kept)
    return Sample(table, table.among(ground.members(tree, label_at)), at, label_at)


def _enough(sample: Sample, least: int, what: str) -> None:
    yes, no = sample.positives, len(sample.label) - sample.positives
    if min(yes, no) < least:
        raise InvalidInput(
            f"{yes} customers with the label and {no} without at {iso(sample.at_us)}, wanted at least {least} of each"
            f" to {what}", field="label", details={"with": yes, "without": no},
        )  # fmt: skip


def _both(one: Sample, other: Sample) -> Matrix:
    a, b = one.table, other.table
    return Matrix((*a.customers, *b.customers), a.columns, np.vstack([a.x, b.x]), a.as_of_us)


def _window(sample: Sample) -> dict[str, Any]:
    return {"features_at": iso(sample.at_us), "label_at": iso(sample.label_us), "n": len(sample.label),
            "positives": sample.positives}  # fmt: skip


# -- how good it is ---------------------------------------------------------------------------------------------------
def _metrics(y: Bools, chance: Floats, seed: int) -> dict[str, Any]:
    base = float(y.mean())
    order = np.argsort(-chance, kind="stable")
    tops = []
    for top in TOPS:
        n = max(1, int(np.ceil(top * len(y))))
        hits = int(y[order[:n]].sum())
        tops.append({"share": top, "precision": share(hits, n).as_dict(),
                     "lift": share(hits, n, scale=1 / base).as_dict(),
                     "recall": share(hits, int(y.sum())).as_dict()})  # fmt: skip
    return {
        "auc": auc(y, chance).as_dict(), "base_rate": share(int(y.sum()), len(y)).as_dict(),
        "average_precision": resampled(average_precision, y, chance, seed=seed).as_dict(),
        "brier": resampled(brier, y, chance, seed=seed).as_dict(),
        "brier_of_base_rate": round(base * (1 - base), 6), "tops": tops,
    }  # fmt: skip


def _importance(model: Calibrated, sample: Sample, seed: int) -> list[dict[str, Any]]:
    """How much area each feature carries: what is lost when its values are shuffled, with the spread of the repeats."""
    x, y = model.scale.apply(sample.table), sample.label
    draw = np.random.default_rng(seed)
    whole = auc(y, model.model.score(x)).estimate
    out = []
    for column in range(x.shape[1]):
        lost = []
        for _ in range(REPEATS):
            mixed = x.copy()
            mixed[:, column] = draw.permutation(mixed[:, column])
            lost.append(whole - auc(y, model.model.score(mixed)).estimate)
        out.append({"importance": round(float(np.mean(lost)), 6), "low": round(float(np.min(lost)), 6),
                    "high": round(float(np.max(lost)), 6)})  # fmt: skip
    return out

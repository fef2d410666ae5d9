"""Who is like these customers? Everybody ranked by a model of the seeds, and how far down that still makes sense.

Seeds are known, the others are not known *not* to be alike: they are unlabelled, not negative. When the seeds are a
fair sample of all who are alike, the ranking by the chance of being a seed is the ranking by the chance of being alike
(Elkan and Noto 2008, KDD), so a regularised logistic regression of seeds against the rest ranks rightly although its
probabilities are too low; they are never shown. Beside it stands the nearest-neighbour baseline. Which of the two is
used is decided by seeds that were held out: each seed is scored by a model that did not see it, like everybody else.

`precision` at a reach is the share of seeds one would meet there, had we not known them: recall x seeds / reach.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from homing.core.errors import InvalidInput
from homing.core.stats import wilson
from homing.core.time import DAY, iso
from homing.predict.definitions import Lookalike
from homing.predict.features import Floats, Matrix, Plan, choose, matrix
from homing.predict.ground import Ground, Learned, bases
from homing.predict.logistic import Line, fit_line
from homing.predict.metrics import Bools, auc
from homing.predict.prepare import Scale
from homing.predict.wording import label

FEWEST_SEEDS = 20
MOST_SEEDS, MOST_OTHERS = 20_000, 40_000  # learned from; everybody is scored
FOLDS = 5
NEAREST, KEPT = 10, 500  # neighbours, of so many seeds and so many others
PART = 20_000  # rows whose distances are held at once
STRENGTH = 0.1  # of the penalty's inverse: ranking among thousands wants a firm one
REACHES = (0.005, 0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)
DIGITS = 4  # of a similarity


@dataclass(frozen=True, slots=True)
class Near:
    """The baseline: how much nearer the nearest seeds are than the nearest others."""

    seeds: Floats
    others: Floats

    def score(self, x: Floats) -> Floats:
        """The mean distance to the nearest others less that to the nearest seeds."""
        parts = [x[at : at + PART] for at in range(0, len(x), PART)]
        return np.concatenate([_distance(p, self.others) - _distance(p, self.seeds) for p in parts] or [np.empty(0)])


def train(document: Lookalike, ground: Ground) -> Learned:
    """Learn who is like the members of the seed segment, and check it with seeds held out.

    Raises:
        InvalidInput: fewer than 20 seeds or others, or no feature is left.
    """
    tell = ground.progress
    tell(0.05, "features")
    tree = ground.tree(document.seed_segment)
    plan = choose(ground.warehouse, document.features, ground.as_of_us, currency=ground.currency)
    if not document.keep_definition:
        plan = plan.without(bases(tree))
    whole = matrix(ground.warehouse, plan, ground.as_of_us)
    seeds = whole.among(ground.members(tree, ground.as_of_us))
    table, is_seed = _among(document, ground, whole, seeds)
    n, n_seeds = len(is_seed), int(is_seed.sum())
    if n_seeds < FEWEST_SEEDS or n - n_seeds < FEWEST_SEEDS:
        raise InvalidInput(
            f"{n_seeds} seeds among {n} customers, wanted at least {FEWEST_SEEDS} of them and as many others",
            field="seed_segment", details={"seeds": n_seeds, "customers": n},
        )  # fmt: skip
    scale = Scale.learn(table, plan.lookback_us)
    x = scale.apply(table)
    draw = np.random.default_rng(document.random_seed)
    rows = np.sort(
        np.r_[_some(np.flatnonzero(is_seed), MOST_SEEDS, draw), _some(np.flatnonzero(~is_seed), MOST_OTHERS, draw)]
    )
    tell(0.35, "held-out seeds")
    held = _held_out(x[rows], is_seed[rows], draw, document.random_seed)
    name = document.model
    if name == "auto":
        name = "logistic" if held["logistic"][1] >= held["neighbours"][1] else "neighbours"
    tell(0.8, "ranking")
    model = _fit(name, x[rows], is_seed[rows], document.random_seed, draw)
    weights = model.coefficients if isinstance(model, Line) else x[is_seed].mean(axis=0) - x[~is_seed].mean(axis=0)
    scores = model.score(x)
    artefact = {
        "plan": plan.as_dict(), "scale": scale.as_dict(), "model": name, "params": _kept(model),
        "cuts": np.quantile(scores[~is_seed], np.linspace(0, 1, 2_001)).tolist(),
    }  # fmt: skip
    check = {one: {"auc": auc(is_seed[rows], s).as_dict()} for one, (s, _) in held.items()}
    places = {c.key: c for c in table.columns}
    card = {
        "task": "lookalike", "as_of": iso(ground.as_of_us), "random_seed": document.random_seed,
        "data": {"from": iso(ground.as_of_us - plan.lookback_us), "to": iso(ground.as_of_us), "customers": n,
                 "seeds": n_seeds, "candidates": n - n_seeds, "learned_from": len(rows),
                 "lookback_days": plan.lookback_us / DAY},
        "model": name, "check": {"folds": FOLDS, "models": check, "chosen": document.model == "auto"},
        "curve": _curve(held[name][0], is_seed[rows], n, n_seeds),
        "features": [
            {"feature": key, "label": label(places[key]), "weight": round(float(weights[i]), 6)}
            for i, key in sorted(enumerate(scale.keys), key=lambda one: -abs(weights[one[0]]))
        ],
        "left_out": list(plan.left_out),
    }  # fmt: skip
    return Learned(card, artefact)


def similarities(artefact: dict[str, Any], ground: Ground) -> dict[str, float]:
    """Everybody's similarity as of the instant: the share of those who were no seeds when it was learned below them."""
    table = matrix(ground.warehouse, Plan.of(artefact["plan"]), ground.as_of_us)
    scores = _model_of(artefact).score(Scale.of(artefact["scale"]).apply(table))
    cuts = np.array(artefact["cuts"])
    below = np.interp(scores, cuts, np.linspace(0, 1, len(cuts)))
    return {c: round(float(s), DIGITS) for c, s in zip(table.customers, below, strict=True)}


def _among(document: Lookalike, ground: Ground, whole: Matrix, seeds: Bools) -> tuple[Matrix, Bools]:
    if document.among is None:
        return whole, seeds
    inside = whole.among(ground.members(ground.tree(document.among), ground.as_of_us)) | seeds
    return whole.rows(inside), seeds[inside]


def _held_out(x: Floats, is_seed: Bools, draw: np.random.Generator, seed: int) -> dict[str, tuple[Floats, float]]:
    """Each row scored by models that did not see it, ranked within its fold; and the area under the curve."""
    fold = np.empty(len(x), dtype=np.int64)
    for mask in (is_seed, ~is_seed):
        rows = np.flatnonzero(mask)
        fold[rows] = draw.permutation(np.arange(len(rows)) % FOLDS)
    found = {}
    for name in ("logistic", "neighbours"):
        scores = np.empty(len(x))
        for f in range(FOLDS):
            out = fold == f
            scores[out] = _fit(name, x[~out], is_seed[~out], seed, draw).score(x[out])
        found[name] = (scores, auc(is_seed, scores).estimate)
    return found


def _fit(name: str, x: Floats, is_seed: Bools, seed: int, draw: np.random.Generator) -> Line | Near:
    if name == "logistic":
        return fit_line(x, is_seed, strength=STRENGTH, seed=seed)
    kept = (np.sort(_some(np.flatnonzero(mask), KEPT, draw)) for mask in (is_seed, ~is_seed))
    return Near(*(x[rows] for rows in kept))


def _distance(x: Floats, to: Floats) -> Floats:
    k = min(NEAREST, len(to))
    far = (x**2).sum(axis=1)[:, None] + (to**2).sum(axis=1) - 2 * x @ to.T
    return np.asarray(np.sqrt(np.maximum(np.partition(far, k - 1, axis=1)[:, :k], 0)).mean(axis=1))


def _curve(scores: Floats, is_seed: Bools, n: int, n_seeds: int) -> list[dict[str, Any]]:
    """What a reach promises: seeds found, against chance, and how many of the reached are alike."""
    weight = np.where(is_seed, n_seeds / is_seed.sum(), (n - n_seeds) / (~is_seed).sum())
    order = np.argsort(-scores, kind="stable")
    share = np.cumsum(weight[order]) / n
    hits = np.cumsum(is_seed[order])
    tested, base, out = int(is_seed.sum()), n_seeds / n, []
    for reach in REACHES:
        size = int(np.floor((n - n_seeds) * reach))
        found = int(hits[min(int(np.searchsorted(share, reach)), len(hits) - 1)])
        low, high = wilson(found, tested)
        recall = found / tested

        def figure(
            factor: float, at_most: float, e: float = recall, lo: float = low, hi: float = high
        ) -> dict[str, Any]:
            return {"estimate": _cut(e * factor, at_most), "low": _cut(lo * factor, at_most),
                    "high": _cut(hi * factor, at_most), "n": tested}  # fmt: skip

        out.append({"reach": reach, "size": size, "recall": figure(1, 1), "lift": figure(1 / reach, np.inf),
                    "precision": figure(base / reach, 1)})  # fmt: skip
    return out


def _cut(value: float, at_most: float) -> float:
    return round(float(min(value, at_most)), 6)


def _kept(model: Line | Near) -> dict[str, Any]:
    return model.as_dict() if isinstance(model, Line) else {
        "seeds": model.seeds.round(6).tolist(), "others": model.others.round(6).tolist()
    }  # fmt: skip


def _model_of(artefact: dict[str, Any]) -> Line | Near:
    if artefact["model"] == "logistic":
        return Line.of(artefact["params"])
    kept = (np.array(artefact["params"][name], dtype=np.float64) for name in ("seeds", "others"))
    return Near(*kept)


def _some(rows: np.ndarray[Any, Any], most: int, draw: np.random.Generator) -> np.ndarray[Any, Any]:
    return rows if len(rows) <= most else draw.choice(rows, most, replace=False)

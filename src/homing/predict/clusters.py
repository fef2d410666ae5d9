"""Which kinds of customers are there? k-means on few components; how many is chosen by what comes back every time.

A number of clusters is worth keeping when clustering a bootstrap sample finds the same clusters again: mean Jaccard of
0.75 and more (Hennig 2007, Computational Statistics & Data Analysis 52). Of the numbers that hold, the one with the
best silhouette is taken; when none holds, the steadiest, and the card says so. The next run keeps the names of clusters
that are still there and says how much has moved.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from homing.core.errors import InvalidInput
from homing.core.time import DAY, iso
from homing.predict.apart import Apart, set_apart
from homing.predict.definitions import Clustering
from homing.predict.drift import Drift, drift_between
from homing.predict.features import Floats, Matrix, Plan, choose, matrix
from homing.predict.ground import Ground, Learned
from homing.predict.prepare import Scale
from homing.predict.wording import phrase

Ints = NDArray[np.int64]
FEWEST = 50
STEADY = 0.75
SAMPLE, SHOWN, AGAIN = 8_000, 2_500, 10  # customers tried with, of them for silhouettes; bootstrap samples
EXPLAINED, COMPONENTS = 0.8, 12
SETS_APART = 8  # features told of a cluster
FEW = 0.2  # an effect below this names nobody


@dataclass(frozen=True, slots=True)
class Centres:
    """Where the clusters lie: the components, and the centres in them."""

    axes: Floats  # components x features
    centres: Floats
    names: tuple[str, ...]

    def place(self, x: Floats) -> Floats:
        """Rows in the components."""
        return np.asarray(x @ self.axes.T, dtype=np.float64)

    def nearest(self, x: Floats) -> Ints:
        """The cluster of each row, by position."""
        z = self.place(x)
        far = (self.centres**2).sum(axis=1) - 2 * z @ self.centres.T
        return np.asarray(far.argmin(axis=1), dtype=np.int64)


def train(document: Clustering, ground: Ground, before: dict[str, Any] | None = None) -> Learned:
    """Find the clusters.

    Args:
        document: what to cluster.
        ground: where and as of when.
        before: the artefact of the run before, whose names are kept where its clusters are still there.

    Raises:
        InvalidInput: fewer than 50 customers, or no feature that varies.
    """
    tell = ground.progress
    tell(0.05, "features")
    plan = choose(ground.warehouse, document.features, ground.as_of_us, currency=ground.currency)
    table = matrix(ground.warehouse, plan, ground.as_of_us)
    if document.among is not None:
        table = table.rows(table.among(ground.members(ground.tree(document.among), ground.as_of_us)))
    n = len(table.customers)
    if n < FEWEST:
        raise InvalidInput(f"{n} customers, wanted at least {FEWEST} to cluster", field="among")
    scale = Scale.learn(table, plan.lookback_us)
    x = scale.apply(table)
    axes, explained = _components(x)
    z = x @ axes.T
    tell(0.2, "how many")
    tried = _tried(z, document, tell)
    k, steady = _chosen(tried, document.k)
    tell(0.85, "clusters")
    centres, of = _final(z, k, document.random_seed)
    drift: Drift | None = None
    names = tuple(f"c{i + 1}" for i in range(k))
    if before is not None:
        old = _before(before, ground, table)
        drift = drift_between(old, before["shares"], of, k, names=tuple(before["names"]), highest=before["highest"])
        names = drift.names
    tell(0.92, "what sets them apart")
    told = _told(table, of, names)
    highest = max([*(int(one[1:]) for one in names), before["highest"] if before else 0])
    shares = [float((of == i).mean()) for i in range(k)]
    artefact = {"plan": plan.as_dict(), "scale": scale.as_dict(), "axes": axes.tolist(),
                "centres": centres.tolist(), "names": list(names), "highest": highest, "shares": shares}  # fmt: skip
    card = {
        "task": "clustering", "as_of": iso(ground.as_of_us), "random_seed": document.random_seed,
        "data": {"from": iso(ground.as_of_us - plan.lookback_us), "to": iso(ground.as_of_us), "customers": n,
                 "lookback_days": plan.lookback_us / DAY, "features": len(scale.keys), "components": len(axes),
                 "explained": round(explained, 4)},
        "k": k, "chosen": document.k is None, "steady": steady, "tried": tried, "clusters": told,
        "drift": drift.as_dict() if drift is not None else None,
    }  # fmt: skip
    return Learned(card, artefact)


def members(artefact: dict[str, Any], ground: Ground) -> dict[str, str]:
    """The cluster of everybody as of the instant, by name."""
    table = matrix(ground.warehouse, Plan.of(artefact["plan"]), ground.as_of_us)
    found = _centres_of(artefact).nearest(Scale.of(artefact["scale"]).apply(table))
    return {c: artefact["names"][i] for c, i in zip(table.customers, found.tolist(), strict=True)}


# -- how many ---------------------------------------------------------------------------------------------------------
def _components(x: Floats) -> tuple[Floats, float]:
    """The directions that hold most of the variance, each with its largest weight positive."""
    values, vectors = np.linalg.eigh(np.cov(x.T).reshape(x.shape[1], x.shape[1]))
    order = np.argsort(-values)
    share = np.cumsum(values[order]) / values.sum()
    kept = min(COMPONENTS, int(np.searchsorted(share, EXPLAINED)) + 1, len(order))
    axes = vectors[:, order[:kept]].T
    signs = np.sign(axes[np.arange(kept), np.abs(axes).argmax(axis=1)])
    return axes * signs[:, None], float(share[kept - 1])


def _tried(z: Floats, document: Clustering, tell: Any) -> list[dict[str, Any]]:
    from sklearn.metrics import adjusted_rand_score, silhouette_score  # noqa: PLC0415

    draw = np.random.default_rng(document.random_seed)
    sample = z if len(z) <= SAMPLE else z[np.sort(draw.choice(len(z), SAMPLE, replace=False))]
    shown = np.sort(draw.choice(len(sample), min(SHOWN, len(sample)), replace=False))
    most = max(document.k_min, min(document.k_max, len(sample) // 10))
    ks = [document.k] if document.k else range(document.k_min, most + 1)
    out = []
    for n, k in enumerate(ks):
        whole = _k_means(sample, k, document.random_seed)
        labels = np.asarray(whole.labels_)
        jaccard, rand = [], []
        for again in range(AGAIN):
            picked = draw.integers(len(sample), size=len(sample))
            found = _k_means(sample[picked], k, document.random_seed + 1 + again).predict(sample)
            jaccard.append(best_jaccard(labels, found, k))
            rand.append(adjusted_rand_score(labels, found))
        width = silhouette_score(sample[shown], labels[shown]) if len(set(labels[shown].tolist())) > 1 else np.nan
        by_cluster = np.mean(jaccard, axis=0)
        out.append(
            {"k": k, "silhouette": _short(width), "jaccard": _short(by_cluster.mean()),
             "least_jaccard": _short(by_cluster.min()), "rand": _short(np.mean(rand)),
             "rand_low": _short(np.min(rand)), "samples": AGAIN, "n": len(sample)}
        )  # fmt: skip
        tell(0.2 + 0.65 * (n + 1) / len(ks), "how many")
    return out


def best_jaccard(one: Ints, other: Ints, k: int) -> Floats:
    """For each cluster of one partition, the Jaccard similarity of the likest cluster of the other."""
    both = np.zeros((k, k))
    np.add.at(both, (one, other), 1)
    union = both.sum(axis=1)[:, None] + both.sum(axis=0) - both
    return np.asarray((both / np.maximum(union, 1)).max(axis=1), dtype=np.float64)


def _chosen(tried: list[dict[str, Any]], wanted: int | None) -> tuple[int, bool]:
    if wanted is not None:
        return wanted, tried[0]["jaccard"] >= STEADY
    steady = [t for t in tried if t["jaccard"] >= STEADY and t["silhouette"] is not None]
    if steady:
        return max(steady, key=lambda t: (t["silhouette"], -t["k"]))["k"], True
    return max(tried, key=lambda t: (t["jaccard"], -t["k"]))["k"], False


def _k_means(z: Floats, k: int, seed: int) -> Any:
    from sklearn.cluster import KMeans  # noqa: PLC0415 - half a second that only training needs

    return KMeans(k, n_init=4, random_state=seed % 2**31).fit(z)


def _final(z: Floats, k: int, seed: int) -> tuple[Floats, Ints]:
    """The centres, the largest cluster first, and the cluster of each row."""
    found = _k_means(z, k, seed)
    sizes = np.bincount(found.labels_, minlength=k)
    order = np.lexsort((found.cluster_centers_[:, 0], -sizes))
    centres = np.asarray(found.cluster_centers_[order], dtype=np.float64)
    return centres, Centres(np.eye(z.shape[1]), centres, ()).nearest(z)


# -- what they are ----------------------------------------------------------------------------------------------------
def _told(table: Matrix, of: Ints, names: tuple[str, ...]) -> list[dict[str, Any]]:
    apart = [set_apart(table, of == i) if 1 < (of == i).sum() < len(of) - 1 else [] for i in range(len(names))]
    titles = _titles(apart)
    n = len(of)
    return [
        {"id": names[i], "name": titles[i], "size": int((of == i).sum()), "share": round(float((of == i).mean()), 6),
         "of": n, "apart": [a.as_dict() for a in apart[i][:SETS_APART]]}
        for i in range(len(names))
    ]  # fmt: skip


def _titles(apart: list[list[Apart]]) -> list[dict[str, str]]:
    """Each by the two features that set it apart most; one more for each where two would be called the same."""
    for words in (2, 3, 4):
        made = [_title(one, words) for one in apart]
        if len({m["en"] for m in made}) == len(made):
            return made
    return [{lang: f"{text} · {n + 1}" for lang, text in one.items()} for n, one in enumerate(made)]


def _title(apart: list[Apart], words: int) -> dict[str, str]:
    told: dict[str, Apart] = {}
    for one in apart:
        if abs(one.effect) >= FEW and one.column.key not in told:
            subject = one.column.of if one.column.family != "orders" else one.column.part
            told.setdefault(subject, one)
        if len(told) == words:
            break
    phrases = [phrase(one.column, one.effect > 0) for one in told.values()]
    if not phrases:
        return {"en": "like everybody", "zh": "与总体相近"}
    return {"en": ", ".join(p["en"] for p in phrases), "zh": "、".join(p["zh"] for p in phrases)}


def _before(before: dict[str, Any], ground: Ground, table: Matrix) -> Ints:
    """The cluster that the run before would put each customer of today into, by position."""
    whole = matrix(ground.warehouse, Plan.of(before["plan"]), ground.as_of_us)
    found = _centres_of(before).nearest(Scale.of(before["scale"]).apply(whole))
    place = {c: n for n, c in enumerate(whole.customers)}
    return found[np.fromiter((place[c] for c in table.customers), dtype=np.int64, count=len(table.customers))]


def _centres_of(artefact: dict[str, Any]) -> Centres:
    axes, centres = (np.array(artefact[name], dtype=np.float64) for name in ("axes", "centres"))
    return Centres(axes, centres, tuple(artefact["names"]))


def _short(value: Any) -> float | None:
    return round(float(value), 4) if np.isfinite(value) else None

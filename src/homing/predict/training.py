"""Which room learns which document, and who scores by it? One way in for the API, the command line and the night.

Numbers do not hang on how many processors there are: the linear algebra runs in one thread meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from homing.core.errors import InvalidInput
from homing.predict import association, classification, clusters, lookalike
from homing.predict.definitions import MODELS, Association, Classification, Clustering, Lookalike, Model
from homing.predict.ground import Ground, Learned

SCORED = frozenset({"lookalike", "clustering", "classification"})


def document_of(raw: dict[str, Any]) -> Model:
    """The document of a model, as it is kept, read again."""
    found = MODELS[raw["kind"]].model_validate(raw)
    if not isinstance(found, Model):
        raise InvalidInput(f"kind is {raw['kind']!r}, wanted one of {', '.join(MODELS)}", field="kind")
    return found


def learn(document: Model, ground: Ground, before: dict[str, Any] | None = None) -> Learned:
    """Learn a model.

    Args:
        document: what to learn.
        ground: where and as of when.
        before: what scoring by the version before needs; clusters keep their names by it.

    Raises:
        InvalidInput: there is too little to learn from; the message says what was met.
    """
    with _one_thread():
        if isinstance(document, Lookalike):
            return lookalike.train(document, ground)
        if isinstance(document, Clustering):
            return clusters.train(document, ground, before)
        if isinstance(document, Association):
            return association.train(document, ground)
        return classification.train(document, ground)


def scores(document: Model, artefact: dict[str, Any], ground: Ground) -> dict[str, Any]:
    """Everybody's score as of the ground's instant: similarity, cluster or chance.

    Raises:
        InvalidInput: rules score nobody.
    """
    values: dict[str, Any]
    with _one_thread():
        if isinstance(document, Lookalike):
            values = dict(lookalike.similarities(artefact, ground))
        elif isinstance(document, Clustering):
            values = dict(clusters.members(artefact, ground))
        elif isinstance(document, Classification):
            values = dict(classification.chances(artefact, ground))
        else:
            raise InvalidInput("rules about baskets score nobody, wanted another kind of model", field="kind")
    if document.among is None:
        return values
    inside = ground.members(ground.tree(document.among), ground.as_of_us)
    return {c: v for c, v in values.items() if c in inside}


def audience(name: str, document: Lookalike, reach: float, *, trait: str) -> dict[str, Any]:
    """The condition of a lookalike's audience: the most similar, without the seeds themselves.

    Args:
        name: for the error.
        document: the lookalike.
        reach: the share of those who are no seeds, above 0 and at most 1.
        trait: what the similarity is called.

    Raises:
        InvalidInput: `reach` is out of range.
    """
    if not 0 < reach <= 1:
        raise InvalidInput(f"reach of {name!r} is {reach}, wanted a share above 0 and at most 1", field="reach")
    alike = {"type": "trait", "name": trait, "op": "gte", "value": round(1 - reach, 4)}
    return {
        "type": "all",
        "of": [alike, {"type": "not", "of": {"type": "in_segment", "segment": document.seed_segment}}],
    }


@contextmanager
def _one_thread() -> Iterator[None]:
    from threadpoolctl import threadpool_limits  # noqa: PLC0415 - comes with scikit-learn, as heavy as it

    with threadpool_limits(1):
        yield

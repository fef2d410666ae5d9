"""What is likely, and who is alike? Models of customers from what they did, each with a card of how good it is."""

from homing.core.registry import definition_kinds
from homing.predict.definitions import (
    KINDS,
    MODELS,
    Association,
    Classification,
    Clustering,
    FeatureSpec,
    Label,
    Lookalike,
)

definition_kinds.update(MODELS)

__all__ = [
    "KINDS", "MODELS", "Association", "Classification", "Clustering", "FeatureSpec", "Label", "Lookalike",
]  # fmt: skip

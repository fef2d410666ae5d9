"""What does the document of a model say? Who or what it is about, from which features, as of when, with which seed.

Four kinds: `lookalike`, `clustering`, `association`, `classification`. A document says what to learn; what was learned
is a version of its own (see `keep`), made when somebody trains it. The same document, instant and seed give the same
numbers.
"""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import Field, model_validator

from homing.core.document import Document, Duration, Name, Slug
from homing.core.time import duration_us

Family = Literal["orders", "behaviour", "bought", "viewed", "channels", "traits"]
FAMILIES: tuple[Family, ...] = get_args(Family)
KINDS = ("lookalike", "clustering", "association", "classification")
Scalar = str | int | float | bool


class FeatureSpec(Document):
    """Which features a model may see."""

    families: tuple[Family, ...] = Field(FAMILIES, min_length=1, description="kinds of features")
    lookback: Duration = Field("365d", description="events older than this do not count")
    top: int = Field(12, ge=1, le=60, description="events, categories, channels and traits of each family at most")
    exclude: tuple[str, ...] = Field(
        (), max_length=200, description="features, events, categories or traits to leave out"
    )

    @property
    def lookback_us(self) -> int:
        """How far back, in microseconds."""
        return duration_us(self.lookback)


class Lookalike(Document):
    """Who else is like the members of a segment."""

    kind: Literal["lookalike"] = "lookalike"
    id: Slug
    name: Name
    seed_segment: Slug = Field(description="the customers to find others like")
    among: Slug | None = Field(None, description="rank only members of this segment; everybody when absent")
    features: FeatureSpec = FeatureSpec()
    model: Literal["auto", "logistic", "neighbours"] = Field("auto", description="auto: whichever finds held-out seeds")
    keep_definition: bool = Field(False, description="keep features that the seed segment itself is defined by")
    random_seed: int = Field(7, ge=0, le=2**31)


class Clustering(Document):
    """Which kinds of customers there are."""

    kind: Literal["clustering"] = "clustering"
    id: Slug
    name: Name
    among: Slug | None = Field(None, description="only members of this segment; everybody when absent")
    features: FeatureSpec = FeatureSpec(families=("orders", "behaviour", "bought", "channels"))
    k: int | None = Field(None, ge=2, le=20, description="how many; chosen by stability and silhouette when absent")
    k_min: int = Field(3, ge=2, le=20, description="the smallest number tried when it is chosen")
    k_max: int = Field(8, ge=2, le=20, description="the largest number tried when it is chosen")
    random_seed: int = Field(7, ge=0, le=2**31)


class Association(Document):
    """What is bought together."""

    kind: Literal["association"] = "association"
    id: Slug
    name: Name
    item: Literal["product", "category", "brand"] = "category"
    basket: Literal["order", "customer"] = Field("order", description="together in one order, or ever by one customer")
    among: Slug | None = Field(None, description="only orders of this segment's members")
    lookback: Duration = "365d"
    min_support: float = Field(0.01, gt=0, le=1, description="share of baskets that hold all of a rule")
    min_confidence: float = Field(0.1, ge=0, le=1)
    min_lift: float = Field(1.0, ge=0)
    max_items: int = Field(3, ge=2, le=5, description="of a rule, both sides together")
    level: float = Field(
        0.05, gt=0, lt=1, description="share of false rules among those shown, at most (Benjamini-Hochberg)"
    )
    top: int = Field(200, ge=1, le=5_000, description="rules that are kept, the strongest first")


class Label(Document):
    """What is to be told: being in a segment, or having a value of a trait."""

    segment: Slug | None = None
    trait: str | None = Field(None, max_length=200)
    op: Literal["eq", "ne", "gt", "gte", "lt", "lte"] = "eq"
    value: Scalar | None = None

    @model_validator(mode="after")
    def _one(self) -> Label:
        if (self.segment is None) == (self.trait is None):
            raise ValueError("wanted a segment or a trait, one of them")
        if self.trait is not None and self.value is None:
            raise ValueError("wanted the value of the trait that is to be told")
        return self


class Classification(Document):
    """Who will be, or is, of a kind: a segment, or a value of a trait."""

    kind: Literal["classification"] = "classification"
    id: Slug
    name: Name
    label: Label
    horizon: Duration | None = Field(None, description="how far ahead the label lies; absent: it is told for now")
    among: Slug | None = Field(None, description="only members of this segment, at the time of the features")
    new_only: bool = Field(True, description="with a horizon: only those who do not have the label yet")
    features: FeatureSpec = FeatureSpec()
    model: Literal["logistic", "boosting"] = "logistic"
    keep_definition: bool = Field(False, description="keep features that the label itself is defined by")
    random_seed: int = Field(7, ge=0, le=2**31)


Model = Lookalike | Clustering | Association | Classification
MODELS: dict[str, type[Document]] = {
    "lookalike": Lookalike, "clustering": Clustering, "association": Association, "classification": Classification,
}  # fmt: skip

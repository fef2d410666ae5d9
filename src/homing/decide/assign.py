"""Who gets which arm? One hash service for every random choice: the same unit always gets the same answer.

Nothing is stored to be random: arm = hash(layer, experiment, version, salt, unit). Layers (global control, campaign
control, split) and experiments draw independently of each other. Raising a share only adds units to an arm: who was
held out at 10 % still is at 20 %, because control takes the low end of the unit interval.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Literal

from homing.core.errors import InvalidInput

Layer = Literal["global", "campaign", "split"]
CONTROL = "control"
TREATED = "treated"
_SPAN = 1 << 53  # what a float counts exactly


def draw(unit: str, experiment: str, *, layer: Layer = "split", version: int = 1, salt: str = "") -> float:
    """A number in [0, 1), uniform over units, the same each time it is asked for.

    Args:
        unit: whom it is about, a customer id.
        experiment: the id of what is being tried.
        layer: draws of different layers are independent.
        version: a new version draws anew.
        salt: a secret or seed; another salt, another draw.

    Returns:
        A share in [0, 1).

    Example:
        >>> draw("c1", "wake-up") == draw("c1", "wake-up")
        True
    """
    text = "\x1f".join((layer, experiment, str(version), salt, unit))
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return (int.from_bytes(digest, "big") >> 11) / _SPAN


def arm(
    unit: str,
    experiment: str,
    weights: Mapping[str, float],
    *,
    layer: Layer = "split",
    version: int = 1,
    salt: str = "",
) -> str:
    """The arm of a unit, in proportion to the weights.

    Args:
        unit: whom it is about, a customer id.
        experiment: the id of what is being tried.
        weights: arm to weight; in this order they share the unit interval. Weights need not sum to one.
        layer: draws of different layers are independent.
        version: a new version draws anew.
        salt: a secret or seed; another salt, another draw.

    Returns:
        One of the arms whose weight is above zero.

    Raises:
        InvalidInput: no arm has a weight above zero, or one is negative.

    Example:
        >>> arm("c1", "subject", {"a": 1, "b": 0})
        'a'
    """
    total = sum(weights.values())
    if total <= 0 or min(weights.values(), default=0) < 0:
        raise InvalidInput("weights are not all >= 0 with one above, wanted a share for each arm", field="weights")
    point = draw(unit, experiment, layer=layer, version=version, salt=salt) * total
    chosen = ""
    for name, weight in weights.items():
        if weight > 0:
            chosen = name
            if point < weight:
                return name
        point -= weight
    return chosen  # rounding at the very end of the interval


def holdout(unit: str, campaign: str, percent: float, *, layer: Layer = "campaign", salt: str = "") -> str:
    """`control` for `percent` of a hundred units, `treated` for the others.

    Args:
        unit: a customer id.
        campaign: the campaign's id, or the workspace's name for the global layer.
        percent: share held out, 0 .. 100.
        layer: `global` is drawn once for a workspace, `campaign` for each campaign.
        salt: another salt, another draw.

    Returns:
        "control" or "treated".

    Raises:
        InvalidInput: the percentage lies outside 0 .. 100.

    Example:
        >>> holdout("c1", "wake-up", 0)
        'treated'
    """
    if not 0 <= percent <= 100:
        raise InvalidInput(f"holdout is {percent}, wanted a percentage 0 .. 100", field="percent")
    weights = {CONTROL: percent, TREATED: 100 - percent}
    return arm(unit, campaign, weights, layer=layer, salt=salt)

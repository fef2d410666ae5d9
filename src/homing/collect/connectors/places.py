"""Where in a nested JSON value do the items stand, and what is at a place such as `data.customer.phone`?

A path goes through lists by itself: `orders.lines` gives every line of every order. What is looked up for an item is
sought in the item first and then in what it stands in, from the inside out.
"""

from __future__ import annotations

from typing import Any

Chain = tuple[Any, ...]  # from the whole value to the item


def items_at(value: Any, path: str) -> list[Chain]:
    """Every item at a path, each with what it stands in.

    Example:
        >>> said = {"orders": [{"lines": [{"sku": "a"}, {"sku": "b"}]}]}
        >>> [chain[-1]["sku"] for chain in items_at(said, "orders.lines")]
        ['a', 'b']
    """
    chains: list[Chain] = _spread([()], [value])
    for part in path.split(".") if path else []:
        chains = [
            deeper
            for chain in chains
            if isinstance(chain[-1], dict) and chain[-1].get(part) is not None
            for deeper in _spread([chain], [chain[-1][part]])
        ]
    return chains


def value_at(value: Any, path: str) -> Any:
    """What stands at a path of one value; None when nothing does."""
    for part in path.split("."):
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list) and part.isdigit() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value


def sought(chain: Chain, path: str) -> Any:
    """What stands at a path of the innermost value that has it; None when none has."""
    for value in reversed(chain):
        found = value_at(value, path)
        if found is not None:
            return found
    return None


def _spread(chains: list[Chain], values: list[Any]) -> list[Chain]:
    out: list[Chain] = []
    for chain, value in zip(chains, values, strict=True):
        out += [(*chain, one) for one in value] if isinstance(value, list) else [(*chain, value)]
    return out

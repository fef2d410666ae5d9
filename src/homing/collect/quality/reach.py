"""Where in a payload does a path lead? `price`, `address.city`, `products[].product_id`: every value, or its absence.

A property whose name holds dots is found by its whole name first. null stands for nothing there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing()
Reach = Callable[[dict[str, Any]], Iterable[Any]]


def reach_of(path: str) -> Reach:
    """What finds the values of a path in a payload; an absent one is found as MISSING.

    Example:
        >>> find = reach_of("products[].id")
        >>> list(find({"products": [{"id": 1}, {}]})), list(find({}))
        ([1, MISSING], [MISSING])
    """
    steps = _steps(path)
    if steps == (path,):
        return lambda payload: (_or_missing(payload.get(path)),)

    def find(payload: dict[str, Any]) -> Iterable[Any]:
        whole = payload.get(path)
        return (whole,) if whole is not None else _walk(payload, steps)

    return find


def change_at(payload: dict[str, Any], path: str, change: Callable[[dict[str, Any], str], None]) -> None:
    """Call `change` with every object that holds the last part of the path, and that part's name."""
    if path in payload:
        change(payload, path)
        return
    *way, last = _steps(path)
    for holder in _walk(payload, tuple(way)):
        if isinstance(holder, dict) and isinstance(last, str) and last in holder:
            change(holder, last)


def _steps(path: str) -> tuple[str | None, ...]:
    """The names on the way; None stands for every element of a list."""
    steps: list[str | None] = []
    for part in path.split("."):
        steps.append(part.removesuffix("[]"))
        if part.endswith("[]"):
            steps.append(None)
    return tuple(steps)


def _walk(value: Any, steps: tuple[str | None, ...]) -> Iterator[Any]:
    for at, step in enumerate(steps):
        if step is None:
            if not isinstance(value, list):
                yield MISSING
                return
            for one in value:
                yield from _walk(one, steps[at + 1 :])
            return
        value = value.get(step) if isinstance(value, dict) else None
        if value is None:
            yield MISSING
            return
    yield value


def _or_missing(value: Any) -> Any:
    return MISSING if value is None else value

"""Which playbooks run from start to measured result, on which data? One file a playbook; `homing playbook run NAME`."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from homing.core.errors import NotFound

RUNS = {"P12": "gear", "P13": "acquire", "P16": "wake"}


def run_of(name: str) -> Callable[..., dict[str, Any]]:
    """What runs a playbook: `run(folder, *, seed, households, progress)`.

    Raises:
        NotFound: no playbook of that name runs.
    """
    short = name.partition("-")[0].upper()
    if short not in RUNS:
        raise NotFound(f"the playbook {name[:40]!r} cannot be run here, wanted one of {', '.join(RUNS)}")
    found: Callable[..., dict[str, Any]] = import_module(f"{__name__}.{RUNS[short]}").run
    return found

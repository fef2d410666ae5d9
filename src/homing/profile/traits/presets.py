"""Which traits can a workspace take as they are? Documents that ship, in sets; to take one is to apply it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

import yaml

FOLDER = "presets"


@dataclass(frozen=True, slots=True)
class Preset:
    """A set of trait documents that belong together."""

    id: str
    name: dict[str, str]
    description: dict[str, str]
    documents: tuple[dict[str, Any], ...]


@lru_cache(maxsize=1)
def presets() -> tuple[Preset, ...]:
    """Every set that ships, by the name of its file."""
    found = []
    folder = files("homing.profile.traits").joinpath(FOLDER)
    for one in sorted(folder.iterdir(), key=lambda file: file.name):
        if one.name.endswith(".yaml"):
            head, *documents = yaml.safe_load_all(one.read_text(encoding="utf-8"))
            found.append(Preset(one.name.removesuffix(".yaml"), head["name"], head["description"], tuple(documents)))
    return tuple(found)

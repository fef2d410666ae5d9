"""Which campaign does the demo run? Playbook P16 as it is shipped: the file a person applies and edits.

The demo changes one thing in it, the salt of the holdout, so that another seed draws another control group.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

import homing
from homing.core.errors import NotFound

P16 = "P16-wake-the-dormant.yaml"
CAMPAIGN = "wake-the-dormant"


def extra_segments() -> list[dict[str, Any]]:
    """Segments to look at besides the campaign's."""
    return list(yaml.safe_load_all((Path(__file__).parent / "segments.yaml").read_text(encoding="utf-8")))


def playbook(name: str = P16) -> list[dict[str, Any]]:
    """The documents of a playbook.

    Raises:
        NotFound: no playbook of that name is shipped.
    """
    for path in shipped():
        if path.name == name:
            return list(yaml.safe_load_all(path.read_text(encoding="utf-8")))
    raise NotFound(f"there is no playbook {name!r} in this installation")


def shipped() -> list[Path]:
    """The playbooks' files, in their order."""
    package = Path(homing.__file__).parent
    folders = (package / "playbooks", package.parents[1] / "playbooks")
    return next((sorted(found) for folder in folders if (found := list(folder.glob("P*.yaml")))), [])


def one(documents: list[dict[str, Any]], kind: str, id: str | None = None) -> dict[str, Any]:
    """The document of a kind, and of an id where there are several."""
    for document in documents:
        if document["kind"] == kind and id in {None, document["id"]}:
            return document
    raise NotFound(f"the playbook has no {kind} {id or ''}")

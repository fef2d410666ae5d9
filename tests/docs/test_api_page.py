"""The page about the admin API names every route with the role it asks for, in both languages."""

from __future__ import annotations

from pathlib import Path

import pytest

from homing.api import openapi
from homing.api.app import OPEN
from homing.api.auth import needed
from homing.api.routes import ROUTERS

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_route_stands_in_the_docs_with_its_role(language: str):
    text = (DOCS / language / "reference" / "api.md").read_text(encoding="utf-8")
    roles = {route.name: needed(route.endpoint) for router in ROUTERS for route in router.routes}
    wanted = set()
    for path, methods in openapi()["paths"].items():
        for method, operation in methods.items():
            role = roles[operation["operationId"]]
            assert (role == "open") == ((method, path) in OPEN)
            wanted.add(f"| `{method.upper()}` | `{path}` | {'–' if role == 'open' else role} |")
    found = {" |".join(line.split(" |")[:3]) + " |" for line in text.splitlines() if line.startswith("| `")}
    assert found == wanted

"""What happens when a real part is missing: the test skips and says so; where every part is required, it fails."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def missing(what: str) -> None:
    """Skip, saying what is missing; fail where every service is required."""
    if os.environ.get("HOMING_REQUIRE_SERVICES") == "1":
        pytest.fail(f"MISSING: {what} (HOMING_REQUIRE_SERVICES=1)")
    pytest.skip(f"MISSING: {what}")

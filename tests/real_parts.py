"""What happens when a real part is missing: the test skips and says so; where every part is required, it fails."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def missing(what: str) -> None:
    """Skip, saying what is missing; fail where every service is required."""
    if os.environ.get("HOMING_REQUIRE_SERVICES") == "1":
        pytest.fail(f"MISSING: {what} (HOMING_REQUIRE_SERVICES=1)")
    pytest.skip(f"MISSING: {what}")


def chromium() -> str | None:
    """Where the system's Chromium is."""
    return next(
        (path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None
    )

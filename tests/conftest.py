"""What every test shares: one hypothesis profile, and a loud skip where a real part is missing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from real_parts import ROOT

settings.register_profile("homing", deadline=None, suppress_health_check=list(HealthCheck))
settings.load_profile("homing")


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder of real data; the test is skipped where it is absent."""
    folder = Path(os.environ.get("HOMING_TEST_DATA", ROOT.parent / "shared" / "data"))
    if not folder.exists():
        pytest.skip(f"MISSING: test data, set HOMING_TEST_DATA (looked in {folder})")
    return folder

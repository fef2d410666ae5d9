"""What every test shares: one hypothesis profile, and a loud skip where a real part is missing."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from import_desk import desk  # noqa: F401 - a fixture
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


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The conformance report: which unmodified client passed which behaviour."""
    said: dict[tuple[str, str], str] = {}
    for outcome, words in (("passed", "pass"), ("skipped", "MISSING"), ("failed", "FAIL"), ("error", "FAIL")):
        for report in terminalreporter.stats.get(outcome, []):
            for name, value in getattr(report, "user_properties", []):
                if name == "conformance" and (report.when == "call" or outcome != "passed"):
                    said[tuple(value)] = words
    if said:
        from conformance.matrix import as_table

        terminalreporter.section("conformance of unmodified clients")
        for line in as_table(said):
            terminalreporter.write_line(line)

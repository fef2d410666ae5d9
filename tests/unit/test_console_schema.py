"""The console's types are those of the admin API as it answers today."""

import json
from pathlib import Path

from homing.api import openapi

COMMITTED = Path(__file__).parents[2] / "console" / "openapi.json"


def test_the_committed_description_is_the_one_the_api_gives():
    stale = "run `homing openapi > console/openapi.json && npm --prefix console run schema`"
    assert json.loads(COMMITTED.read_text(encoding="utf-8")) == openapi(), stale

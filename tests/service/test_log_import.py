"""The Apache log of 10,000 real lines through the API: what its publisher counted is what the warehouse counts."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import httpx
import pytest

from homing.api.server import Server
from homing.core.settings import Settings
from homing.core.time import parse_iso
from homing.runtime import VirtualClock
from real_parts import ROOT, missing

NOW = parse_iso("2026-01-06T12:00:00Z")
LOG = Path(os.environ.get("HOMING_TEST_DATA", ROOT.parent / "shared" / "data")) / "access_log/apache_combined.log.gz"


class Shop:
    """A real server."""

    def __init__(self, folder: Path) -> None:
        self.server = Server.open(folder, port=0, clock=VirtualClock(NOW), settings=Settings(zone="UTC")).start()
        self.http = httpx.Client(base_url=self.server.url, timeout=60, trust_env=False,
                                 headers={"authorization": f"Bearer {self.server.token}"})  # fmt: skip

    def bring(self, path: Path, kind: str, **form: Any) -> dict[str, Any]:
        with path.open("rb") as file:
            answer = self.http.post("/api/imports", data={"kind": kind, **form}, files={"file": (path.name, file)})
        assert answer.status_code == 200, answer.text
        self.server.runtime.settle(60)
        return dict(answer.json())

    def query(self, sql: str) -> list[list[Any]]:
        answer = self.http.post("/api/query", json={"sql": sql})
        assert answer.status_code == 200, answer.text
        return list(answer.json()["rows"])


@pytest.fixture
def shop(tmp_path: Path):
    made = Shop(tmp_path / "w")
    yield made
    made.http.close()
    made.server.stop()


def test_the_real_log_is_counted_as_published_and_read_twice_is_once(shop):
    if not LOG.is_file():
        missing(f"{LOG} (HOMING_TEST_DATA)")
    done = shop.bring(LOG, "access_log", settings='{"assets": true}')
    assert [done[n] for n in ("read", "accepted", "duplicate", "rejected")] == [10_000, 9_999, 0, 1]
    found = dict(shop.query("SELECT properties.status::VARCHAR, count(*) FROM events WHERE kind = 'page' GROUP BY 1"))
    # published: 200 9,126 times; the one broken line, which has no closing quotation mark, is one of them
    assert (found["200"], found["304"], found["404"]) == (9_126 - 1, 445, 213)
    pages, visits, people, robots = shop.query(
        "SELECT count(*), count(DISTINCT session_id), count(DISTINCT customer_id), "
        "count(*) FILTER (properties.bot::BOOLEAN) FROM events WHERE kind = 'page'"
    )[0]
    assert (pages, robots) == (9_999, 2_773)
    assert 1_300 < people < visits < 2_000  # robots are neither
    again = shop.bring(LOG, "access_log", settings='{"assets": true}')
    assert [again[n] for n in ("read", "accepted", "duplicate", "rejected")] == [10_000, 0, 9_999, 1]
    whole = shop.query("SELECT DISTINCT context.ip::VARCHAR FROM events WHERE kind = 'page'")
    assert all(ip.endswith(".0") for (ip,) in whole)


def test_a_format_is_listed_looked_at_tried_and_refused_like_any_kind(shop, tmp_path):
    listed = {f["format"]: f for f in shop.http.get("/api/formats").json()["items"]}
    assert listed["ad_costs"]["gives"] == "costs"
    assert listed["access_log"]["json_schema"]["properties"]["assets"]["x-title-zh"]
    path = tmp_path / "costs.csv"
    path.write_text("Day,Campaign,Currency code,Cost,Impr.,Clicks\n2026-01-05,Sample,EUR,1.5,10,1\nTotal,,,1.5,10,1\n",
                    encoding="utf-8")  # fmt: skip
    with path.open("rb") as file:
        look = shop.http.post("/api/imports/look", data={"kind": "ad_costs"}, files={"file": ("costs.csv", file)})
    assert look.status_code == 200, look.text
    assert {c["column"] for c in look.json()["columns"]} >= {"cost", "campaign", "currency", "time"}
    planned = shop.bring(path, "ad_costs", dry_run="true")
    assert (planned["accepted"], planned["left_out"], planned["dry_run"]) == (1, 1, True)
    done = shop.bring(path, "ad_costs", settings=json.dumps({"channel": "search"}))
    assert (done["accepted"], done["kind"]) == (1, "costs")
    assert shop.query("SELECT channel, campaign, currency FROM events WHERE name = 'Ad Cost Recorded'") == [
        ["search", "Sample", "EUR"]
    ]
    for form in ({"kind": "ad_costs", "settings": '{"currency": "yuan"}'}, {"kind": "ad_costs", "settings": "["},
                 {"kind": "ga4_report"}, {"kind": "no_such"}):  # fmt: skip
        with path.open("rb") as file:
            answer = shop.http.post("/api/imports", data=form, files={"file": ("costs.csv", file)})
        assert answer.status_code == 422, form
        assert answer.json()["error"]["message"]

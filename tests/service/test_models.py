"""Models over the admin API: trained, followed, used; their segments are live, and a rebuild gives the same again."""

from __future__ import annotations

import csv
import io
import json
import time
from pathlib import Path

import httpx
import pyarrow.parquet as pq
import pytest
from api_world import World, event, world
from sqlalchemy import select

from homing.core.event import Event, Id
from homing.core.settings import Settings
from homing.core.time import DAY, HOUR
from homing.runtime import Runtime, Workspace
from homing.runtime.rebuild import projections, rebuild
from homing.storage.schema import identifier, model_version, segment_member
from learning_world import shoppers

pytestmark = pytest.mark.service
CLUB = {
    "name": {"en": "Club", "zh": "俱乐部"},
    "condition": {"type": "trait", "name": "club", "op": "eq", "value": True},
}
KIEL = {
    "name": {"en": "Kiel", "zh": "基尔"},
    "condition": {"type": "trait", "name": "city", "op": "eq", "value": "Kiel"},
}
LIKE = {"name": {"en": "Like the club", "zh": "像俱乐部"}, "seed_segment": "club"}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    with world(tmp_path_factory.mktemp("home")) as made:
        made.add(*shoppers(300))
        with made.client("editor") as client:
            for name, body in (("club", CLUB), ("kiel", KIEL)):
                assert client.put(f"/segments/{name}", json=body).status_code == 200
        yield made


@pytest.fixture(scope="module")
def api(home: World):
    with home.client("editor") as client:
        yield client


def done(api: httpx.Client, answer: httpx.Response) -> dict:
    """The end of a job."""
    assert answer.status_code == 200, answer.text
    job = answer.json()
    until = time.monotonic() + 60
    while job["status"] in {"waiting", "running"}:
        assert time.monotonic() < until
        time.sleep(0.05)
        job = api.get(f"/jobs/{job['job_id']}").json()
    return job


def members(home: World, segment: str) -> set[str]:
    with home.runtime.workspace.state.read() as conn:
        rows = select(segment_member.c.customer_id).where(segment_member.c.segment_id == segment)
        return set(conn.execute(rows).scalars())


def test_a_lookalike_is_trained_followed_and_makes_a_live_segment(home: World, api: httpx.Client):
    assert api.put("/models/lookalike/like-club", json=LIKE).json()["version"] is None
    assert api.get("/models/lookalike").json()["items"][0]["id"] == "like-club"
    job = done(api, api.post("/models/lookalike/like-club/train", json={}))
    assert (job["status"], job["version"], job["share"]) == ("done", 1, 1.0)
    model = api.get("/models/lookalike/like-club").json()
    row = next(r for r in model["card"]["curve"] if r["reach"] == 0.1)
    seeds = members(home, "club")
    assert model["card"]["data"]["seeds"] == len(seeds)
    use = {"reach": 0.1, "segment": "alike", "name": {"en": "Alike", "zh": "相似"}, "wait": True}
    used = api.post("/models/lookalike/like-club/use", json=use).json()
    assert (used["status"], used["changed"]) == ("done", model["card"]["data"]["customers"])
    alike = members(home, "alike")
    assert abs(len(alike) - row["size"]) <= 2
    assert not alike & seeds
    one = sorted(alike)[0]
    joins = Event(event_id="joins", kind="identify", happened_us=home.clock(), source_id="shop",
                  ids=(Id("user_id", user_of(home, one)),), traits={"club": True})  # fmt: skip
    home.add(joins)
    assert one not in members(home, "alike")  # she is a seed now, within the same moment
    again = api.post("/models/lookalike/like-club/use", json={"wait": True}).json()
    assert again["changed"] == 0  # nothing moved, nothing is said
    held = api.get(f"/customers/{one}").json()
    assert {"lookalike.like-club"} <= {t["name"] for t in held["traits"]}
    (passage, *_) = api.get(f"/customers/{one}/memberships").json()["items"]
    assert {passage["segment"], passage["name"]["en"]} <= {"club", "Club", "alike", "Alike"}


def user_of(home: World, customer: str) -> str:
    with home.runtime.workspace.state.read() as conn:
        held = select(identifier.c.value).where(identifier.c.customer_id == customer, identifier.c.type == "user_id")
        return str(conn.execute(held).scalar_one())


def test_the_same_document_gives_the_same_card_and_every_version_is_kept(home: World, api: httpx.Client):
    document = {"name": {"en": "Kinds", "zh": "类型"}, "k": 3, "features": {"families": ["bought"]}}
    api.put("/models/clustering/kinds", json=document)
    for _ in range(2):
        assert done(api, api.post("/models/clustering/kinds/train", json={}))["error"] is None
    newest = api.get("/models/clustering/kinds").json()
    first = api.get("/models/clustering/kinds", params={"version": 1}).json()
    assert [v["version"] for v in newest["versions"]] == [2, 1]
    assert newest["card"]["drift"]["stayed"] == 1.0
    assert newest["card"]["clusters"] == first["card"]["clusters"]
    assert api.get("/models/clustering/kinds", params={"version": 9}).status_code == 404
    used = api.post("/models/clustering/kinds/use", json={"wait": True}).json()
    assert used["changed"] == newest["card"]["data"]["customers"]
    preview = api.post("/segments/preview", json={"condition": {
        "type": "trait", "name": "cluster.kinds", "op": "eq", "value": "c1"}}).json()  # fmt: skip
    assert preview["count"] == newest["card"]["clusters"][0]["size"]


def test_rules_and_a_classifier_have_cards_and_rules_score_nobody(api: httpx.Client):
    api.put("/models/association/together", json={"name": {"en": "T", "zh": "同"}, "max_items": 2})
    assert done(api, api.post("/models/association/together/train", json={}))["error"] is None
    rules = api.get("/models/association/together").json()
    assert rules["trait"] is None
    assert rules["card"]["rules"][0]["lift"]["low"] > 1
    assert api.post("/models/association/together/use", json={"wait": True}).status_code == 422
    label = {"segment": "club"}
    api.put("/models/classification/is-club", json={"name": {"en": "C", "zh": "类"}, "label": label})
    assert done(api, api.post("/models/classification/is-club/train", json={}))["error"] is None
    assert api.get("/models/classification/is-club").json()["card"]["metrics"]["auc"]["low"] > 0.5


def test_what_cannot_be_learned_says_why_in_the_job(api: httpx.Client):
    nobody = {"name": {"en": "Nobody", "zh": "无人"}, "condition": {"type": "trait", "name": "no", "op": "exists"}}
    api.put("/segments/nobody", json=nobody)
    api.put("/models/lookalike/like-nobody", json=LIKE | {"seed_segment": "nobody"})
    job = done(api, api.post("/models/lookalike/like-nobody/train", json={}))
    assert (job["status"], job["error"]["code"], job["error"]["field"]) == ("failed", "invalid_input", "seed_segment")
    assert "0 seeds" in job["error"]["message"]
    waited = api.post("/models/lookalike/like-nobody/train", json={"wait": True})
    assert (waited.status_code, waited.json()["error"]["field"]) == (422, "seed_segment")
    assert api.get("/models/lookalike/like-nobody").json()["card"] is None
    assert api.get("/jobs/job_unknown").status_code == 404
    assert api.post("/models/lookalike/unknown/train", json={}).status_code == 404
    assert api.post("/models/lookalike/like-nobody/use", json={}).status_code == 404
    assert (
        api.put("/models/lookalike/bad", json={"name": "x", "seed_segment": "club", "surprise": 1}).status_code == 422
    )
    assert api.put("/models/lookalike/bad", json={"name": "x", "seed_segment": "unknown"}).status_code == 422
    assert api.delete("/segments/nobody").status_code == 409  # a model names it
    assert api.delete("/models/lookalike/like-nobody").status_code == 204
    assert api.delete("/segments/nobody").status_code == 204


def test_a_viewer_reads_models_and_trains_none(home: World):
    with home.client("viewer") as viewer:
        assert viewer.get("/models/lookalike").status_code == 200
        assert viewer.post("/models/lookalike/like-club/train", json={}).status_code == 403
        assert viewer.put("/models/lookalike/x", json=LIKE).status_code == 403


def test_overlap_counts_as_sets_do(home: World, api: httpx.Client):
    club, kiel = members(home, "club"), members(home, "kiel")
    got = api.get("/segments/overlap", params={"ids": ["club", "kiel"]}).json()
    pair = next(p for p in got["pairs"] if (p["a"], p["b"]) == ("club", "kiel"))
    assert got["sizes"] == {"club": len(club), "kiel": len(kiel)}
    assert pair["both"] == len(club & kiel)
    assert pair["jaccard"] == pytest.approx(len(club & kiel) / len(club | kiel))
    assert got["anyone"] == len(club | kiel)
    exactly = {tuple(e["segments"]): e["n"] for e in got["exactly"]}
    assert exactly == {("club",): len(club - kiel), ("kiel",): len(kiel - club), ("club", "kiel"): len(club & kiel)}
    for wrong in (["club"], ["club", "club"]):
        assert api.get("/segments/overlap", params={"ids": wrong}).status_code == 422
    assert api.get("/segments/overlap", params={"ids": ["club", "unknown"]}).status_code == 404


def test_what_sets_the_club_apart_is_what_it_buys(api: httpx.Client):
    got = api.get("/segments/club/compare").json()
    by_key = {f["feature"]: f for f in got["features"]}
    assert by_key["trait.club=true"]["defining"]
    assert by_key["bought.Shoes"]["difference"]["low"] > 0
    assert by_key["bought.Shoes"]["q"] < 1e-4
    assert by_key["bought.Novels"]["difference"]["high"] < 0
    assert got["members"] + got["others"] == by_key["trait.club=true"]["difference"]["n_group"] + got["others"]


def test_history_counts_days_and_ends_with_who_is_in_it_now(home: World, api: httpx.Client):
    before = len(members(home, "kiel"))
    home.clock.advance_to(home.clock() + DAY)
    moves = Event(event_id="moves", kind="identify", happened_us=home.clock(), source_id="shop",
                  ids=(Id("user_id", "new-one"),), traits={"city": "Kiel"})  # fmt: skip
    home.add(moves)
    got = api.get("/segments/kiel/history", params={"days": 3}).json()
    assert [(d["entered"], d["left"], d["size"]) for d in got["days"]] == [
        (0, 0, 0), (before, 0, before), (1, 0, before + 1),
    ]  # fmt: skip
    home.clock.advance_to(home.clock() + HOUR)
    away = Event(event_id="away", kind="identify", happened_us=home.clock(), source_id="shop",
                 ids=(Id("user_id", "new-one"),), traits={"city": "Jena"})  # fmt: skip
    home.add(away)
    last = api.get("/segments/kiel/history", params={"days": 1}).json()["days"][0]
    assert (last["entered"], last["left"], last["size"]) == (1, 1, before)
    person = home.person("new-one")
    passages = api.get(f"/customers/{person}/memberships").json()["items"]
    assert [(p["segment"], p["entered"]) for p in passages[:2]] == [("kiel", False), ("kiel", True)]


def test_an_export_keeps_to_consent_and_to_the_role_and_is_written_down(home: World):
    people = [("yes", "granted"), ("no", "withdrawn"), ("mute", None)]
    for name, word in people:
        ids = {"user_id": f"x-{name}", "email": f"{name}@example.com"}
        said = [event(f"x-{name}", "", ids, kind="identify", at=home.clock(), traits={
            "email": f"{name}@example.com", "name": f"={name}", "guild": True})]  # fmt: skip
        if word:
            said.append(event(f"c-{name}", "Consent Updated", ids, at=home.clock(), properties={
                "purpose": "marketing", "channel": "email", "status": word}))  # fmt: skip
        home.add(*said)
    guild = {"name": {"en": "Guild", "zh": "行会"}, "condition": {"type": "trait", "name": "guild", "op": "exists"}}
    with home.client("editor") as editor:
        assert editor.put("/segments/guild", json=guild).status_code == 200
        answer = editor.get("/segments/guild/export", params={"format": "csv", "traits": ["guild"]})
        assert answer.headers["content-disposition"].endswith('"guild.csv"')
        rows = {r["name"]: r for r in csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))}
        assert {name: (r["email"], r["email_allowed"]) for name, r in rows.items()} == {
            "'=yes": ("yes@example.com", "yes"),
            "'=no": ("", "consent_withdrawn"),
            "'=mute": ("mute@example.com", "yes"),  # silence is a yes in this workspace
        }
        assert {r["trait.guild"] for r in rows.values()} == {"True"}
        lines = editor.get("/segments/guild/export", params={"format": "jsonl"}).content.splitlines()
        assert {json.loads(line)["sms_allowed"] for line in lines} == {"no_address"}
        columns = editor.get("/segments/guild/export", params={"format": "parquet"}).content
        table = pq.read_table(io.BytesIO(columns))
        allowed = sorted(filter(None, table["email"].to_pylist()))
        assert (table.num_rows, allowed) == (3, ["mute@example.com", "yes@example.com"])
        assert editor.get("/segments/guild/export", params={"format": "xlsx"}).status_code == 422
        assert editor.get("/segments/unknown/export").status_code == 404
    with home.client("viewer") as viewer:
        seen = viewer.get("/segments/guild/export", params={"format": "jsonl"}).text
        assert "yes@example.com" not in seen
        assert "y***@example.com" in seen
    with home.client("owner") as owner:
        entries = [e for e in owner.get("/audit").json()["items"] if e["action"] == "segment.export"]
    assert (entries[0]["target"], entries[0]["details"]["rows"], entries[0]["details"]["masked"]) == ("guild", 3, True)
    assert not entries[1]["details"]["masked"]


def test_scores_are_told_anew_at_night_and_a_rebuild_gives_the_same(tmp_path: Path):
    with world(tmp_path / "w") as made:
        made.add(*shoppers(180))
        with made.client("editor") as api:
            api.put("/segments/club", json=CLUB)
            api.put("/models/lookalike/like", json=LIKE | {"model": "logistic"})
            assert api.post("/models/lookalike/like/train", json={"wait": True}).status_code == 200
            use = {"reach": 0.2, "segment": "alike", "wait": True}
            assert api.post("/models/lookalike/like/use", json=use).status_code == 200
        before = members(made, "alike")
        assert len(before) > 5
        night = [e for e in shoppers(180, seed=9) if e.kind == "track"][-200:]
        made.clock.advance_to(made.clock() + 2 * HOUR)
        made.add(*[Event(**{n: getattr(e, n) for n in ("kind", "name", "source_id", "ids", "properties")},
                         event_id=f"n{e.event_id}", happened_us=made.clock()) for e in night])  # fmt: skip
        made.clock.advance_to(made.clock() + DAY)
        made.runtime.settle()
        after = members(made, "alike")
        folder = made.runtime.workspace.folder
        assert after != before  # the model in use scored everybody again at three
        with made.runtime.workspace.state.read() as conn:
            cards = conn.execute(select(model_version.c.version, model_version.c.card)).all()
    old = _projected(folder)
    settings = 'zone = "America/New_York"\ncurrency = "USD"\nconsent_default = "opt_out"\n'
    (folder / "homing.toml").write_text(settings, encoding="utf-8")  # as the workspace above
    rebuild(folder)
    new = _projected(folder)
    for table, rows in old.items():
        assert new[table] == rows, table
    with Runtime(Workspace.open(folder, made.clock, Settings()), sending=False) as runtime:
        runtime.settle()
        with runtime.workspace.state.read() as conn:
            assert conn.execute(select(model_version.c.version, model_version.c.card)).all() == cards


def _projected(folder: Path) -> dict:
    from homing.storage.state import State

    state = State(folder / "state.db")
    try:
        return projections(state)
    finally:
        state.close()


def test_an_address_leaves_the_house_under_no_other_name(home: World):
    """Not as a column that is asked for, nor as what a customer without a name is called."""
    at = home.clock()
    for n, (ids, traits) in enumerate([
        ({"user_id": "y-1", "email": "one@example.com"}, {"email": "one@example.com"}),
        ({"user_id": "y-2", "phone": "+8613800138002", "email": "two@example.com"}, {"phone": "+8613800138002"}),
        ({"user_id": "y-3"}, {"email": ["three@example.com"], "phone": {"home": "+8613800138003"}}),
        ({"user_id": "y-4", "phone": "+8613800138004"}, {"phone": "+8613800138004", "name": "Di"}),
    ]):  # fmt: skip
        home.add(event(f"y-{n}", "", ids, kind="identify", at=at, traits=traits | {"lodge": True}))
    for n, (who, channel) in enumerate([("y-1", "email"), ("y-2", "sms"), ("y-2", "email")]):
        home.add(event(f"yc-{n}", "Consent Updated", {"user_id": who}, at=at, properties={
            "purpose": "marketing", "channel": channel, "status": "withdrawn"}))  # fmt: skip
    lodge = {"name": {"en": "Lodge", "zh": "会所"}, "condition": {"type": "trait", "name": "lodge", "op": "exists"}}
    with home.client("editor") as editor:
        assert editor.put("/segments/lodge", json=lodge).status_code == 200
        asked = {"format": "csv", "traits": ["email", "phone", "lodge"]}
        answer = editor.get("/segments/lodge/export", params=asked)
        assert answer.status_code == 200
        text = answer.content.decode("utf-8-sig")
        rows = list(csv.DictReader(io.StringIO(text)))
    assert "one@example.com" not in text
    assert "two@example.com" not in text
    assert "+8613800138002" not in text
    (di,) = [r for r in rows if r["name"] == "Di"]
    assert (di["phone"], di["trait.phone"], di["sms_allowed"]) == ("+8613800138004", "+8613800138004", "yes")
    assert len(rows) == 4

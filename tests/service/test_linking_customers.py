"""Customers that two systems know differently are found to be one, asked about, joined, and never asked again."""

from __future__ import annotations

import pytest
from sqlalchemy import select

pytest.importorskip("splink", reason="MISSING: the extra `identity`")

from homing.core.event import Event, Id
from homing.runtime.rebuild import projections, rebuild
from homing.storage import schema
from homing.storage.state import State
from linked_people import two_systems
from service.api_world import HOUR, NOW, world

PEOPLE = 150
TRUTH = {f"u{n}": f"m{n}" for n in range(PEOPLE)}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    with world(tmp_path_factory.mktemp("linked")) as made:
        made.add(*two_systems(PEOPLE, NOW - HOUR))
        yield made


@pytest.fixture(scope="module")
def api(home):
    with home.client("editor") as client:
        yield client


@pytest.fixture(scope="module")
def run(api):
    answer = api.post("/linkage/runs", json={"sources": ["shop", "club"], "review": 0.6, "wait": True}, timeout=120)
    assert answer.status_code == 200, answer.text
    return answer.json()


def _holders(home):
    with home.runtime.workspace.state.read() as conn:
        rows = conn.execute(select(schema.identifier)).all()
    return {r.value: r.customer_id for r in rows}


def _queue(api, status="open"):
    items, cursor = [], None
    while True:
        page = api.get(
            "/linkage/pairs", params={"status": status, "limit": 100} | ({"cursor": cursor} if cursor else {})
        )
        assert page.status_code == 200, page.text
        items += page.json()["items"]
        cursor = page.json()["next"]
        if not cursor:
            return items


def _right(home, pair):
    """Whether a pair is of one person."""
    held = {
        c: {v for v, who in _holders(home).items() if who == c}
        for c in (pair["a"]["customer_id"], pair["b"]["customer_id"])
    }
    one, other = held.values()
    return any(TRUTH.get(u) in other for u in one) or any(TRUTH.get(u) in one for u in other)


def test_a_run_says_what_it_took_columns_for_and_asks_about_the_pairs(home, api, run):
    assert (run["status"], run["accepted"]) == ("done", 0)  # nothing is joined unless the workspace says so
    roles = {c["name"]: c["role"] for c in run["columns"]}
    assert roles["last_name"] == "surname"
    assert roles["birth_date"] == "birth_date"
    assert roles["address_postal_code"] == "postcode"
    assert roles["address_street"] == "address"
    items = _queue(api)
    assert len(items) == run["review"]
    right = [p for p in items if _right(home, p)]
    assert len(right) >= 0.9 * PEOPLE
    assert len(right) >= 0.95 * len(items)
    likely = [p["probability"] for p in items]
    assert likely == sorted(likely, reverse=True)


def test_a_pair_stands_side_by_side_with_what_each_comparison_weighs(api, run):
    pair = _queue(api)[0]
    by = {c["name"]: c for c in pair["comparisons"]}
    assert by["name"]["weight"] > 0
    assert len(by["name"]["a"]) == 2
    evidence = pair["prior"] + sum(c["weight"] for c in pair["comparisons"])
    assert abs(1 / (1 + 2**-evidence) - pair["probability"]) < 1e-3
    assert by["name"]["label"] == {"en": "Name", "zh": "姓名"}


def test_accepted_pairs_are_one_customer_and_rejected_ones_do_not_come_again(home, api, run):
    items = [p for p in _queue(api) if _right(home, p)]
    yes, no = items[0], items[1]
    done = api.post("/linkage/answers", json={"pairs": [yes["pair_id"]], "answer": "accept"}).json()
    assert (done["accepted"], done["impossible"]) == (1, 0)
    holders = _holders(home)
    merged = {holders[v] for v in holders if holders[v] in {yes["a"]["customer_id"], yes["b"]["customer_id"]}}
    assert len(merged) == 1
    with home.runtime.workspace.state.read() as conn:
        (link,) = conn.execute(select(schema.identity_link)).all()
        (answer,) = conn.execute(select(schema.link_answer)).all()
    assert link.probability == pytest.approx(yes["probability"])
    assert (answer.answer, answer.made_by.partition(":")[0]) == ("linked", "user")
    done = api.post("/linkage/answers", json={"pairs": [no["pair_id"]], "answer": "reject"}).json()
    assert done["rejected"] == 1
    again = api.post("/linkage/answers", json={"pairs": [yes["pair_id"]], "answer": "reject"}).json()
    assert again["settled"] == 1  # a join is taken back on the customer
    second = api.post(
        "/linkage/runs", json={"sources": ["shop", "club"], "review": 0.6, "wait": True}, timeout=120
    ).json()
    assert second["rejected_before"] >= 1
    names = {p["pair_id"] for p in _queue(api)}
    assert not names & {yes["pair_id"], no["pair_id"]}


def test_who_said_two_people_may_come_to_accept_them(home, api, run):
    pair = next(p for p in _queue(api) if _right(home, p))
    said = [
        api.post("/linkage/answers", json={"pairs": [pair["pair_id"]], "answer": answer}).json()
        for answer in ("reject", "accept")
    ]
    assert [(one["accepted"], one["rejected"], one["settled"]) for one in said] == [(0, 1, 0), (1, 0, 0)]
    joined = next(p for p in _queue(api, "accepted") if p["pair_id"] == pair["pair_id"])
    holders = _holders(home)
    assert joined["a"]["today"] == joined["b"]["today"]
    assert joined["a"]["today"] in holders.values()
    assert len({holders[v] for v in holders if holders[v] in {pair["a"]["customer_id"], pair["b"]["customer_id"]}}) == 1


def test_the_sources_of_files_and_keys_can_be_chosen(home, api):
    file = {"file": ("till.csv", b"user_id,name\nu-9000,Someone\n")}
    done = api.post("/imports", data={"kind": "customers", "source": "till"}, files=file)
    assert done.status_code == 200, done.text
    with home.client("owner") as owner:
        made = owner.post("/keys", json={"kind": "write", "name": "Desk"}).raise_for_status().json()
    assert {"till", made["key_id"]} <= set(api.get("/linkage/sources").json()["items"])


def test_two_immutable_ids_are_never_joined(home, api):
    home.add(*[
        Event(event_id=f"twin-{who}", kind="identify", happened_us=NOW - HOUR, source_id="shop",
              ids=(Id("user_id", who),),
              traits={"first_name": "quentin", "last_name": "zzarovich", "birth_date": "1970-01-02",
                      "address": {"street": "1 twin lane", "city": "bath", "postal_code": "ls9 9xx"}})
        for who in ("twin-a", "twin-b")
    ])  # fmt: skip
    found = api.post("/linkage/runs", json={"review": 0.6, "accept": True, "wait": True}, timeout=120).json()
    assert found["status"] == "done"
    assert found["impossible"] >= 1
    assert found["accepted"] > 0.8 * PEOPLE
    holders = _holders(home)
    assert holders["twin-a"] != holders["twin-b"]
    joined = sum(holders[u] == holders[m] for u, m in TRUTH.items())
    assert joined > 0.85 * PEOPLE


def test_a_dry_run_changes_nothing(home, api):
    before = _holders(home), api.get("/linkage/counts").json()
    found = api.post("/linkage/runs", json={"dry_run": True, "wait": True}, timeout=120).json()
    assert (found["status"], found["asked"]["dry_run"]) == ("done", True)
    assert (_holders(home), api.get("/linkage/counts").json()) == before


def test_a_viewer_sees_no_names_and_answers_nothing(home, run):
    with home.client("viewer") as client:
        assert client.get("/linkage/pairs", params={"status": "accepted"}).status_code == 200
        answer = client.post("/linkage/answers", json={"pairs": ["lx"], "answer": "accept"})
        assert answer.status_code == 403


@pytest.mark.parametrize(
    ("body", "code", "field"),
    [({"threshold": 0.6, "review": 0.9}, 422, "threshold"), ({"sources": ["nobody"], "wait": True}, 200, None),
     ({"threshold": 2}, 422, "threshold")],
)  # fmt: skip
def test_what_cannot_be_linked_is_said_clearly(api, body, code, field):
    answer = api.post("/linkage/runs", json=body, timeout=60)
    assert answer.status_code == code, answer.text
    if code == 200:
        assert answer.json()["status"] == "failed"
        assert "nobody" in answer.json()["error"]
    else:
        assert answer.json()["error"]["field"] == field


def test_a_replay_of_the_log_joins_the_same_customers(tmp_path):
    (tmp_path / "homing.toml").write_text('zone = "America/New_York"\nconsent_default = "opt_out"\n')
    with world(tmp_path) as made:
        made.add(*two_systems(60, NOW - HOUR))
        with made.client("editor") as client:
            found = client.post("/linkage/runs", json={"accept": True, "wait": True}, timeout=120).json()
            assert found["accepted"] > 30
            waiting = client.get("/linkage/pairs").json()["items"]
            if waiting:
                client.post("/linkage/answers", json={"pairs": [waiting[0]["pair_id"]], "answer": "reject"})
        made.runtime.settle(30)
        before = projections(made.runtime.workspace.state)
    assert len(before["link_answer"]) >= found["accepted"]
    rebuild(tmp_path)
    state = State(tmp_path / "state.db")
    after = projections(state)
    state.close()
    assert after == before

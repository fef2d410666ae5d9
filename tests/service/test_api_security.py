"""Nobody gets in who should not, and nobody changes what they may not: asked of every route there is."""

from __future__ import annotations

import re

import httpx
import pytest
from api_world import EMAILS, LOCAL, PASSWORD, SEGMENT, World, world

from homing.api import openapi
from homing.api.app import OPEN
from homing.api.guards import BODY_BYTES
from homing.core.words import WORDS

pytestmark = pytest.mark.service
ROUTES = sorted((method, path) for path, methods in openapi()["paths"].items() for method in methods)
CLOSED = [r for r in ROUTES if r not in OPEN]
OWNERS = ("/api/keys", "/api/users", "/api/audit", "/api/audit/names")
MINE = {  # a viewer may sign out, change a password, and ask a question that is too long for an address
    ("delete", "/api/session"), ("put", "/api/session/password"), ("post", "/api/traits/as-of"),
}  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    with world(tmp_path_factory.mktemp("home")) as made:
        yield made


def address(path: str) -> str:
    return re.sub(r"\{\w+\}", "none", path).removeprefix("/api")


def test_only_signing_in_and_setting_up_are_open():
    assert {r for r in ROUTES if r in OPEN} == {
        ("get", "/api/session"), ("post", "/api/session"), ("post", "/api/setup")
    }  # fmt: skip
    assert len(CLOSED) > 35


@pytest.mark.parametrize(("method", "path"), CLOSED, ids=[f"{m} {p}" for m, p in CLOSED])
def test_a_closed_route_answers_401_to_nobody_whatever_they_send(home: World, method: str, path: str):
    with home.client() as nobody:
        for headers in ({}, {"authorization": "Bearer hk_wrong"}, {"cookie": "homing_session=wrong"},
                        {"authorization": "Basic aGtfOg=="}):  # fmt: skip
            answer = nobody.request(method, address(path), content=b"{not json", headers=headers)
            assert (answer.status_code, answer.json()["error"]["code"]) == (401, "not_signed_in")


@pytest.mark.parametrize(("method", "path"), CLOSED, ids=[f"{m} {p}" for m, p in CLOSED])
def test_a_role_too_small_answers_403(home: World, viewer: httpx.Client, editor: httpx.Client, method: str, path: str):
    changes = method != "get"
    if path.startswith(OWNERS):
        refused = [viewer, editor]
    elif (changes or (path.endswith("/rejected") and "{" in path)) and (method, path) not in MINE:
        refused = [viewer]
    else:
        refused = []
    for client in refused:
        answer = client.request(method, address(path), content=b"{not json")
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "refused")


@pytest.fixture(scope="module")
def viewer(home: World):
    with home.client("viewer") as client:
        yield client


@pytest.fixture(scope="module")
def editor(home: World):
    with home.client("editor") as client:
        yield client


@pytest.mark.parametrize(
    "headers",
    [
        {"x-homing": ""},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1.evil.example"},
    ],
)
def test_another_site_cannot_make_a_browser_change_anything(home: World, headers: dict[str, str]):
    with home.client("owner") as client:
        answer = client.post("/keys", json={"kind": "write", "name": "x"}, headers=headers)
        assert answer.status_code == 403
        del client.headers["origin"]
        assert client.post("/keys", json={"kind": "write", "name": "x"}).status_code == 403
        assert client.get("/keys").json()["items"] == []


def test_another_site_cannot_sign_a_browser_in(home: World):
    with home.client() as client:
        body = {"email": EMAILS["owner"], "password": PASSWORD}
        assert client.post("/session", json=body, headers={"origin": "https://evil.example"}).status_code == 403


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(home: World):
    with home.client() as client:
        answer = client.post("/session", json={"email": EMAILS["owner"], "password": PASSWORD})
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert "Path=/" in cookie
        assert "Secure" not in cookie  # plain HTTP on loopback; behind TLS it is set


def test_signing_out_ends_the_session_and_not_only_the_cookie(home: World):
    with home.client("owner") as client:
        kept = client.cookies["homing_session"]
        assert client.delete("/session").status_code == 204
        client.cookies.clear()
        again = client.get("/customers", headers={"cookie": f"homing_session={kept}"})
        assert again.status_code == 401


def test_guessing_a_password_is_slowed(home: World):
    with home.client() as client:
        wrong = {"email": "somebody@example.com", "password": "not the one"}
        codes = [client.post("/session", json=wrong).status_code for _ in range(6)]
        assert codes == [401] * 5 + [429]
        answer = client.post("/session", json=wrong)
        assert answer.json()["error"]["code"] == "overload"
        assert int(answer.headers["retry-after"]) >= 1


def test_an_admin_key_opens_and_dies_with_the_next_request(home: World):
    with home.client("owner") as client:
        made = client.post("/keys", json={"kind": "admin", "name": "ci"})
        assert made.status_code == 201
        key, key_id = made.json()["key"], made.json()["key_id"]
        assert key not in client.get("/keys").text
        bearer = {"authorization": f"Bearer {key}"}
        with home.client() as program:
            assert program.get("/customers", headers=bearer).status_code == 200
            assert program.post("/keys", json={"kind": "write", "name": "web"}, headers=bearer).status_code == 201
            assert client.delete(f"/keys/{key_id}").json()["revoked_at"] is not None
            assert program.get("/customers", headers=bearer).status_code == 401
        actions = [(e["actor"], e["action"]) for e in client.get("/audit").json()["items"][:3]]
        assert [a for _, a in actions] == ["key.revoke", "key.create", "key.create"]
        assert actions[1][0] == f"key:{key_id}"


def test_a_write_key_reads_nothing(home: World):
    with home.client("owner") as client:
        key = client.post("/keys", json={"kind": "write", "name": "web"}).json()["key"]
    with home.client() as program:
        assert program.get("/customers", headers={"authorization": f"Bearer {key}"}).status_code == 401
    assert home.runtime.workspace.keys.source_of(key)


def test_the_local_token_opens_from_this_machine(home: World):
    with home.client() as program:
        assert program.get("/keys", headers={"authorization": f"Bearer {LOCAL}"}).status_code == 200
        assert program.get("/keys", headers={"authorization": f"Bearer {LOCAL}x"}).status_code == 401


def test_a_body_is_bounded_as_it_says_and_as_it_comes(home: World):
    def endless():
        for _ in range(BODY_BYTES // 1000 + 2):
            yield b"x" * 1000

    with home.client("editor") as client:
        json = {"content-type": "application/json"}
        said = client.post("/apply", content=b" " * (BODY_BYTES + 1), headers=json)
        came = client.post("/apply", content=endless(), headers=json)
        assert [(a.status_code, a.json()["error"]["code"]) for a in (said, came)] == [(413, "too_large")] * 2


def test_every_answer_tells_the_browser_to_be_careful(home: World):
    with home.client() as client:
        for answer in (client.get("/session"), client.get("/customers"), client.get("/nothing")):
            assert answer.headers["cache-control"] == "no-store"
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_every_failure_has_one_shape_and_its_code_has_words(home: World, editor: httpx.Client):
    failures = [
        editor.get("/nothing"),
        editor.request("PATCH", "/segments"),
        editor.get("/customers/none"),
        editor.get("/customers", params={"sort": "weight"}),
        editor.get("/customers", params={"cursor": "!!"}),
        editor.get("/customers", params={"limit": 0}),
        editor.post("/query", json={"sql": "DROP TABLE event_fact"}),
        editor.post("/query", json={"sql": "SELECT * FROM read_csv('/etc/passwd')"}),
        editor.post("/query", content=b"{", headers={"content-type": "application/json"}),
        editor.put("/segments/x", json=SEGMENT),
        editor.put("/segments/y", json={"id": "y", "name": "y", "condition": {"type": "nonsense"}}),
    ]
    codes = [(f.status_code, f.json()["error"]["code"]) for f in failures]
    assert codes[:3] == [(404, "not_found"), (405, "method_not_allowed"), (404, "not_found")]
    assert set(codes[3:]) == {(422, "invalid_input")}
    for failure in failures:
        assert failure.json().keys() == {"error"}
        assert failure.json()["error"]["code"] in WORDS["error"]
        assert failure.json()["error"]["message"]


@pytest.mark.parametrize("sql", ["ATTACH 'x.db'", "COPY events TO 'out.csv'", "SET memory_limit='1GB'",
                                 "SELECT 1; SELECT 2", "INSERT INTO mark VALUES ('x', 1)",
                                 "SELECT * FROM glob('/*')"])  # fmt: skip
def test_a_person_s_query_can_only_read_the_warehouse(home: World, editor: httpx.Client, sql: str):
    assert editor.post("/query", json={"sql": sql}).status_code == 422


def test_a_viewer_sees_people_masked_everywhere(home: World, viewer: httpx.Client, editor: httpx.Client):
    ann = home.person("ann.lee@example.com")
    seen = ["/customers", f"/customers/{ann}", f"/customers/{ann}/timeline", f"/customers/{ann}/identity", "/events",
            "/catalogue", "/rejected"]  # fmt: skip
    masked = "".join(viewer.get(path).text for path in seen)
    plain = "".join(editor.get(path).text for path in seen)
    for secret in ("ann.lee@example.com", "12125550123", "bob@example.com", "x@y.example"):
        assert secret in plain
        assert secret not in masked
    assert "a***@example.com" in masked
    found = {
        q: len(viewer.get("/customers", params={"q": q}).json()["items"]) for q in ("ann.lee", "+1212", "ann le", ann)
    }
    assert found == {"ann.lee": 0, "+1212": 0, "ann le": 1, ann: 1}  # nobody is found out letter by letter


def test_the_description_of_the_api_is_complete():
    document = openapi()
    assert document["openapi"].startswith("3.1")
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            assert operation.get("summary"), path
            assert bool(operation["security"]) == ((method, path) not in OPEN)
            assert {"401", "403", "422"} <= operation["responses"].keys()
            if "204" not in operation["responses"] and "text/event-stream" not in str(operation["responses"]):
                assert any(code in operation["responses"] for code in ("200", "201"))

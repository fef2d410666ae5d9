"""Signing in, sessions, keys and the one-time link hold what they promise."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from sqlalchemy import select

from homing.core.errors import Conflict, InvalidInput, NotFound, NotSignedIn, Overload, Refused
from homing.core.time import DAY, SECOND
from homing.govern import (
    Caller,
    KeyRing,
    NewUser,
    Sessions,
    Users,
    audit,
    complete_setup,
    mask,
    mask_id,
    new_setup_token,
    require,
    workspace_secret,
)  # fmt: skip
from homing.govern.throttle import CAPACITY, Throttle
from homing.storage.schema import api_key, secret, session, user
from homing.storage.state import State

NOW = 1_700_000_000 * SECOND
GOOD = "correct horse battery"


@pytest.fixture
def state(tmp_path: Path):
    made = State(tmp_path / "state.db")
    yield made
    made.close()


def owner(state: State):
    token = new_setup_token(state, now_us=NOW)
    return complete_setup(state, token or "", "Ann@Example.com", "Ann", GOOD, now_us=NOW)


def everything(state: State) -> str:
    with state.read() as conn:
        return " ".join(str(tuple(r)) for t in (user, session, api_key, secret) for r in conn.execute(select(t)))


def test_the_first_owner_comes_by_a_link_that_works_once(state: State):
    token = new_setup_token(state, now_us=NOW)
    assert token
    assert token not in everything(state)
    made = complete_setup(state, token, "Ann@Example.com", "Ann", GOOD, now_us=NOW + DAY)
    assert (made.email, made.role) == ("ann@example.com", "owner")
    with pytest.raises(Conflict):
        complete_setup(state, token, "bob@example.com", "Bob", GOOD, now_us=NOW)
    assert new_setup_token(state, now_us=NOW) is None


@pytest.mark.parametrize(("what", "after"), [("wrong", 0), ("", 0), ("right", DAY + 1)])
def test_a_wrong_or_old_link_makes_nobody(state: State, what: str, after: int):
    token = new_setup_token(state, now_us=NOW)
    with pytest.raises(NotSignedIn):
        complete_setup(state, (token or "") if what == "right" else what, "a@b.co", "A", GOOD, now_us=NOW + after)
    assert not Users(state).exist()


def test_a_second_start_ends_the_first_link(state: State):
    first, second = new_setup_token(state, now_us=NOW), new_setup_token(state, now_us=NOW)
    with pytest.raises(NotSignedIn):
        complete_setup(state, first or "", "a@b.co", "A", GOOD, now_us=NOW)
    assert complete_setup(state, second or "", "a@b.co", "A", GOOD, now_us=NOW).role == "owner"


@pytest.mark.parametrize("password", ["short", "password123", "a@example.com", "aaaaaaaaaaaaaa", "x" * 201])
def test_a_password_easy_to_guess_is_refused_and_the_link_stays_good(state: State, password: str):
    token = new_setup_token(state, now_us=NOW) or ""
    with pytest.raises(InvalidInput) as met:
        complete_setup(state, token, "a@example.com", "A", password, now_us=NOW)
    assert met.value.field == "password"
    assert password not in met.value.message or len(password) < 6
    assert complete_setup(state, token, "a@example.com", "A", GOOD, now_us=NOW)


def test_only_the_right_password_signs_in_and_the_answer_does_not_say_which_was_wrong(state: State):
    owner(state)
    users = Users(state)
    assert users.sign_in(" ANN@example.com ", GOOD, "1.2.3.4", now_us=NOW).name == "Ann"
    words = set()
    for email, password in (("ann@example.com", "wrong wrong"), ("nobody@example.com", GOOD)):
        with pytest.raises(NotSignedIn) as met:
            users.sign_in(email, password, "1.2.3.4", now_us=NOW)
        words.add(met.value.message)
    assert len(words) == 1
    assert GOOD not in everything(state)
    assert "$argon2id$" in everything(state)


def test_guessing_is_slowed_and_the_right_password_waits_too(state: State):
    owner(state)
    users = Users(state)
    for _ in range(5):
        with pytest.raises(NotSignedIn):
            users.sign_in("ann@example.com", "not the one", "6.6.6.6", now_us=NOW)
    with pytest.raises(Overload) as met:
        users.sign_in("ann@example.com", GOOD, "6.6.6.6", now_us=NOW + SECOND)
    assert met.value.retry_after_s == 1
    assert users.sign_in("ann@example.com", GOOD, "1.1.1.1", now_us=NOW + SECOND)  # elsewhere she still can
    assert users.sign_in("ann@example.com", GOOD, "6.6.6.6", now_us=NOW + 3 * SECOND)


def test_trying_many_accounts_from_one_address_is_slowed_and_memory_is_bounded():
    throttle = Throttle()
    for n in range(30):
        throttle.check(f"u{n}", "6.6.6.6", now_us=NOW)
        throttle.failed(f"u{n}", "6.6.6.6", now_us=NOW)
    with pytest.raises(Overload):
        throttle.check("u99", "6.6.6.6", now_us=NOW)
    for n in range(CAPACITY + 50):
        throttle.failed("x", f"{n}", now_us=NOW)
    assert len(throttle._counts) == CAPACITY


def test_the_wait_doubles_up_to_a_quarter_of_an_hour():
    throttle, waits = Throttle(), []
    now = NOW
    for n in range(20):
        throttle.failed("a", "x", now_us=now)
        if n >= 4:
            with pytest.raises(Overload) as met:
                throttle.check("a", "x", now_us=now)
            waits.append(met.value.retry_after_s)
    assert waits[:4] == [2, 4, 8, 16]
    assert max(waits) == 900


def test_a_session_is_found_by_its_token_until_it_ends(state: State):
    ann, sessions = owner(state), Sessions(state)
    token = sessions.start(ann.user_id, now_us=NOW)
    assert token not in everything(state)
    assert sessions.holder(token, now_us=NOW) == ann
    assert sessions.holder(token, now_us=NOW + 14 * DAY) is None
    assert sessions.holder("x" * 5000, now_us=NOW) is None
    sessions.end(token)
    assert sessions.holder(token, now_us=NOW) is None


def test_the_oldest_session_ends_when_a_user_has_too_many(state: State):
    ann, sessions = owner(state), Sessions(state)
    tokens = [sessions.start(ann.user_id, now_us=NOW + n) for n in range(22)]
    live = [sessions.holder(t, now_us=NOW + 30) is not None for t in tokens]
    assert live == [False] * 2 + [True] * 20


def test_a_role_or_password_change_reaches_a_live_session(state: State):
    owner(state)
    users, sessions = Users(state), Sessions(state)
    bob = users.add(NewUser("bob@example.com", "Bob", "editor", GOOD), now_us=NOW, by="t")
    token = sessions.start(bob.user_id, now_us=NOW)
    users.set_role(bob.user_id, "viewer", now_us=NOW, by="t")
    found = sessions.holder(token, now_us=NOW)
    assert found is not None
    assert found.role == "viewer"
    users.change_password(bob.user_id, GOOD, "another long one", "x", now_us=NOW)
    assert sessions.holder(token, now_us=NOW) is None


def test_who_forgot_a_password_gets_a_new_one_and_the_old_one_and_sessions_end(state: State):
    owner(state)
    users, sessions = Users(state), Sessions(state)
    bob = users.add(NewUser("bob@example.com", "Bob", "viewer", GOOD), now_us=NOW, by="t")
    token = sessions.start(bob.user_id, now_us=NOW)
    new = users.renew_password(bob.user_id, now_us=NOW, by="local")
    assert len(new) >= 20
    assert sessions.holder(token, now_us=NOW) is None
    assert users.sign_in("bob@example.com", new, "a", now_us=NOW).user_id == bob.user_id
    with pytest.raises(NotSignedIn):
        users.sign_in("bob@example.com", GOOD, "a", now_us=NOW)
    with pytest.raises(NotFound):
        users.renew_password("u-nobody", now_us=NOW, by="local")
    with state.read() as conn:
        assert [e.action for e in audit.entries(conn, before=None, limit=1)] == ["user.renew"]
        assert all(new not in str(e) for e in audit.entries(conn, before=None, limit=50))


def test_the_last_owner_can_be_neither_removed_nor_made_smaller(state: State):
    ann, users = owner(state), Users(state)
    with pytest.raises(Conflict):
        users.remove(ann.user_id, now_us=NOW, by="t")
    with pytest.raises(Conflict):
        users.set_role(ann.user_id, "editor", now_us=NOW, by="t")
    with pytest.raises(Conflict):
        users.add(NewUser("ANN@example.com", "A", "viewer", GOOD), now_us=NOW, by="t")


def test_a_key_is_shown_once_and_dies_at_once(state: State):
    ring = KeyRing(state)
    key, text = ring.create("write", "My shop, web", now_us=NOW, by="user:u1")
    assert text.startswith("wk_")
    assert text not in everything(state)
    assert key.key_id.startswith("my-shop-web-")
    assert ring.source_of(text) == key.key_id == KeyRing(state).source_of(text)
    assert ring.admin_of(text) is None
    assert [ring.source_of(t) for t in ("", "wk_wrong", text + "x", "wk_" + "x" * 9999)] == [None] * 4
    assert ring.revoke(key.key_id, now_us=NOW, by="user:u1").revoked_us == NOW
    assert ring.source_of(text) is None
    assert KeyRing(state).source_of(text) is None
    with pytest.raises(NotFound):
        ring.revoke("no-such", now_us=NOW, by="user:u1")


def test_an_admin_key_is_no_write_key(state: State):
    ring = KeyRing(state)
    key, text = ring.create("admin", "ci", now_us=NOW, by="local")
    assert (ring.admin_of(text), ring.source_of(text)) == (key.key_id, None)
    with pytest.raises(InvalidInput):
        ring.create("root", "ci", now_us=NOW, by="local")


def test_every_change_leaves_an_audit_row_without_secrets(state: State):
    ann = owner(state)
    _, text = KeyRing(state).create("admin", "ci", now_us=NOW, by=f"user:{ann.user_id}")
    with state.read() as conn:
        rows = audit.entries(conn)
    assert [(e.actor, e.action) for e in rows] == [(f"user:{ann.user_id}", "key.create"), ("setup", "user.add")]
    assert text not in str(rows)
    assert "ann@" not in str(rows)


def test_roles_hold_what_smaller_roles_hold():
    assert require(Caller("user:a", "editor"), "viewer").role == "editor"
    with pytest.raises(Refused) as met:
        require(Caller("user:a", "viewer"), "editor")
    assert met.value.status == 403
    with pytest.raises(NotSignedIn):
        require(None, "viewer")


def test_masking_reaches_every_corner_and_keeps_the_rest():
    met = {"email": "ann.lee@shop.example", "note": "mail bob@x.io or +8613800138000", "phone": "138 0013 8000",
           "ids": [{"type": "phone", "value": "+8613800138000"}], "order_id": "20171231000123", "price": 12.5,
           "link": "http://h/u/abcDEF123456.sig_x", "n": 3, "mobile": 13800138000}  # fmt: skip
    assert mask(met) == {
        "email": "a***@shop.example", "note": "mail b***@x.io or ***00", "phone": "***00",
        "ids": [{"type": "phone", "value": "***00"}], "order_id": "20171231000123", "price": 12.5,
        "link": "http://h/u/***", "n": 3, "mobile": "***00",
    }  # fmt: skip
    assert mask_id("email", "a@b.co") == "a***@b.co"


@pytest.mark.parametrize("number", [
    "(021) 5555 1234", "138.0013.8000", "+1 (415) 555-2671", "0571-88776655", "138 0013 8000 ext 12",
    "021-5555123转805", "\uff11\uff13\uff18\uff10\uff10\uff11\uff13\uff18\uff10\uff10\uff10", 13800138000,
])  # fmt: skip
def test_a_phone_is_masked_however_it_is_written(number: str | int):
    digits = [c for c in unicodedata.normalize("NFKC", str(number)) if c.isdigit()]
    shown = mask({"phone": number})["phone"]
    assert shown == f"***{''.join(digits[-2:])}"


def test_what_only_stands_under_the_name_of_a_phone_is_left_as_it_is():
    for said in ("iPhone 15 Pro", "2026-01-31 by letter", "none", "12345", 3, None, True):
        assert mask({"phone": said}) == {"phone": said}


def test_what_stands_beside_a_phone_is_masked_as_well():
    row = {"type": "phone", "value": "+8613800138000", "reason": "of ann.lee@shop.example", "tel": "+8613900139000"}
    assert mask(row) == {"type": "phone", "value": "***00", "reason": "of a***@shop.example", "tel": "***00"}


def test_a_workspace_secret_is_made_once(state: State):
    assert workspace_secret(state, "tracking") == workspace_secret(state, "tracking")
    assert workspace_secret(state, "tracking") != workspace_secret(state, "other")
    assert len(workspace_secret(state, "tracking")) == 32

"""Whatever the admin API is asked, within its own description or outside it, it answers; it never breaks.

A source that is made up would be connected to, so nothing that makes, tries or runs a source is asked here.
"""

from __future__ import annotations

import copy
from typing import Any

import httpx
import pytest
import schemathesis
from api_world import CAMPAIGN, CONTENT, JOURNEY, LOCAL, SEGMENT, World, world
from hypothesis import given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error

from homing.api import openapi

pytestmark = [pytest.mark.service, pytest.mark.slow]

ENDLESS = "/api/events/live"  # a stream that stays open
LEAVES_THIS_MACHINE = "/api/sources"
KNOWN = {"segment_id": "buyers", "journey_id": "welcome", "campaign_id": "spring", "kind": "segment"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory):
    with world(tmp_path_factory.mktemp("fuzz")) as made:
        with made.client("owner") as client:
            documents = {"documents": [SEGMENT, CONTENT, JOURNEY, CAMPAIGN]}
            assert client.post("/apply", json=documents).status_code == 200
        yield made


@pytest.fixture(scope="module")
def api(home: World):
    with httpx.Client(base_url=f"{home.url}/api", headers={"authorization": f"Bearer {LOCAL}"}, timeout=60) as client:
        yield client


schema = (
    schemathesis.openapi.from_dict(openapi())
    .exclude(path=ENDLESS)
    .exclude(path_regex=f"^{LEAVES_THIS_MACHINE}", method=["POST", "PUT", "DELETE"])
)


@schema.hook
def map_path_parameters(context: Any, path_parameters: dict[str, Any] | None) -> dict[str, Any] | None:
    """Half of what is asked for exists; a made-up name only ever meets 404."""
    for name, value in (path_parameters or {}).items():
        if name in KNOWN and len(str(value)) % 2:
            path_parameters[name] = KNOWN[name]
    return path_parameters


@schema.parametrize()
@settings(max_examples=6, deadline=None)
def test_no_request_breaks_the_api(case, home):
    answer = case.call(base_url=home.url, headers={"authorization": f"Bearer {LOCAL}"})
    case.validate_response(answer, checks=[not_a_server_error])
    if answer.status_code >= 400:
        assert answer.json()["error"].keys() >= {"code", "message"}


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(p for key, item in inner for p in places(item, (*path, key)))]


@st.composite
def spoiled(draw: st.DrawFn) -> dict[str, Any]:
    """A definition with something else in one or two of its places."""
    document = copy.deepcopy(draw(st.sampled_from([SEGMENT, CONTENT, JOURNEY, CAMPAIGN])))
    for _ in range(draw(st.integers(1, 2))):
        path = draw(st.sampled_from(places(document)[1:]))
        holder = document
        for key in path[:-1]:
            holder = holder[key]
        holder[path[-1]] = draw(_json)
    return document


@settings(max_examples=300, deadline=None)
@given(st.lists(spoiled(), min_size=1, max_size=2))
def test_no_definition_breaks_the_api(api, documents):
    answers = [api.post("/apply", json={"documents": documents, "dry_run": True})]
    if documents[0].get("kind") == "segment":
        answers.append(api.post("/segments/preview", json={"condition": documents[0].get("condition")}))
    for answer in answers:
        assert answer.status_code < 500, answer.text
        if answer.status_code >= 400:
            assert answer.json()["error"].keys() >= {"code", "message"}

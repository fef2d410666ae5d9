"""The console's files reach a browser with the right body, cache life and policy."""

import asyncio
from pathlib import Path

import httpx
import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from homing import console


class Browser:
    """Asks one application for paths, in this process."""

    def __init__(self, app: Starlette) -> None:
        self.transport = httpx.ASGITransport(app=app)

    def get(self, path: str) -> httpx.Response:
        async def ask() -> httpx.Response:
            async with httpx.AsyncClient(transport=self.transport, base_url="http://console.test") as client:
                return await client.get(path)

        return asyncio.run(ask())


@pytest.fixture
def built(tmp_path: Path) -> Path:
    static = tmp_path / "static"
    (static / "assets").mkdir(parents=True)
    (static / "index.html").write_text("<title>Homing</title>")
    (static / "assets" / "index-abc.js").write_text("export {}")
    (static / ".source-hash").write_text("secret")
    (tmp_path / "outside.txt").write_text("not yours")
    return static


def test_a_page_path_gets_the_page_and_is_asked_for_again_each_time(built):
    client = Browser(console.create(built))
    for path in ("/", "/customers/c-1", "/journeys"):
        answer = client.get(path)
        assert (answer.status_code, answer.text) == (200, "<title>Homing</title>")
        assert answer.headers["cache-control"] == "no-cache"


def test_a_hashed_asset_is_kept_for_good_and_a_missing_one_is_never_the_page(built):
    client = Browser(console.create(built))
    assert client.get("/assets/index-abc.js").headers["cache-control"] == "public, max-age=31536000, immutable"
    assert client.get("/assets/index-old.js").status_code == 404
    assert client.get("/robots.txt").status_code == 404


@pytest.mark.parametrize(
    "path", ["/.source-hash", "/..%2foutside.txt", "/assets/..%2f..%2foutside.txt", "/%2e%2e/outside.txt"]
)
def test_nothing_hidden_or_outside_the_build_is_served(built, path):
    answer = Browser(console.create(built)).get(path)
    assert "secret" not in answer.text
    assert "not yours" not in answer.text


def test_every_answer_carries_the_policy(built):
    client = Browser(console.create(built))
    for path in ("/", "/assets/index-abc.js", "/assets/gone.js"):
        headers = client.get(path).headers
        assert "script-src 'self'" in headers["content-security-policy"]
        assert "'unsafe-eval'" not in headers["content-security-policy"]
        assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "no-referrer")


def test_without_a_build_the_page_says_in_both_languages_how_to_make_one(tmp_path):
    answer = Browser(console.create(tmp_path)).get("/customers")
    assert answer.status_code == 503
    assert "npm run build" in answer.text
    assert "控制台尚未构建" in answer.text


def test_mounted_it_leaves_the_routes_before_it_alone(built):
    app = Starlette(routes=[Route("/healthz", lambda _: PlainTextResponse("ok"))])
    console.mount(app, built)
    client = Browser(app)
    assert client.get("/healthz").text == "ok"
    assert client.get("/overview").text == "<title>Homing</title>"

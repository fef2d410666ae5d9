"""What customers do with a message comes back as events, and a refusal is honoured by the next send."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest

from homing.act.channels.email import Email
from homing.act.doors import PublicDoors
from homing.act.tracking import SECRET, Token, Tracker
from homing.core.turn import Turn
from homing.govern import ConsentBook
from homing.storage import schema
from homing.storage.state.store import insert_new
from journey_world import content, delay, journey, say, us
from post_office import TRACKER, Post
from smtp_sink import Sink

pytestmark = [pytest.mark.service, pytest.mark.anyio]
BROWSER = {"user-agent": "Mozilla/5.0 (X11; Linux) Firefox/130"}


class Shop:
    """A world with a mail server, a sender, the doors and the stages that hear what comes in by them."""

    def __init__(self, folder: Path, sink: Sink, **settings):
        self.sink = sink
        self.post = Post(folder, Email(port=sink.port), base_url="http://shop.example", **settings)
        world = self.world = self.post.world
        with world.state.write() as conn:
            insert_new(conn, schema.secret, [{"name": SECRET, "value": TRACKER.secret.hex()}])
        self.doors = PublicDoors(world.state, self.post.log, world.settings, lambda: world.now_us)
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.doors), base_url="http://shop.example", headers=BROWSER
        )
        self.heard = 0
        self.consent = ConsentBook(world.state)

    def hear(self):
        """Read the log as the worker does."""
        for stored in self.post.log.read(self.heard, 1_000):
            self.heard = stored.offset
            who = stored.event.ids[0].value
            self.world.now_us = max(self.world.now_us, stored.received_us)
            turn = Turn(self.world.now_us)
            self.consent.apply(stored, who, turn)
            self.world.ledger.apply(stored, who, turn)
            self.world.runner.apply(stored, who, [], turn)
            with self.world.state.write() as conn:
                self.consent.flush(conn)
            self.world.commit(turn)

    def told(self, name: str):
        return [s.event for s in self.post.log.read(0, 1_000) if s.event.name == name]

    def links(self, n: int = -1) -> list[str]:
        page = self.sink.messages[n].get_body(("html",)).get_content()
        return [a.replace("&amp;", "&") for a in re.findall(r'(?:href|src)="(http://shop.example[^"]+)"', page)]

    def link(self, door: str) -> str:
        return next(a for a in self.links() if f"/{door}/" in a)


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture
def shop(tmp_path: Path):
    sink = Sink().start()
    made = Shop(tmp_path, sink)
    made.world.publish(content(), journey(say(next="d"), delay("d", "1d", "again"), say("again")))
    yield made
    made.post.sender.close()
    made.post.log.close()
    made.world.state.close()
    sink.stop()


async def test_a_click_leads_on_counts_once_and_robots_do_not_count(shop):
    shop.post.queue("ann")
    shop.post.run()
    url = shop.link("t/c")
    for robot in (
        {"user-agent": "Slackbot-LinkExpanding 1.0"},
        {"sec-purpose": "prefetch;prerender"},
        {"purpose": "prefetch"},
    ):
        got = await shop.http.get(url, headers=robot)
        assert (got.status_code, got.headers["location"]) == (302, "https://shop.example/a?b=1&c=2")
    assert (await shop.http.head(url)).status_code == 302
    assert shop.told("Message Clicked") == []
    await shop.http.get(url)
    await shop.http.get(url)
    (clicked,) = shop.told("Message Clicked")
    assert (clicked.ids[0].value, clicked.properties["url"], clicked.properties["link"]) == (
        "ann",
        "https://shop.example/a?b=1&c=2",
        1,
    )
    got = await shop.http.get(shop.link("t/o"))
    assert (got.headers["content-type"], len(got.content), got.headers["cache-control"]) == (
        "image/gif",
        42,
        "no-store",
    )
    await shop.http.get(shop.link("t/o"))
    shop.hear()
    (row,) = shop.post.rows()
    assert (row.opened_us, row.clicked_us) == (shop.told("Message Opened")[0].happened_us, clicked.happened_us)


async def test_a_changed_or_made_up_link_leads_nowhere(shop):
    shop.post.queue("ann")
    shop.post.run()
    url = shop.link("t/c")
    evil = Tracker("http://shop.example", b"other" * 8).url("click", Token("m_x", "https://evil.example", 1))
    token = shop.link("t/o").rsplit("/", 1)[1].removesuffix(".gif")
    for bad in (evil, url[:-3], url + "A", f"http://shop.example/t/c/{token}", f"http://shop.example/u/{token}", "http://shop.example/t/c/",
                "http://shop.example/u/x", "http://shop.example/t/c/%00"):  # fmt: skip
        got = await shop.http.get(bad)
        assert got.status_code == 404, bad
        assert "location" not in got.headers
    assert (await shop.http.delete(url)).status_code == 405


async def test_looking_at_the_preference_page_changes_nothing_and_it_speaks_her_language(shop):
    shop.post.queue("ann")
    shop.world.know("ann", language="zh-CN")
    shop.post.run()
    before = shop.post.log.tail()
    got = await shop.http.get(shop.link("u"), headers={"accept-language": "en"})
    assert got.status_code == 200
    assert '<html lang="zh-CN">' in got.text
    assert "您希望收到哪些消息" in got.text
    assert "checked" in got.text
    assert "<script" not in got.text
    assert "default-src 'none'" in got.headers["content-security-policy"]
    assert shop.post.log.tail() == before


@pytest.mark.parametrize("body", [{"List-Unsubscribe": "One-Click"}, None])
async def test_one_click_with_or_without_a_body_is_honoured_by_the_next_send(shop, body):
    shop.post.queue("ann", "bob")
    shop.post.run()
    url = shop.sink.messages[0]["List-Unsubscribe"].strip("<>")
    who = shop.sink.messages[0]["To"].split("@")[0]
    got = await shop.http.post(url, data=body)
    assert got.status_code == 200
    (left,) = shop.told("Unsubscribed")
    assert (left.ids[0].value, left.properties["purpose"], left.properties["channel"]) == (who, "marketing", "email")
    shop.hear()
    shop.world.until("2026-03-04T09:00")
    shop.post.run()
    assert shop.sink.to().count(f"{who}@shoppers.example") == 1
    assert len(shop.sink.messages) == 3


async def test_leaving_again_after_coming_back_is_leaving(shop):
    shop.post.queue("ann")
    shop.post.run()
    url = shop.link("u")
    for _ in range(2):
        await shop.http.post(url)
        shop.world.now_us += 1_000_000
        token = url.rsplit("/", 1)[1]
        await shop.http.post("http://shop.example/prefs", data={"token": token, "channel.email": "on"})
        shop.hear()
        assert shop.consent.status("ann", "marketing", "email") == "granted"
        shop.world.now_us += 1_000_000
    await shop.http.post(url)
    shop.hear()
    assert shop.consent.status("ann", "marketing", "email") == "withdrawn"
    assert len(shop.told("Unsubscribed")) == 3


@pytest.mark.parametrize("form", [{}, {"all": "1", "channel.email": "on"}])
async def test_unticking_or_leaving_everything_stops_what_is_queued_already(shop, form):
    shop.post.queue("ann")
    shop.post.run()
    token = shop.link("u").rsplit("/", 1)[1]
    shop.world.until("2026-03-03T10:00")
    assert [status for status, _ in shop.post.ends()] == ["accepted", "queued"]
    shop.world.now_us = us("2026-03-03T10:01")
    got = await shop.http.post("http://shop.example/prefs", data={"token": token} | form)
    assert got.status_code == 200
    shop.hear()
    shop.post.run()
    assert shop.post.ends()[1] == ("refused", "consent_withdrawn")
    assert len(shop.sink.messages) == 1


async def test_a_form_without_a_token_or_too_large_is_refused(shop):
    for data in ({"channel.email": "on"}, {"token": "x" * 20_000}):
        assert (await shop.http.post("http://shop.example/prefs", data=data)).status_code == 404


async def test_the_doors_of_an_erased_customer_still_lead_on(shop):
    shop.post.queue("ann")
    shop.post.run()
    with shop.world.state.write() as conn:
        conn.execute(schema.send.delete())
    assert (await shop.http.get(shop.link("t/c"))).status_code == 302
    assert (await shop.http.get(shop.link("t/o"))).status_code == 200
    assert (await shop.http.post(shop.link("u"))).status_code == 404
    assert shop.told("Message Clicked") == []


async def test_a_bounced_address_is_not_tried_again(shop):
    shop.sink.on_recipient = lambda _a: "550 5.1.1 nobody here"
    shop.post.queue("ann")
    shop.post.run()
    shop.hear()
    shop.sink.on_recipient = lambda _a: None
    shop.world.until("2026-03-04T09:00")
    shop.post.run()
    assert shop.post.ends() == [("bounced", "bounced"), ("refused", "suppressed")]
    assert shop.sink.messages == []

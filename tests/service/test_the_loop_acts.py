"""From an event to a message she can read, click and refuse: a whole workspace, a real mail server."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select

from homing.act.doors import PublicDoors
from homing.core.event import Event, Id
from homing.core.settings import Settings
from homing.core.time import DAY, HOUR, parse_iso
from homing.runtime import Runtime, VirtualClock, Workspace
from homing.runtime.documents import apply
from homing.storage import schema
from journey_world import ORDER, campaign, content, journey, say
from smtp_sink import Sink

pytestmark = [pytest.mark.service, pytest.mark.anyio]
NOW = parse_iso("2026-03-02T09:00")
SEGMENT = {
    "kind": "segment", "id": "dormant", "name": {"en": "Dormant", "zh": "沉睡"},
    "condition": {"type": "all", "of": [{"type": "did", "event": "Order Completed"},
                                        {"type": "absent", "event": "Order Completed", "within": "30d"}]},
}  # fmt: skip
BODY = (
    "<mjml><mj-body><mj-section><mj-column>"
    "{% for p in recommendations %}<mj-text>{{ p.name }}</mj-text>{% endfor %}"
    '<mj-button href="https://shop.example/back">{{ coupon.code }}</mj-button>'
    "</mj-column></mj-section></mj-body></mjml>"
)
WAIT = {
    "id": "wait", "type": "wait_for", "events": [ORDER | {"to": "end"}], "timeout": "3d", "timeout_to": "again"
}  # fmt: skip
WAKE = journey(
    {"id": "hour", "type": "delay_until", "time": "10:00", "next": "mail"}, say(next="wait"),
    WAIT,
    say("again", next="end"), {"id": "end", "type": "exit"},
    exit_on=[ORDER],
)  # fmt: skip


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture
def sink():
    made = Sink().start()
    yield made
    made.stop()


def order(n: int, who: str, at: int) -> Event:
    lines = [{"product_id": f"p{k}", "quantity": 1, "price": 2.0} for k in range(n % 3 + 1)]
    facts = {"order_id": f"o{n}", "revenue": 6.0, "products": lines}
    return Event(event_id=f"o{n}", kind="track", name="Order Completed", happened_us=at, source_id="shop",
                 ids=(Id("user_id", who),), properties=facts)  # fmt: skip


def known(who: str) -> list[Event]:
    ids = (Id("user_id", who), Id("email", f"{who}@shoppers.example"))
    yes = {"purpose": "marketing", "channel": "email", "status": "granted"}
    return [
        Event(event_id=f"i-{who}", kind="identify", happened_us=NOW - 90 * DAY, source_id="shop", ids=ids,
              traits={"name": who.title(), "email": f"{who}@shoppers.example"}),
        Event(event_id=f"c-{who}", kind="track", name="Consent Updated", happened_us=NOW - 90 * DAY, source_id="shop",
              ids=ids[:1], properties=yes),
    ]  # fmt: skip


def product(n: int) -> Event:
    facts = {"product_id": f"p{n}", "name": f"Product {n}", "category": f"c{n}"}
    return Event(event_id=f"p{n}", kind="track", name="Product Updated", happened_us=NOW - 99 * DAY,
                 source_id="shop", properties=facts)  # fmt: skip


async def test_who_falls_asleep_is_written_to_with_her_products_and_who_buys_or_refuses_is_left_alone(
    tmp_path: Path, sink: Sink
):
    clock = VirtualClock(NOW)
    people = [f"c{n}" for n in range(12)]
    settings = Settings.model_validate({"smtp": {"port": sink.port}, "base_url": "http://shop.example", "zone": "UTC"})
    with Runtime(Workspace.open(tmp_path, clock, settings)).start() as runtime:
        w = runtime.workspace
        w.log.append([product(n) for n in range(3)], dedupe="ever")
        w.log.append([e for who in people for e in known(who)], dedupe="ever")
        w.log.append([order(n, who, NOW - 29 * DAY - 12 * HOUR) for n, who in enumerate(people)], dedupe="ever")
        hello = content(body={"en": BODY}, blocks={"recommendations": {"count": 3}}, coupon={"prefix": "BACK-"})
        documents = [SEGMENT, hello, campaign(25), WAKE]
        apply(runtime, documents, by="test", at_us=NOW, publish_journeys=True)
        runtime.settle(60)
        assert sink.messages == []  # nobody sleeps yet

        clock.advance_to(NOW + 2 * DAY)  # all fell asleep on the first evening; it is past ten of the morning after
        runtime.settle(60)
        with w.state.read() as conn:
            arms = dict(conn.execute(select(schema.assignment.c.customer_id, schema.assignment.c.arm)).all())
            names = dict(conn.execute(select(schema.identifier.c.value, schema.identifier.c.customer_id)
                                      .where(schema.identifier.c.type == "email")).all())  # fmt: skip
        assert set(arms.values()) == {"control", "treated"}
        treated = {address for address, customer in names.items() if arms[customer] == "treated"}
        assert sorted(sink.to()) == sorted(treated)
        letter = sink.messages[0]
        page = letter.get_body(("html",)).get_content()
        assert len(set(re.findall(r"Product \d", page))) == 3
        assert "BACK-" in page

        buyer, leaver = sink.messages[0]["To"], sink.messages[1]["To"]
        doors = httpx.AsyncClient(
            transport=httpx.ASGITransport(PublicDoors(w.state, w.log, settings, clock)), base_url="http://shop.example"
        )
        click = re.search(r'href="(http://shop.example/t/c/[^"]+)"', page)
        assert click is not None
        assert (await doors.get(click[1])).headers["location"] == "https://shop.example/back"
        assert (await doors.post(sink.messages[1]["List-Unsubscribe"].strip("<>"))).status_code == 200
        w.log.append([order(99, buyer.split("@")[0], clock())])
        runtime.settle(60)

        clock.advance_to(NOW + 6 * DAY)
        runtime.settle(60)
        twice = {a for a in treated if sink.to().count(a) == 2}
        assert twice == treated - {buyer, leaver}
        with w.state.read() as conn:
            ends = conn.execute(
                select(schema.send.c.node, schema.send.c.status, schema.send.c.reason, schema.send.c.customer_id)
            ).all()
            clicked = (
                conn.execute(select(schema.send.c.address).where(schema.send.c.clicked_us.is_not(None))).scalars().all()
            )
        assert clicked == [buyer]
        hers = {(e.node, e.status, e.reason) for e in ends if e.customer_id == names[leaver]}
        assert hers == {("mail", "accepted", None), ("again", "refused", "consent_withdrawn")}
        control = [e for e in ends if arms[e.customer_id] == "control"]
        assert {e.reason for e in control} == {"holdout"}
        assert len(control) == 2 * (len(people) - len(treated))
        counted = w.warehouse.ask_user("SELECT status, count(*) FROM sends GROUP BY ALL ORDER BY ALL")[1]
        assert counted == [("accepted", len(sink.messages)), ("refused", len(control) + 1)]

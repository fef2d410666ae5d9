"""E-mail over a real SMTP conversation: what arrives can be read, and every answer of the server is understood."""

from __future__ import annotations

from pathlib import Path

import pytest

from homing.act.channels.email import Email
from journey_world import content
from post_office import Post
from smtp_sink import Sink

pytestmark = pytest.mark.service


@pytest.fixture(params=[False, True], ids=["step by step", "pipelined"])
def sink(request):
    made = Sink(pipelining=request.param).start()
    yield made
    made.stop()


@pytest.fixture
def post(tmp_path: Path, sink: Sink):
    made = Post(tmp_path, Email(host="127.0.0.1", port=sink.port, sender="小店 Shop <hello@shop.example>", timeout_s=2))
    yield made
    made.sender.close()
    made.log.close()
    made.world.state.close()


def test_a_message_arrives_as_written_and_can_be_left_with_one_click(post, sink):
    post.world.publish(content(subject={"en": "Ann, we miss you – 20 % off ☕"}))
    post.queue("ann")
    post.run()
    (got,) = sink.messages
    assert got["Subject"] == "Ann, we miss you – 20 % off ☕"
    assert got["From"] == "小店 Shop <hello@shop.example>"
    assert got["To"] == "ann@shoppers.example"
    assert got["Message-ID"] == f"<{post.rows()[0].send_key}@shop.example>"
    assert got["Date"].datetime.isoformat() == "2026-03-02T09:00:00+00:00"
    assert got["List-Unsubscribe"].startswith("<http://shop.example/u/")
    assert got["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert got.get_content_type() == "multipart/alternative"
    text, page = got.get_body(("plain",)).get_content(), got.get_body(("html",)).get_content()
    assert "Hi Ann" in text
    assert "Leave (http://shop.example/u/" in text
    assert "http://shop.example/t/c/" in page
    assert "https://shop.example/a" not in page
    assert page.count("/t/o/") == 1


def test_many_messages_go_through_one_connection(post, sink):
    post.queue(*(f"c{n}" for n in range(100)))
    post.run()
    assert len(set(sink.to())) == len(sink.to()) == 100
    assert len(sink.sessions) == 1


def test_an_unknown_mailbox_bounces_and_the_others_arrive(post, sink):
    sink.on_recipient = lambda a: "550 5.1.1 no such user" if a.startswith("ann") else None
    post.queue("ann", "bob")
    post.run()
    assert sorted(post.ends()) == [("accepted", None), ("bounced", "bounced")]
    (bounced,) = [s.event for s in post.log.read(0, 10) if s.event.name == "Message Bounced"]
    assert (bounced.properties["address"], bounced.properties["bounce"]) == ("ann@shoppers.example", "hard")


@pytest.mark.parametrize(
    ("answer", "end"),
    [
        ("550 5.7.1 policy", ("failed", "rejected")),
        ("552 5.2.2 mailbox full", ("failed", "rejected")),
        ("450 4.2.1 later", ("queued", None)),
        ("421 4.3.2 closing", ("queued", None)),
        ("553 who", ("bounced", "bounced")),
    ],
)
def test_each_answer_about_a_recipient_is_understood(post, sink, answer, end):
    sink.on_recipient = lambda _a: answer
    post.queue("ann")
    post.run()
    assert post.ends() == [end]
    sink.on_recipient = lambda _a: None
    post.queue("bob")
    post.run("2026-03-02T09:05")
    assert "bob@shoppers.example" in sink.to()


@pytest.mark.parametrize(("answer", "end"), [("554 5.6.0 spam", "failed"), ("451 4.3.0 disk", "queued")])
def test_a_message_refused_after_it_was_shown_is_failed_or_tried_again(post, sink, answer, end):
    sink.on_data = lambda _a: answer
    post.queue("ann")
    post.run()
    assert [status for status, _ in post.ends()] == [end]


def test_an_answer_that_never_comes_leaves_the_message_unknown_and_it_is_not_sent_again(post, sink):
    sink.on_data = lambda a: "cut" if a.startswith("ann") else None
    post.queue("ann", "bob")
    post.run()
    post.run("2026-03-02T12:00")
    assert sorted(post.ends()) == [("accepted", None), ("unknown", "interrupted")]
    assert sorted(sink.to()) == ["ann@shoppers.example", "bob@shoppers.example"]


def test_a_server_that_went_away_and_came_back_gets_everything_once(post, sink):
    post.queue("ann")
    post.run()
    sink.stop()
    post.queue("bob", "cid")
    post.run()
    assert sorted(status for status, _ in post.ends()) == ["accepted", "queued", "queued"]
    sink.start()
    post.run("2026-03-02T09:10")
    assert sorted(sink.to()) == ["ann@shoppers.example", "bob@shoppers.example", "cid@shoppers.example"]


@pytest.mark.parametrize(
    "address", ["a b@x.example", "a@x.example\r\nBcc: b@x.example", "ünïcode@x.example", "a@b@x.example"]
)
def test_an_address_that_could_break_the_envelope_is_refused(post, sink, address):
    post.world.people.get("ann").email = address
    post.queue("ann")
    post.run()
    assert post.ends() == [("failed", "rejected")]
    assert sink.messages == []

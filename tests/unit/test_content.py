"""A message says what is known of her, in her language, and carries nothing that was not meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from homing.act import render
from homing.act.channels import Message
from homing.act.content import Unwritten, Wanted, Writer, coupon_code
from homing.act.definitions import Content
from homing.act.tracking import Token
from journey_world import World, content, us
from post_office import TRACKER

NOW = us("2026-03-02T09:00")
BODY = (
    "<mjml><mj-body><mj-section><mj-column><mj-text>{{ customer.name }} {{ customer.city }}</mj-text>"
    "{% for p in recommendations %}<mj-text>{{ p.name }} <a href='x'>-</a> "
    '<a href="{{ p.url }}">{{ p.name }}</a></mj-text>{% endfor %}'
    "<mj-text>{{ coupon.code }} {{ coupon.percent_off }} {{ coupon.valid_until }}</mj-text>"
    "</mj-column></mj-section></mj-body></mjml>"
)


class Shelf:
    """A recommender that knows two products."""

    def recommend(self, customer_ids, n, as_of_us):
        return {
            c: [{"name": f"P<{k}>", "url": f"https://shop.example/p?k={k}&c=1"} for k in range(n + 1)]
            for c in customer_ids
        }


@pytest.fixture
def world(tmp_path: Path):
    made = World(tmp_path)
    yield made
    made.state.close()


def write(world, *wanted: Wanted) -> list[Message | Unwritten]:
    writer = Writer(world.state, world.settings, TRACKER, Shelf())
    got = writer.write(wanted, NOW)
    return [got[w.send_key] for w in wanted]


def ask(customer_id="ann", key="m_1", content_id="hello", purpose="marketing"):
    return Wanted(key, customer_id, content_id, f"{customer_id}@shoppers.example", purpose)


def test_everything_is_filled_in_escaped_and_tracked(world):
    blocks = {"recommendations": {"count": 2}}
    world.publish(
        content(body={"en": BODY}, blocks=blocks, coupon={"percent_off": 15, "valid_days": 7, "prefix": "BACK-"})
    )
    world.know("ann", city="<b>Cologne & Bonn</b>")
    (got,) = write(world, ask())
    code = coupon_code(Content.model_validate(content(coupon={"prefix": "BACK-"})).coupon, "m_1")
    assert "&lt;b&gt;Cologne &amp; Bonn&lt;/b&gt;" in got.html
    assert "<b>Cologne" not in got.html
    assert f"{code} 15 2026-03-09" in got.text
    assert code.startswith("BACK-")
    assert len(code) == 13
    assert "P<0> - (x) P<0> (http://shop.example/t/c/" in got.text
    assert "P<2>" not in got.text
    links = [part.split('"')[0].replace("&amp;", "&") for part in got.html.split('href="http://shop.example/t/c/')[1:]]
    assert [TRACKER.read("click", token) for token in links] == [
        Token("m_1", "https://shop.example/p?k=0&c=1", 1), Token("m_1", "https://shop.example/p?k=1&c=1", 2),
    ]  # fmt: skip


def test_the_same_send_is_written_the_same_and_another_has_another_coupon(world):
    world.publish(content(body={"en": BODY}, coupon={}))
    world.know("ann")
    first, other = write(world, ask(), ask(key="m_2"))
    assert write(world, ask()) == [first]
    assert first.text != other.text


@pytest.mark.parametrize(
    ("traits", "subject"), [({}, "Hello Ann"), ({"language": "zh-Hans"}, "你好 Ann"), ({"language": "de"}, "Hello Ann")]
)
def test_the_language_is_hers(world, traits, subject):
    world.publish(content())
    world.know("ann", **traits)
    (got,) = write(world, ask())
    assert got.subject == subject


def test_what_has_no_translation_comes_in_the_other_language(world):
    world.publish(content(subject={"en": "Only English"}))
    world.know("ann", language="zh")
    (got,) = write(world, ask())
    assert (got.subject, "Hi Ann" in got.text) == ("Only English", True)


def test_marketing_always_has_a_way_out_and_a_receipt_needs_none(world):
    bare = {
        "en": "<mjml><mj-body><mj-section><mj-column><mj-text>Hi</mj-text></mj-column></mj-section></mj-body></mjml>"
    }
    world.publish(content(body=bare))
    world.know("ann", language="zh")
    offer, receipt = write(world, ask(), ask(key="m_2", purpose="service"))
    assert "退订" in offer.text
    assert offer.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert ("/u/" in receipt.html, receipt.headers) == (False, {})


def test_one_bad_template_does_not_stop_the_others(world):
    world.publish(content(), content(id="bad", subject={"en": "{{ x | no_such_filter }}"}))
    world.know("ann", "bob")
    got = write(world, ask(), ask("bob", "m_2", "bad"), ask("bob", "m_3", "gone"), ask("stranger", "m_4"))
    assert [g.reason if isinstance(g, Unwritten) else g.subject for g in got] == [
        "Hello Ann",
        "render_failed",
        "no_content",
        "Hello",
    ]


def test_a_draft_saved_after_publishing_is_not_sent(world):
    world.publish(content(subject={"en": "Published"}))
    world.know("ann")
    from homing.storage import definitions

    with world.state.write() as conn:
        definitions.save(conn, "content", "hello", content(subject={"en": "Draft"}), now_us=NOW, by="test")
    assert write(world, ask())[0].subject == "Published"


def test_a_preview_shows_her_message_with_links_that_lead_straight_on(world):
    world.know("ann")
    writer = Writer(world.state, world.settings, TRACKER, Shelf())
    got = writer.preview(Content.model_validate(content()), "ann", NOW)
    assert 'href="https://shop.example/a?b=1&amp;c=2"' in got.html
    assert "/t/" not in got.html


def test_mail_and_telephone_links_are_left_alone():
    page = '<body><a href="mailto:a@b.example">m</a><a class="k" href="tel:+1">t</a><a href="#top">x</a></body>'
    assert "/t/c/" not in render.track(page, TRACKER, "m_1")


def test_the_text_part_reads_like_a_letter():
    head = "<html><head><style>p{}</style><title>T</title></head>"
    page = head + "<body><h1>Hi&nbsp;Ann</h1><p>One<br>two   three</p><p>Four</p></body></html>"
    assert render.text_of(page) == "Hi Ann\n\nOne\ntwo three\n\nFour\n"


def test_a_mail_loads_nothing_from_a_third_party():
    page = render.body(
        "<mjml><mj-body><mj-section><mj-column><mj-text>Hi</mj-text></mj-column></mj-section></mj-body></mjml>", {}
    )
    assert "googleapis" not in page
    assert "@import" not in page

"""The demo's town: who shops when is drawn from each household's own year, and messages change nothing else."""

import numpy as np
import pytest

from homing.core.time import DAY, local_hour
from homing.demo.dataset import OPENING_US, ZONE, Baskets, Catalogue, Dataset
from homing.demo.effect import FIRST, NONE, ORDER_WITHIN_US, REMINDER, effect_of
from homing.demo.mailbox import read_mail
from homing.demo.sessions import Sessions
from homing.demo.shoppers import ADDED, PAID, Town, Visit, address_of, household_of

WEEKLY = range(1, 41)


@pytest.fixture(scope="module")
def dataset():
    """Forty households that come every seventh day at eight different hours, two lines a basket."""
    rows = sorted(
        (OPENING_US - (52 - week) * 7 * DAY + (9 + h % 8) * 3_600_000_000, h) for h in WEEKLY for week in range(52)
    )
    n = len(rows)
    at, household = (np.array(c, dtype=np.int64) for c in zip(*rows, strict=True))
    paid = np.tile([2.0, 3.5], n)
    baskets = Baskets(np.arange(n), household, np.full(n, 7), at, np.full(n, 5.5), np.arange(n + 1) * 2,
                      np.tile([0, 1], n), np.ones(2 * n, dtype=np.int64), paid)  # fmt: skip
    catalogue = Catalogue(("p0", "p1"), ("Milk, 1 l", "Bread"), ("Dairy", ""), ("", "Own"), np.array([2.0, 3.5]))
    return Dataset(baskets, catalogue, {1: {"age": "25-34"}})


def test_the_same_seed_gives_the_same_plan_and_another_seed_another(dataset):
    plan = [Town(dataset, seed).plan(OPENING_US, OPENING_US + 28 * DAY) for seed in (7, 7, 8)]
    assert plan[0] == plan[1] != plan[2]
    assert [v.at_us for v in plan[0]] == sorted(v.at_us for v in plan[0])


def test_weekly_shoppers_come_weekly_at_their_own_hour(dataset):
    plan = Town(dataset, 7).plan(OPENING_US, OPENING_US + 28 * DAY)
    paid = [v for v in plan if v.depth == PAID]
    assert len(paid) == 4 * len(WEEKLY)
    for visit in paid:
        assert abs(local_hour(visit.at_us, ZONE) - (9 + visit.household % 8)) <= 1  # summer's clock
        assert dataset.baskets.household[visit.basket] == visit.household


def test_what_one_household_does_depends_on_no_other(dataset):
    alone = Town(dataset, 7, (3,)).plan(OPENING_US, OPENING_US + 28 * DAY)
    among = [v for v in Town(dataset, 7).plan(OPENING_US, OPENING_US + 28 * DAY) if v.household == 3]
    assert alone == among


def test_a_till_names_the_card_and_a_browser_says_who_only_at_the_checkout(dataset):
    town, sessions = Town(dataset, 7), Sessions(dataset, percent_off=10)
    (till,) = sessions.calls(Visit(OPENING_US, 3, 0, web=False), town.shoppers[3])
    assert (till["userId"], till["context"]["externalIds"][0]["id"]) == ("3", "3")
    assert till["properties"]["revenue"] == 5.5
    looked = sessions.calls(Visit(OPENING_US, 3, 0, web=True, depth=ADDED), town.shoppers[3])
    assert all("userId" not in call for call in looked)
    bought = sessions.calls(Visit(OPENING_US, 3, 0, web=True), town.shoppers[3])
    assert [c["type"] for c in bought if "userId" in c] == ["identify", "track"]
    again = sessions.calls(Visit(OPENING_US + DAY, 3, 0, web=True, depth=ADDED), town.shoppers[3])
    assert all(call["userId"] == "3" for call in again)
    lost = sessions.calls(Visit(OPENING_US + DAY, 3, 0, web=True, depth=ADDED, fresh_cookie=True), town.shoppers[3])
    assert "userId" not in lost[0]
    assert lost[0]["anonymousId"] != again[0]["anonymousId"]


def test_a_coupon_takes_its_share_off_every_line(dataset):
    sessions = Sessions(dataset, percent_off=10)
    order = sessions.order(Visit(OPENING_US, 3, 0, web=True, coupon="WAKE-1"))
    assert [line["revenue"] for line in order["products"]] == [1.8, 3.15]
    assert order["revenue"] == 4.95


def test_the_effect_is_the_product_of_its_chances_and_a_placebo_has_none():
    assert effect_of(1) is FIRST
    assert effect_of(2) is effect_of(3) is REMINDER
    assert FIRST.orders == pytest.approx(0.85 * 0.80 * 0.75)
    assert effect_of(1, placebo=True).orders == NONE.orders == 0
    assert ORDER_WITHIN_US < 3 * DAY


def test_an_address_is_made_up_and_leads_back_to_its_household():
    assert household_of(address_of(17)) == 17
    assert household_of("Household-17@SHOPPERS.example") == 17
    assert household_of("household-17@real.example") is None


def test_a_mail_is_read_as_its_reader_sees_it():
    raw = (
        b"From: a@shop.example\r\nTo: household-1@shoppers.example\r\nSubject: =?utf-8?q?15_=25_off?=\r\n"
        b"Message-ID: <1@shop.example>\r\nList-Unsubscribe: <mailto:u@shop.example>, <http://h/u/abc>\r\n"
        b"List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/alternative; boundary="b"\r\n\r\n'
        b"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nCode WAKE-7\r\n"
        b"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
        b'<a href="http://h/t/c/one?x=1&amp;y=2">x</a><a href="http://h/t/c/one?x=1&amp;y=2">y</a>'
        b'<img src="http://h/t/o/two.gif" width="1">\r\n--b--\r\n'
    )
    mail = read_mail(raw, "household-1@shoppers.example")
    assert (mail.subject, mail.text.strip()) == ("15 % off", "Code WAKE-7")
    assert mail.links == ("http://h/t/c/one?x=1&y=2",)
    assert mail.pixel == "http://h/t/o/two.gif"
    assert mail.unsubscribe == "http://h/u/abc"

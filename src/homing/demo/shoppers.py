"""Who shops, when, and what would each buy if nobody wrote to them? Every household drawn from its own year.

A household's next visit lies one of its own gaps after the last one, among those gaps that are longer than it has been
away already; someone away longer than ever before comes back at random, on average after as long again. Hour and basket
are those of one of its own visits. Each household has its own random numbers, so what one does, or is sent, changes no
other's. The plan is made before the first message is sent: it is what happens without any campaign.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import numpy as np

from homing.core.time import DAY, HOUR, local_instant, time_of_day
from homing.demo.dataset import ZONE, Dataset, Ints

DOMAIN = "shoppers.example"  # reserved: no such mailbox exists
WEB_SHARE = 0.35  # of households use the web shop
WEB_VISITS = 0.5  # of their purchases are made there
BROWSING_A_WEEK = 0.8  # sessions of theirs that end without an order
PHONE_SHARE = 0.4  # of web sessions are on a second device
LOST_COOKIE = 0.06  # sessions that begin with a fresh anonymous cookie
DEAD_MAILBOX = 0.02  # addresses the mail server does not know
VIEWED, ADDED, CHECKOUT, PAID = 1, 2, 3, 4
_MIDNIGHT = time_of_day("00:00")


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit to the shop."""

    at_us: int
    household: int
    basket: int  # a row of the dataset's baskets: bought, or looked at
    web: bool
    device: int = 0  # 0 laptop, 1 phone
    depth: int = PAID  # how far a web session went
    fresh_cookie: bool = False
    coupon: str | None = None


@dataclass(frozen=True, slots=True)
class Shopper:
    """A household as the simulator plays it."""

    household: int
    web: bool
    dead_mailbox: bool
    baskets: Ints  # rows of its own baskets, oldest first
    mean_worth: float

    @property
    def card(self) -> str:
        """The number on its member card."""
        return str(self.household)

    @property
    def email(self) -> str:
        """Its made-up address."""
        return address_of(self.household)


def address_of(household: int) -> str:
    """The made-up address of a household."""
    return f"household-{household}@{DOMAIN}"


def household_of(address: str) -> int | None:
    """The household of a made-up address; None for any other."""
    name, _, domain = address.strip().lower().partition("@")
    number = name.removeprefix("household-")
    return int(number) if domain == DOMAIN and number.isdigit() else None


def random_of(seed: int, household: int, purpose: int) -> np.random.Generator:
    """Random numbers of one household for one purpose, independent of all others."""
    return np.random.default_rng([seed, household, purpose])


class Town:
    """The households that take part.

    Args:
        dataset: the year.
        seed: another seed, another future.
        households: who takes part; everyone when None.
    """

    def __init__(self, dataset: Dataset, seed: int, households: tuple[int, ...] | None = None) -> None:
        self.dataset = dataset
        self.seed = seed
        of = dataset.baskets.of_household
        self.shoppers = {h: self._shopper(h, of[h]) for h in households or dataset.households}

    def plan(self, start_us: int, end_us: int) -> list[Visit]:
        """What everyone does from `start_us` to `end_us` if left alone, in order of time."""
        visits = [v for s in self.shoppers.values() for v in self._plan(s, start_us, end_us)]
        return sorted(visits, key=lambda v: (v.at_us, v.household))

    def _shopper(self, household: int, rows: Ints) -> Shopper:
        draw = random_of(self.seed, household, 0)
        worth = self.dataset.baskets.worth[rows]
        web, dead = draw.random() < WEB_SHARE, draw.random() < DEAD_MAILBOX
        return Shopper(household, web, dead, rows, float(worth.mean()))

    def _plan(self, shopper: Shopper, start_us: int, end_us: int) -> Iterator[Visit]:
        draw = random_of(self.seed, shopper.household, 1)
        for at_us in _purchases(self.dataset.baskets.at_us[shopper.baskets], start_us, end_us, draw):
            basket = int(draw.choice(shopper.baskets))
            web = shopper.web and draw.random() < WEB_VISITS
            device, fresh = int(draw.random() < PHONE_SHARE), draw.random() < LOST_COOKIE
            yield Visit(at_us, shopper.household, basket, bool(web), device, PAID, bool(fresh))
        if shopper.web:
            yield from _browsing(shopper, start_us, end_us, draw)


def _purchases(past_us: Ints, start_us: int, end_us: int, draw: np.random.Generator) -> Iterator[int]:
    """Instants in [start_us, end_us), each on a day one own gap after the last; `start_us` is a local midnight."""
    midnights = _midnights()
    hours = past_us - midnights[np.searchsorted(midnights, past_us, side="right") - 1]
    gaps = np.maximum(np.diff(past_us), HOUR)
    usual = 7 * DAY if len(gaps) else 60 * DAY
    last, away = int(past_us[-1]), start_us - int(past_us[-1])
    while True:
        longer = gaps[gaps > away]
        gap = int(draw.choice(longer)) if len(longer) else away + int(draw.exponential(max(away, usual)))
        last, away = last + gap, 0
        if last >= end_us + DAY:
            return
        days = (last - start_us) // DAY
        at_us = start_us + days * DAY + int(draw.choice(hours))
        if start_us <= at_us < end_us:
            yield at_us


@lru_cache(maxsize=1)
def _midnights() -> Ints:
    """The shop's local midnights around the year, so that summer's hours are summer's."""
    first = date(2016, 12, 30)
    return np.array([local_instant(first + timedelta(days=n), _MIDNIGHT, ZONE) for n in range(400)], dtype=np.int64)


def _browsing(shopper: Shopper, start_us: int, end_us: int, draw: np.random.Generator) -> Iterator[Visit]:
    """Web sessions that end without an order: the funnel's way down."""
    expected = BROWSING_A_WEEK * (end_us - start_us) / (7 * DAY)
    for _ in range(int(draw.poisson(expected))):
        at_us = start_us + int(draw.integers(end_us - start_us))
        depth = VIEWED + int(draw.choice(3, p=[0.55, 0.30, 0.15]))
        basket, fresh = int(draw.choice(shopper.baskets)), draw.random() < LOST_COOKIE
        device = int(draw.random() < PHONE_SHARE)
        yield Visit(at_us, shopper.household, basket, True, device, depth, bool(fresh))

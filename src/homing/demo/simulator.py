"""What happens in the shop and in the mailboxes, instant by instant? A script until a message arrives, then reactions.

The simulator speaks through public doors alone: it posts events over HTTP, reads the mail that came over SMTP, fetches
pixels, follows tracked links. It never sees who is held out. Reactions are drawn from the household's own random
numbers and the number of the message, so another order of arrival changes nothing.
"""

from __future__ import annotations

import heapq
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from threading import Lock
from typing import NamedTuple

import numpy as np

from homing.core.time import HOUR
from homing.demo.clients import Clients
from homing.demo.effect import CLICK_WITHIN_US, OPEN_WITHIN_US, ORDER_WITHIN_US, Effect, effect_of
from homing.demo.mailbox import Mail, Mailboxes
from homing.demo.sessions import Call, Sessions
from homing.demo.shoppers import Town, Visit, household_of, random_of

_REACTION = 2  # purpose of random numbers; one more for each message


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message that reached a mailbox, and what it is worth in expectation."""

    household: int
    at_us: int
    nth: int  # of this household, counted from 1
    worth_orders: float
    worth_revenue: float
    placebo: bool


class _Due(NamedTuple):
    at_us: int
    order: tuple[int, int, int]  # household, message, step: ties never depend on when they were planned
    visit: Visit | None = None
    opens: str | None = None
    clicks: str | None = None
    unsubscribes: str | None = None


class Simulator:
    """The town, playing.

    Args:
        town: who lives there.
        plan: what they do if left alone, in order of time.
        clients: their way to Homing.
        mailboxes: where their mail lies.
        percent_off: what the campaign's coupon takes off.
        coupon: how its code looks in the text of a message.
        placebo: tells the messages that do nothing from the others.
    """

    def __init__(
        self,
        town: Town,
        plan: list[Visit],
        clients: Clients,
        mailboxes: Mailboxes,
        *,
        percent_off: int,
        coupon: str = r"\bWAKE-[A-Z0-9]+\b",
        placebo: Callable[[Mail], bool] = lambda _mail: False,
    ) -> None:
        self._town = town
        self._clients = clients
        self._mailboxes = mailboxes
        self._kept = 1 - percent_off / 100
        self._coupon = re.compile(coupon)
        self._placebo = placebo
        self._sessions = Sessions(town.dataset, percent_off=percent_off)
        self._due = [_Due(v.at_us, (v.household, 0, i), visit=v) for i, v in enumerate(plan)]
        heapq.heapify(self._due)
        self._nth: Counter[int] = Counter()
        self.arrivals: list[Arrival] = []
        self.extra: list[Visit] = []  # orders that messages caused
        self.counts: Counter[str] = Counter()
        self._counting = Lock()

    def play(self, now_us: int) -> None:
        """Let everything happen that is due by `now_us`, and read the mail that came meanwhile."""
        for mail in self._mailboxes.collect():
            self._arrive(mail, now_us)
        calls: list[Call] = []
        readers: list[Callable[[], object]] = []
        while self._due and self._due[0].at_us <= now_us:
            due = heapq.heappop(self._due)
            if due.visit is not None:
                calls += self._sessions.calls(due.visit, self._town.shoppers[due.visit.household])
            else:
                readers.append(partial(self._read, due))
        if calls:
            self._clients.post(calls, now_us)
        self._clients.at_once(readers)

    def finished(self, until_us: int) -> bool:
        """Whether nothing is left to happen by `until_us`."""
        return not self._due or self._due[0].at_us > until_us

    # -- readers -------------------------------------------------------------------------------------------------------
    def _arrive(self, mail: Mail, now_us: int) -> None:
        household = household_of(mail.to)
        if household is None or household not in self._town.shoppers:
            self.counts["mail for a stranger"] += 1
            return
        self._nth[household] += 1
        nth, placebo = self._nth[household], self._placebo(mail)
        effect = effect_of(nth, placebo=placebo)
        worth = self._town.shoppers[household].mean_worth * self._kept
        self.arrivals.append(Arrival(household, now_us, nth, effect.orders, effect.orders * worth, placebo))
        self._react(mail, household, nth, effect, now_us)

    def _react(self, mail: Mail, household: int, nth: int, effect: Effect, now_us: int) -> None:
        draw = random_of(self._town.seed, household, _REACTION + nth)
        chance = draw.random(4)
        opens_us = now_us + int(draw.integers(OPEN_WITHIN_US))
        clicks_us = opens_us + int(draw.integers(CLICK_WITHIN_US))
        orders_us = clicks_us + HOUR // 2 + int(draw.integers(ORDER_WITHIN_US - HOUR // 2))
        if chance[0] >= effect.open:
            return
        self._plan(_Due(opens_us, (household, nth, 1), opens=mail.pixel))
        if chance[3] < effect.unsubscribe:
            self._plan(_Due(clicks_us, (household, nth, 2), unsubscribes=mail.unsubscribe))
        if chance[1] >= effect.click or not mail.links:
            return
        self._plan(_Due(clicks_us, (household, nth, 3), clicks=mail.links[int(draw.integers(len(mail.links)))]))
        if chance[2] < effect.order:
            self._order(mail, household, nth, orders_us, draw)

    def _order(self, mail: Mail, household: int, nth: int, at_us: int, draw: np.random.Generator) -> None:
        code = self._coupon.search(mail.text)
        visit = Visit(at_us, household, int(draw.choice(self._town.shoppers[household].baskets)), web=True)
        visit = replace(visit, coupon=code[0] if code else None)
        self.extra.append(visit)
        self._plan(_Due(at_us, (household, nth, 4), visit=visit))

    def _read(self, due: _Due) -> None:
        for what, link, act in (("opened", due.opens, self._clients.open), ("clicked", due.clicks, self._clients.click),
                                ("unsubscribed", due.unsubscribes, self._clients.unsubscribe)):  # fmt: skip
            if link:
                act(link)
                with self._counting:
                    self.counts[what] += 1

    def _plan(self, due: _Due) -> None:
        heapq.heappush(self._due, due)

"""What does a message truly do in the demo? The known effect the measured lift is held against; all of it stands here.

Someone who gets a message opens it, follows its link and then orders once more than she would have, each with a chance
given below; the extra order comes within three days, uses the coupon and takes the place of no other order. So a
message is worth open x click x order extra orders, whoever gets it, and the truth of a campaign is exactly

    sum over the messages that reached a mailbox of what each is worth  /  customers assigned to treatment

the expected number of extra orders a customer assigned to treatment (intention to treat: who was never reached counts
with zero). It is conditional on which messages arrived; each arrival is worth its chance whatever came before it, so
the expectation of (extra orders - truth) is zero. In money, each extra order is worth the household's mean basket less
the coupon. None of these figures is an estimate of how people behave; they are chosen, large enough to be seen in 400
people.
"""

from __future__ import annotations

from dataclasses import dataclass

from homing.core.time import HOUR, MINUTE

ORDER_WITHIN_US = 66 * HOUR  # after the click, so that message to order is below three days
OPEN_WITHIN_US = 5 * HOUR
CLICK_WITHIN_US = 20 * MINUTE


@dataclass(frozen=True, slots=True)
class Effect:
    """The chances of one message."""

    open: float
    click: float  # of those who open
    order: float  # of those who click
    unsubscribe: float  # of those who open, and it changes no order

    @property
    def orders(self) -> float:
        """Extra orders a message, in expectation."""
        return self.open * self.click * self.order


FIRST = Effect(open=0.85, click=0.80, order=0.75, unsubscribe=0.01)  # 0.51 extra orders
REMINDER = Effect(open=0.70, click=0.70, order=0.60, unsubscribe=0.02)  # 0.294
NONE = Effect(open=0.85, click=0.80, order=0.0, unsubscribe=0.01)  # looks alive, does nothing


def effect_of(nth: int, *, placebo: bool = False) -> Effect:
    """The chances of the nth message a household gets from a campaign, counted from 1."""
    if placebo:
        return NONE
    return FIRST if nth == 1 else REMINDER

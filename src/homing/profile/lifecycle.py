"""Where does a customer stand, from unaware to loyal, and when is one dormant or lost?

The rule, read from the top; the first line that holds decides:
- lost: has bought, and not for more than 180 days;
- dormant: has bought, and not for more than 60 days;
- loyal: has bought at least 4 times;
- buyer: has bought;
- interested: has looked at, searched for or put aside something, or clicked in a message;
- aware: has done anything, or opened a message;
- unaware: is known to us and has done nothing.

It is judged whenever the customer does something and again every night, since silence alone makes dormant.
"""

from __future__ import annotations

from homing.core.time import DAY
from homing.profile.stats import Stats

DORMANT_US = 60 * DAY
LOST_US = 180 * DAY
LOYAL_ORDERS = 4
STAGES = ("unaware", "aware", "interested", "buyer", "loyal", "dormant", "lost")


def stage_of(stats: Stats, now_us: int) -> str:
    """The lifecycle stage at `now_us`.

    Example:
        >>> stage_of(Stats(orders=5, last_order_us=0), 61 * DAY)
        'dormant'
    """
    if stats.last_order_us is not None:
        silence = now_us - stats.last_order_us
        if silence > LOST_US:
            return "lost"
        if silence > DORMANT_US:
            return "dormant"
        return "loyal" if stats.orders >= LOYAL_ORDERS else "buyer"
    if stats.interest or stats.clicked:
        return "interested"
    return "aware" if stats.activities or stats.opened else "unaware"

"""Which calls does one visit make? A till posts one order; a browser posts what someone looked at on the way to it.

Before the first login a browser knows its visitor by a cookie alone; the login at the checkout is what makes the
cookie and the household one. From then on its calls carry both, until the cookie is lost and everything begins again.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from homing.core.time import SECOND, iso
from homing.demo.dataset import CURRENCY, Dataset
from homing.demo.shoppers import ADDED, CHECKOUT, PAID, Shopper, Visit

Call = dict[str, Any]

LOOKED_AT = 4  # products of the basket whose pages were opened
STEP_US = 40 * SECOND
_LIBRARY = {"till": {"name": "shop-till", "version": "1.0"}, "web": {"name": "analytics.js", "version": "2.0"}}
_DEVICES = ("desktop", "mobile")


class Sessions:
    """Turns visits into calls; remembers whose browser holds which cookie.

    Args:
        dataset: where baskets come from.
        percent_off: what a coupon takes off an order.
    """

    def __init__(self, dataset: Dataset, *, percent_off: int) -> None:
        self._data = dataset
        self._kept = 1 - percent_off / 100
        self._cookies: dict[tuple[int, int], _Cookie] = {}  # (household, device)

    def calls(self, visit: Visit, shopper: Shopper) -> list[Call]:
        """The calls of one visit, in order; an order is paid at the instant of the visit."""
        return self._web(visit, shopper) if visit.web else [self._till(visit, shopper)]

    def order(self, visit: Visit) -> dict[str, Any]:
        """What is paid for: the lines of the basket, less the coupon."""
        baskets, catalogue = self._data.baskets, self._data.catalogue
        row = visit.basket
        kept = self._kept if visit.coupon else 1.0
        lines: list[dict[str, Any]] = []
        for i in range(baskets.first_line[row], baskets.first_line[row + 1]):
            product = int(baskets.product[i])
            lines.append(
                {
                    "product_id": catalogue.product_id[product],
                    "category": catalogue.category[product],
                    "quantity": int(baskets.quantity[i]),
                    "revenue": round(float(baskets.paid[i]) * kept, 2),
                }
            )
        return {
            "order_id": f"{visit.household}-{visit.at_us // SECOND}",
            "revenue": round(sum(float(line["revenue"]) for line in lines), 2),
            "currency": CURRENCY,
            "products": lines,
        }

    def _till(self, visit: Visit, shopper: Shopper) -> Call:
        order = self.order(visit)
        card = {"type": "member_card", "id": shopper.card, "collection": "users", "encoding": "none"}
        store = str(int(self._data.baskets.store[visit.basket]))
        return {
            "type": "track",
            "event": "Order Completed",
            "messageId": f"till-{order['order_id']}",
            "timestamp": iso(visit.at_us),
            "userId": shopper.card,
            "context": {"library": _LIBRARY["till"], "externalIds": [card]},
            "properties": order | {"channel": "store", "store_id": store},
        }

    def _web(self, visit: Visit, shopper: Shopper) -> list[Call]:
        cookie = self._cookie(visit)
        before: Call = {"anonymousId": f"cookie-{visit.household}-{visit.device}-{cookie.number}"}
        after = before | {"userId": shopper.card}
        if cookie.logged_in:
            before = after
        order = self.order(visit)
        steps = [before | step for step in self._browse(visit, order)]
        if visit.depth >= PAID:
            paid = order | {"channel": "web"} | ({"coupon": visit.coupon} if visit.coupon else {})
            steps.append(after | {"type": "identify", "traits": {"email": shopper.email}})
            if visit.coupon:
                steps.append(after | _track("Coupon Redeemed", {"coupon": visit.coupon, "order_id": order["order_id"]}))
            steps.append(after | _track("Order Completed", paid))
            self._cookies[visit.household, visit.device] = _Cookie(cookie.number, True)
        begins = visit.at_us - STEP_US * (len(steps) - 1)
        return [_in_browser(visit, n, begins + n * STEP_US, step) for n, step in enumerate(steps)]

    def _cookie(self, visit: Visit) -> _Cookie:
        key = (visit.household, visit.device)
        cookie = self._cookies.get(key, _Cookie(0, False))
        if visit.fresh_cookie:
            cookie = _Cookie(cookie.number + 1, False)
        self._cookies[key] = cookie
        return cookie

    def _browse(self, visit: Visit, order: dict[str, Any]) -> list[Call]:
        """Page, products, cart and checkout, as deep as the visit went."""
        products = [self._shown(line) for line in order["products"][:LOOKED_AT]]
        steps: list[Call] = [{"type": "page", "name": "Home", "properties": {"path": "/", "title": "Shop"}}]
        steps += [_track("Product Viewed", product) for product in products]
        if visit.depth >= ADDED:
            steps += [_track("Product Added", product | {"quantity": 1}) for product in products[:2]]
        if visit.depth >= CHECKOUT:
            started = {"order_id": order["order_id"], "revenue": order["revenue"], "currency": CURRENCY}
            steps.append(_track("Checkout Started", started))
        return steps

    def _shown(self, line: dict[str, Any]) -> dict[str, Any]:
        catalogue = self._data.catalogue
        row = catalogue.row_of[line["product_id"]]
        return {
            "product_id": line["product_id"],
            "name": catalogue.name[row],
            "category": line["category"],
            "price": float(catalogue.price[row]),
        }


class _Cookie(NamedTuple):
    number: int
    logged_in: bool


def _track(event: str, properties: dict[str, Any]) -> Call:
    return {"type": "track", "event": event, "properties": properties}


def _in_browser(visit: Visit, nth: int, at_us: int, step: Call) -> Call:
    device = {"id": f"device-{visit.household}-{visit.device}", "type": _DEVICES[visit.device]}
    call = {
        "messageId": f"web-{visit.household}-{visit.at_us // SECOND}-{nth}",
        "timestamp": iso(at_us),
        "context": {"library": _LIBRARY["web"], "device": device},
    }
    return call | step

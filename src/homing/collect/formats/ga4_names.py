"""What do Google Analytics 4's names mean in Segment's? Events and the parameters of e-commerce.

Source: Google Analytics, "Recommended events" and "[GA4] BigQuery Export schema"; Segment, "E-commerce spec v2".
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

EVENTS: dict[str, str] = {
    "view_item": "Product Viewed",
    "view_item_list": "Product List Viewed",
    "select_item": "Product Clicked",
    "add_to_cart": "Product Added",
    "remove_from_cart": "Product Removed",
    "view_cart": "Cart Viewed",
    "begin_checkout": "Checkout Started",
    "add_shipping_info": "Checkout Step Completed",
    "add_payment_info": "Payment Info Entered",
    "purchase": "Order Completed",
    "refund": "Order Refunded",
    "add_to_wishlist": "Product Added to Wishlist",
    "search": "Products Searched",
    "view_search_results": "Products Searched",
    "view_promotion": "Promotion Viewed",
    "select_promotion": "Promotion Clicked",
    "sign_up": "Signed Up",
    "login": "Signed In",
}
PURCHASES = frozenset({"purchase", "refund"})
PARAMETERS: dict[str, str] = {
    "transaction_id": "order_id",
    "item_list_id": "list_id",
    "item_list_name": "list",
    "search_term": "query",
    "promotion_id": "promotion_id",
    "promotion_name": "name",
    "payment_type": "payment_method",
    "shipping_tier": "shipping_method",
}
ITEM: dict[str, str] = {
    "item_id": "product_id",
    "item_name": "name",
    "item_brand": "brand",
    "item_category": "category",
    "item_variant": "variant",
    "price": "price",
    "quantity": "quantity",
    "coupon": "coupon",
    "affiliation": "affiliation",
    "item_list_index": "position",
}
NUMBERS = frozenset({"price", "quantity", "position"})
UNSET = frozenset(["", "(not set)", "(none)", "(direct)", "(entrance)", "(data deleted)", "(other)"])


def product_of(item: Mapping[str, Any]) -> dict[str, Any]:
    """An item of the export as a product of an event."""
    out: dict[str, Any] = {}
    for name, ours in ITEM.items():
        value = item.get(name)
        if not isinstance(value, str | int | float) or isinstance(value, bool) or value in UNSET:
            continue
        out[ours] = number_of(value) if ours in NUMBERS else str(value)
    return {name: value for name, value in out.items() if value is not None}


def number_of(value: Any) -> float | int | None:
    """A number of the export, which writes whole numbers as text; None when it is none."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        found = float(value)
    except ValueError:
        return None
    if found != found or abs(found) > 1e15:  # noqa: PLR0124  (not a number)
        return None
    return int(found) if found.is_integer() else found

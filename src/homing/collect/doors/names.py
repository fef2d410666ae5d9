"""Which names mean the same event? E-commerce v1 names of older Segment clients become the v2 names all else speaks.

Only an exact v1 name is translated; with it its v1 property names are too (`orderId`, `id`), where no v2 name is given.
"""

from __future__ import annotations

from typing import Any

V1_NAMES: dict[str, str] = {
    "Searched Products": "Products Searched",
    "Viewed Product Category": "Product List Viewed",
    "Viewed Product List": "Product List Viewed",
    "Filtered Product List": "Product List Filtered",
    "Viewed Promotion": "Promotion Viewed",
    "Clicked Promotion": "Promotion Clicked",
    "Clicked Product": "Product Clicked",
    "Viewed Product": "Product Viewed",
    "Added Product": "Product Added",
    "Removed Product": "Product Removed",
    "Viewed Cart": "Cart Viewed",
    "Started Checkout": "Checkout Started",
    "Viewed Checkout Step": "Checkout Step Viewed",
    "Completed Checkout Step": "Checkout Step Completed",
    "Entered Payment Info": "Payment Info Entered",
    "Updated Order": "Order Updated",
    "Completed Order": "Order Completed",
    "Refunded Order": "Order Refunded",
    "Cancelled Order": "Order Cancelled",
    "Canceled Order": "Order Cancelled",
    "Entered Coupon": "Coupon Entered",
    "Applied Coupon": "Coupon Applied",
    "Denied Coupon": "Coupon Denied",
    "Removed Coupon": "Coupon Removed",
    "Added Product to Wishlist": "Product Added to Wishlist",
    "Removed Product from Wishlist": "Product Removed from Wishlist",
    "Added to Cart Product from Wishlist": "Wishlist Product Added to Cart",
    "Shared Product": "Product Shared",
    "Shared Cart": "Cart Shared",
    "Reviewed Product": "Product Reviewed",
}


def to_v2(name: str, properties: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The v2 name and properties of an event; anything but a v1 name comes back unchanged.

    Example:
        >>> to_v2("Completed Order", {"orderId": "7", "products": [{"id": "p1"}]})
        ('Order Completed', {'products': [{'product_id': 'p1'}], 'order_id': '7'})
    """
    new = V1_NAMES.get(name)
    if new is None:
        return name, properties
    out = dict(properties)
    if "order_id" not in out and ("orderId" in out or ("Order" in new and "id" in out)):
        out["order_id"] = out.pop("orderId") if "orderId" in out else out.pop("id")
    if new.startswith(("Product ", "Wishlist")) and "product_id" not in out and "id" in out:
        out["product_id"] = out.pop("id")
    products = out.get("products")
    if isinstance(products, list):
        out["products"] = [_product(p) if isinstance(p, dict) else p for p in products]
    return new, out


def _product(line: dict[str, Any]) -> dict[str, Any]:
    if "product_id" in line or "id" not in line:
        return line
    return {"product_id" if k == "id" else k: v for k, v in line.items()}

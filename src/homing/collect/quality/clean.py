"""How are the values of a source made uniform? Empty words left out, phones, e-mails, times, units and money read.

What cannot be read stays exactly as it came, with a warning; nothing is guessed. Where a value changes its meaning's
scale (a unit, a currency) the original stays beside it.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Context, Decimal
from math import inf, isfinite
from typing import Any

import msgspec

from homing.collect.definitions.rules import Clean
from homing.collect.normalise import EMPTY, TimeReader
from homing.collect.quality.reach import change_at
from homing.collect.rates import Rates
from homing.collect.units import convert, measure
from homing.core.errors import InvalidInput
from homing.core.event import Event
from homing.core.ids import normalise
from homing.core.time import from_us, iso

AMOUNTS = ("revenue", "total", "value", "price", "subtotal", "shipping", "tax", "discount", "cost")
LINES = "products"
_CENT = Decimal("0.0001")
_MOST = Decimal(10) ** 15  # an amount beyond it is a slip, and no double holds its cents
_WIDE = Context(prec=60)
_NO_AMOUNT = "an amount is no number, or too large for one"
_Read = Callable[[Any], Any]

__all__ = ["Cleaner", "Rates"]


class Cleaner:
    """Makes the values of one source uniform.

    Args:
        wanted: what the rules say of it.
        rates: exchange rates.
        region: of phone numbers without a country.
        zone: of times without an offset.
    """

    def __init__(self, wanted: Clean, *, rates: Rates | None, region: str, zone: str) -> None:
        self._wanted = wanted
        self._rates = rates
        self._empty = frozenset(w.strip().lower() for w in wanted.empty_words) | (EMPTY if wanted.empty else set())
        region = wanted.region or region
        times = TimeReader(wanted.zone or zone, wanted.day_first)
        self._reads: list[tuple[str, str, _Read]] = [
            *(("phone", path, lambda v: normalise("phone", v, region=region).value) for path in wanted.phone),
            *(("email", path, lambda v: normalise("email", v).value) for path in wanted.email),
            *(("time", path, lambda v: iso(times.instant(v))) for path in wanted.time),
        ]

    def clean(self, event: Event) -> tuple[Event, tuple[str, ...]]:
        """The event with uniform values, and a warning for each that could not be read."""
        traits = event.kind in {"identify", "group"}
        before = event.traits if traits else event.properties
        payload = msgspec.json.decode(msgspec.json.encode(before))  # a copy, all the way down
        warnings: list[str] = []
        if self._empty:
            payload = self._filled(payload)
        for what, path, read in self._reads:
            change_at(payload, path, _reading(what, path, read, warnings))
        for path, unit in self._wanted.units.items():
            change_at(payload, path, _measuring(path, unit, warnings))
        if self._wanted.currency and not traits:
            self._exchange(payload, self._wanted.currency, event.happened_us, warnings)
        if payload == before:
            return event, tuple(warnings)
        changed = {"traits": payload} if traits else {"properties": payload}
        return msgspec.structs.replace(event, **changed), tuple(warnings)

    def _filled(self, value: Any) -> Any:
        """The value without what says nothing; a list keeps its length."""
        if isinstance(value, dict):
            return {k: self._filled(v) for k, v in value.items() if not self._is_empty(v)}
        if isinstance(value, list):
            return [self._filled(v) for v in value]
        return value

    def _is_empty(self, value: Any) -> bool:
        return isinstance(value, str) and value.strip().lower() in self._empty

    def _exchange(self, payload: dict[str, Any], to: str, at_us: int, warnings: list[str]) -> None:
        said = payload.get("currency")
        currency = said.strip().upper() if isinstance(said, str) else ""
        lines = payload.get(LINES)
        holders = [payload, *([p for p in lines if isinstance(p, dict)] if isinstance(lines, list) else [])]
        amounts = [(h, n) for h in holders for n in AMOUNTS if n in h]
        if not currency or currency == to or not amounts:
            return
        rate = self._rates.rate(currency, to, from_us(at_us).date()) if self._rates is not None else None
        read = [_amount(h[n]) for h, n in amounts]
        if rate is None or any(r is None for r in read):
            why = f"no rate from {currency[:3]} to {to} for its day" if rate is None else _NO_AMOUNT
            warnings.append(f"clean_currency: {why}; amounts are kept as they are")
            return
        for (holder, name), amount in zip(amounts, read, strict=True):
            if amount is not None:
                holder[f"original_{name}"] = holder[name]
                holder[name] = float((amount * rate).quantize(_CENT, ROUND_HALF_EVEN, _WIDE))
        payload |= {"original_currency": said, "currency": to, "exchange_rate": float(rate)}


def _reading(what: str, path: str, read: _Read, warnings: list[str]) -> Callable[[dict[str, Any], str], None]:
    def change(holder: dict[str, Any], name: str) -> None:
        value = holder[name]
        if value is None or value == "":
            return
        try:
            holder[name] = read(value)
        except (InvalidInput, OverflowError):
            warnings.append(f"clean_{what}: {path} cannot be read as {what}; it is kept as it is")

    return change


def _measuring(path: str, unit: str, warnings: list[str]) -> Callable[[dict[str, Any], str], None]:
    def change(holder: dict[str, Any], name: str) -> None:
        value = holder[name]
        if value is None or value == "" or isinstance(value, bool):
            return
        try:
            amount = float(convert(measure(str(value), unit=unit), unit))
        except InvalidInput:
            amount = inf
        if not isfinite(amount):
            warnings.append(f"clean_unit: {path} is no amount in a unit like {unit}; it is kept as it is")
            return
        if isinstance(value, str):
            holder[f"original_{name}"] = value
        holder[name], holder[f"{name}_unit"] = amount, unit

    return change


def _amount(value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = Decimal(str(value))
    except ArithmeticError:
        return None
    return found if found.is_finite() and abs(found) < _MOST else None

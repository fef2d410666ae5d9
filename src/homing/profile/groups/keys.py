"""What do a customer's traits share with others'? One fingerprint a rule; what it was made of is not kept beside it.

Values are cleaned like records that are linked: case, width and punctuation make no difference. A rule says nothing of
a customer who lacks one of its parts.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from homing.core.ids import stable_id
from homing.identity.link.records import code, phone, plain, split_name
from homing.profile.groups.definition import DEVICE, HouseholdRules, SharedRule

Get = Callable[[str], Any]
SURNAMES = ("last_name", "lastName", "surname", "family_name", "姓")
NAMES = ("name", "full_name", "姓名")
ADDRESSES = ("address", "street", "地址")
POSTCODES = ("postal_code", "postcode", "zip", "邮编")
LANDLINES = ("landline", "home_phone", "固定电话", "座机")
_PARTS = {"surname": (*SURNAMES, *NAMES), "address": (*ADDRESSES, *POSTCODES), "landline": LANDLINES}


def watched(rules: HouseholdRules) -> frozenset[str]:
    """The traits these rules look at."""
    return frozenset(name for rule in rules.rules for part in rule.share for name in _PARTS.get(part, (part,)))


def key_of(rule: SharedRule, get: Get) -> str | None:
    """The fingerprint of what a customer shares by a rule; None where a part is missing."""
    if DEVICE in rule.share:
        return None
    parts = [_part(name, get) for name in rule.share]
    return stable_id("k", *parts) if all(parts) else None


def device_key(value: str) -> str:
    """The fingerprint of a device."""
    return stable_id("k", DEVICE, value)


def _part(name: str, get: Get) -> str | None:
    if name == "surname":
        return _surname(get)
    if name == "address":
        return _address(get)
    if name == "landline":
        found = _first(LANDLINES, get)
        return phone(str(found)) if found else None
    return _clean(get(name))


def _surname(get: Get) -> str | None:
    found = _clean(_first(SURNAMES, get))
    if found:
        return found
    whole = _clean(_first(NAMES, get))
    return split_name(whole)[1] if whole else None


def _address(get: Get) -> str | None:
    """Street and house, with the postcode where there is one; an address said in parts is put together."""
    found = _first(ADDRESSES, get)
    if isinstance(found, dict):
        postcode = found.get("postal_code") or found.get("postalCode") or found.get("postcode") or found.get("zip")
        street = " ".join(str(found[k]) for k in ("street", "address", "line1", "line2", "number") if found.get(k))
    else:
        postcode, street = _first(POSTCODES, get), str(found or "")
    line = plain(street) if street else None
    return f"{line}|{code(str(postcode)) or ''}" if line and postcode else line


def _first(names: tuple[str, ...], get: Get) -> Any:
    found = (get(name) for name in names)
    return next((value for value in found if value is not None and value != "" and not isinstance(value, list)), None)


def _clean(value: Any) -> str | None:
    return None if value is None or isinstance(value, dict | list) else plain(str(value))

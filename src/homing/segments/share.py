"""Is a customer in a fixed random share? The same hash on the stream and in SQL, compared as text.

The first 13 hexadecimal digits of SHA-256 of `salt:customer` lie below the share's limit; 16^13 steps are finer than
any percentage. After a merge the surviving id decides.
"""

from __future__ import annotations

from hashlib import sha256

HEX_DIGITS = 13
STEPS = 16**HEX_DIGITS


def share_limit(percent: float) -> str:
    """The text every drawn text must lie below; for 100 % one that all do."""
    step = int(percent / 100 * STEPS)
    return "g" if step >= STEPS else f"{step:0{HEX_DIGITS}x}"


def in_share(salt: str, customer_id: str, limit: str) -> bool:
    """Whether the customer's draw lies below `limit`."""
    return sha256(f"{salt}:{customer_id}".encode()).hexdigest()[:HEX_DIGITS] < limit

"""Is a request from whom it says? Signatures are compared in constant time; a failure never says what differed."""

from __future__ import annotations

import binascii
import hashlib
import hmac
from base64 import b64decode

from homing.core.errors import NotSignedIn

WRONG = "the signature is absent or wrong, wanted the one made with the shared secret"


def hmac_sha256(secret: str, message: bytes) -> bytes:
    """The keyed digest of a message, 32 bytes."""
    return hmac.new(secret.encode(), message, hashlib.sha256).digest()


def same(given: str | bytes, wanted: str | bytes) -> bool:
    """Whether two texts are equal, in a time that does not depend on where they differ."""
    return hmac.compare_digest(_bytes(given), _bytes(wanted))


def require(proven: bool, message: str = WRONG) -> None:
    """Go on only when the request is proven.

    Raises:
        NotSignedIn: it is not.
    """
    if not proven:
        raise NotSignedIn(message)


def from_hex(text: str) -> bytes:
    """The bytes of a hexadecimal text; none when it is not one, so that it equals no digest."""
    try:
        return binascii.unhexlify(text.strip())
    except ValueError:
        return b""


def from_base64(text: str) -> bytes:
    """The bytes of a base64 text; none when it is not one, so that it equals no digest."""
    try:
        return b64decode(text.strip(), validate=True)
    except ValueError:
        return b""


def _bytes(text: str | bytes) -> bytes:
    return text.encode() if isinstance(text, str) else text

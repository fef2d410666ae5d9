"""What does a link in a message carry? A token signed with the workspace's secret: nothing in it can be made up.

A redirect leads only to the address inside its token, so the door is no open redirector. Tokens for clicks, opens and
the preference page are signed for their use and do not pass for one another. They do not expire: who wants to leave
by a message of last year may.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Literal

import msgspec

from homing.core.errors import Refused

Use = Literal["click", "open", "unsubscribe"]
SECRET = "tracking"  # noqa: S105 - the name under which the workspace keeps it
_MAC = 16
MAX_TOKEN = 6_000
_PATHS: dict[Use, str] = {"click": "/t/c/{}", "open": "/t/o/{}.gif", "unsubscribe": "/u/{}"}


class Token(msgspec.Struct, frozen=True, array_like=True):
    """What a token says: which send, and for a click which address and the how-manyth link."""

    send_key: str
    url: str = ""
    link: int = 0


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Token)


@dataclass(frozen=True, slots=True)
class Tracker:
    """Makes and reads the tokens of one workspace."""

    base_url: str
    secret: bytes

    def url(self, use: Use, token: Token) -> str:
        """The address that carries a token."""
        return self.base_url.rstrip("/") + _PATHS[use].format(self.sign(use, token))

    def sign(self, use: Use, token: Token) -> str:
        """The token as text."""
        body = _encoder.encode(token)
        return urlsafe_b64encode(body + self._mac(use, body)).decode().rstrip("=")

    def read(self, use: Use, text: str) -> Token:
        """What a token says.

        Raises:
            Refused: it is not ours, was changed, or is for another use.
        """
        try:
            raw = urlsafe_b64decode(text[:MAX_TOKEN] + "=" * (-len(text) % 4))
            body, mac = raw[:-_MAC], raw[-_MAC:]
            if hmac.compare_digest(mac, self._mac(use, body)):
                return _decoder.decode(body)
        except (ValueError, msgspec.MsgspecError):
            pass
        raise Refused("a link that was not made here or was changed")

    def is_ours(self, url: str) -> bool:
        """Does an address lead to one of our doors?"""
        return url.startswith(self.base_url.rstrip("/") + "/")

    def _mac(self, use: Use, body: bytes) -> bytes:
        return hmac.digest(self.secret, use.encode() + b"\x00" + body, hashlib.sha256)[:_MAC]

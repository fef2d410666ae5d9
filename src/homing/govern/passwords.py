"""Is this the password? Argon2id; a wrong account costs the same time as a wrong password.

A hash takes 64 MiB, so only a few are computed at once: signing in must not be a way to exhaust memory.
"""

from __future__ import annotations

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from homing.core.errors import InvalidInput, Overload

SHORTEST, LONGEST = 10, 200
AT_ONCE = 2
WAIT_S = 5.0
_COMMON = frozenset(
    {
        "1234567890", "12345678910", "0123456789", "qwertyuiop", "qwerty12345", "password12", "password123",
        "password1234", "passw0rd123", "1q2w3e4r5t", "iloveyou12", "adminadmin", "letmein123", "welcome123",
        "changeme123", "hominghoming",
    }
)  # fmt: skip

_hasher = PasswordHasher()
_gate = threading.BoundedSemaphore(AT_ONCE)
_dummy: list[str] = []


def check_rules(password: str, *, email: str) -> None:
    """Refuse a password that is easy to guess.

    Raises:
        InvalidInput: shorter than 10 or longer than 200 characters, common, the e-mail, or of too few characters.
    """
    lower = password.lower()
    if not SHORTEST <= len(password) <= LONGEST:
        raise InvalidInput(
            f"the password has {len(password)} characters, wanted {SHORTEST} .. {LONGEST}", field="password"
        )
    if lower in _COMMON or lower in {email.lower(), email.lower().split("@")[0]}:
        raise InvalidInput("the password is a common one or the e-mail, wanted another", field="password")
    if len(set(password)) < 4:
        raise InvalidInput("the password repeats a few characters, wanted at least 4 different ones", field="password")


def make_hash(password: str) -> str:
    """The Argon2id hash of a password, with its parameters and salt."""
    with _Turn():
        return _hasher.hash(password)


def matches(password: str, stored: str | None) -> bool:
    """Whether the password is the stored one; with None it takes as long and says no."""
    if len(password) > LONGEST:
        return False
    with _Turn():
        if stored is None and not _dummy:
            _dummy.append(_hasher.hash("nobody has this password"))
        try:
            return _hasher.verify(stored or _dummy[0], password) and stored is not None
        except (VerificationError, InvalidHashError):
            return False


def outdated(stored: str) -> bool:
    """Whether the hash was made with weaker parameters than today's."""
    return _hasher.check_needs_rehash(stored)


class _Turn:
    def __enter__(self) -> None:
        if not _gate.acquire(timeout=WAIT_S):
            raise Overload("many sign-ins at once, wanted fewer", retry_after_s=5)

    def __exit__(self, *_: object) -> None:
        _gate.release()

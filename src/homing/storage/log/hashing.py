"""Which eight bytes stand for an id? Those of a hash that goes over all ids of a group at once.

An id is taken as whole numbers of four bytes; the hash is their sum, each times a secret number of its place, twice for
four bytes each. Whoever does not know the secret finds two ids of the same hash no sooner than by chance, and what is
found by its hash is only a candidate. The secret lies in the log's files; those from before there was one have BLAKE2.

Source:
    Lemire and Kaser (2014), Strongly universal string hashing is fast, The Computer Journal 57(11), 1624-1638;
    multilinear, 32 bits of 64 each.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b, shake_128
from operator import mul
from os import urandom
from struct import unpack

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.int64]
WORDS = 32  # of four bytes; of a longer id a digest is taken
_LONGEST = 4 * WORDS
_HALF, _ALL = (1 << 32) - 1, (1 << 64) - 1


class Hashing:
    """A way to hash ids.

    Args:
        secret: the same secret gives the same hashes; empty for BLAKE2.
    """

    def __init__(self, secret: bytes = b"") -> None:
        self.secret = secret
        drawn = shake_128(secret).digest(16 * (WORDS + 1))
        self._keys = np.frombuffer(drawn, "<u8").reshape(WORDS + 1, 2)  # the first pair is the length's
        self._each = [[int(key) for key in column] for column in self._keys.T]

    @classmethod
    def fresh(cls) -> Hashing:
        """One with a secret of its own."""
        return cls(urandom(16))

    def of(self, ids: Sequence[str]) -> Hashes:
        """Eight bytes of each id."""
        if not self.secret:
            return np.frombuffer(b"".join([blake2b(i.encode(), digest_size=8).digest() for i in ids]), np.int64)
        if len(ids) == 1:
            return np.array([self._of_one(ids[0])], np.uint64).view(np.int64)
        sizes, words = _words(ids)
        sums = words.astype(np.uint64) @ self._keys[1 : words.shape[1] + 1] + sizes[:, None] * self._keys[0]
        found: Hashes = ((sums[:, 0] & np.uint64(_ALL ^ _HALF)) | (sums[:, 1] >> np.uint64(32))).view(np.int64)
        return found

    def _of_one(self, one: str) -> int:
        """The same, of one: a commit of one event is waited for, and steps over arrays are dear for one."""
        raw = one.encode()
        text = _short(raw)
        words = (len(raw), *unpack(f"<{-(-len(text) // 4)}I", text + b"\0" * (-len(text) % 4)))
        high, low = (int(sum(map(mul, words, column))) & _ALL for column in self._each)
        return high & (_ALL ^ _HALF) | low >> 32


def _words(ids: Sequence[str]) -> tuple[NDArray[np.uint64], NDArray[np.uint32]]:
    """How many bytes each id has, and its bytes as whole numbers, zeros behind them."""
    together = "".join(ids)
    size = len(ids[0]) if ids else 0
    if together.isascii() and size <= _LONGEST and set(map(len, ids)) == {size}:
        room = np.zeros((len(ids), -(-size // 4) * 4), np.uint8)
        room[:, :size] = np.frombuffer(together.encode(), np.uint8).reshape(len(ids), size)
        return np.full(len(ids), size, np.uint64), room.view("<u4")
    raw = [one.encode() for one in ids]
    texts = list(map(_short, raw))
    width = -(-max(map(len, texts), default=0) // 4)
    filled = np.array(texts, f"S{4 * width}") if width else np.zeros((len(ids), 0), np.uint8)
    return np.fromiter(map(len, raw), np.uint64, len(ids)), filled.view("<u4").reshape(len(ids), width)


def _short(raw: bytes) -> bytes:
    return raw if len(raw) <= _LONGEST else blake2b(raw).digest()

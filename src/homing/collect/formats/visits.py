"""Which lines of a log belong to one visit, and which line is this? Told without keeping anybody's address.

A visitor is a truncated address with a user agent, known only by a keyed hash: without the workspace's secret it leads
back to nobody. A visit ends after half an hour of silence. A line is known by its text and by how many equal ones
stood before it in the last minute of the log: two equal requests in one second are two, and reading again adds none.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from ipaddress import IPv4Address, ip_address

from homing.collect.formats.format import Memory
from homing.core.time import MINUTE

VISITORS = "visitors"  # the workspace's secret that names who is not to be known
SILENCE = 30 * MINUTE
SECONDS_KEPT = 60  # seconds of the log in which equal lines are counted
VISITS_KEPT = 5_000  # in the memory between two looks at a file
PRUNE_AT = 50_000


@lru_cache(maxsize=65_536)
def truncated(address: str) -> str:
    """The address's network: /24 of IPv4, /48 of IPv6; empty when it is no address.

    Example:
        >>> truncated("192.0.2.17"), truncated("2001:db8:1:2::5"), truncated("a host")
        ('192.0.2.0', '2001:db8:1::', '')
    """
    try:
        found = ip_address(address.strip().strip("[]"))
    except ValueError:
        return ""
    found = getattr(found, "ipv4_mapped", None) or found
    bits = 8 if isinstance(found, IPv4Address) else 80
    return str(type(found)(int(found) >> bits << bits))


class Visits:
    """The visits that are open at a place in a log.

    Args:
        secret: keys every hash.
        source: whose log it is: equal lines of two servers are two.
        memory: what an earlier reader left.
    """

    def __init__(self, secret: bytes, source: str, memory: Memory | None = None) -> None:
        self._key = hashlib.blake2b(secret or b"no secret", digest_size=32).digest()
        self._source = source.encode()
        memory = memory or {}
        self._open: dict[str, tuple[int, int]] = {who: (a, b) for who, a, b in memory.get("visits", ())}
        self._seconds: dict[int, dict[str, int]] = {at: dict(n) for at, n in memory.get("lines", ())}
        self._newest: int = memory.get("newest", 0)

    def visitor(self, address: str, agent: str) -> str:
        """The visitor's name: the same for the same address and agent in this workspace."""
        return _digest(self._key, b"visitor", f"{address}\x1f{agent}".encode("utf-8", "replace"), 12)

    def visit(self, visitor: str, at_us: int) -> str:
        """The visit a visitor's line belongs to, which it opens or goes on with."""
        self._newest = max(self._newest, at_us)
        begun, last = self._open.get(visitor, (at_us, at_us))
        over = last < self._newest - SILENCE  # forgotten by now, whether or not it is still here
        if over or at_us > last + SILENCE or at_us < begun - SILENCE:
            begun = last = at_us
        self._open.pop(visitor, None)
        self._open[visitor] = (begun, max(last, at_us))
        if len(self._open) > PRUNE_AT:
            self._prune()
        return _digest(self._key, b"visit", f"{visitor}\x1f{begun}".encode(), 12)

    def line_id(self, line: str, second: int) -> str:
        """The id of a line, also when it stands in the log twice."""
        plain = line.encode("utf-8", "backslashreplace")
        digest = _digest(self._key, b"line" + self._source, plain, 15)
        if second not in self._seconds and len(self._seconds) >= SECONDS_KEPT:
            del self._seconds[next(iter(self._seconds))]
        seen = self._seconds.setdefault(second, {})
        seen[digest] = seen.get(digest, 0) + 1
        return f"log-{digest}" + (f"-{seen[digest]}" if seen[digest] > 1 else "")

    def memory(self) -> Memory:
        """What the lines behind must know, in plain JSON."""
        self._prune()
        newest = list(self._open.items())[-VISITS_KEPT:]
        return {
            "newest": self._newest,
            "visits": [[who, begun, last] for who, (begun, last) in newest],
            "lines": [[second, dict(seen)] for second, seen in self._seconds.items()],
        }

    def _prune(self) -> None:
        oldest = self._newest - SILENCE
        self._open = {who: times for who, times in self._open.items() if times[1] >= oldest}


def _digest(key: bytes, use: bytes, text: bytes, size: int) -> str:
    return hashlib.blake2b(use + b"\x1f" + text, key=key, digest_size=size).hexdigest()

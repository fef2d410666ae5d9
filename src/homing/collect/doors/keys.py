"""Which key does a request bear in its head? Basic, as Segment's servers want it, or Bearer."""

from __future__ import annotations

from base64 import b64decode


def keys_of(authorization: bytes) -> tuple[str, ...]:
    """The key that an authorization header says, Basic or Bearer."""
    scheme, _, rest = authorization.strip().partition(b" ")
    if scheme.lower() == b"bearer":
        return (rest.strip().decode("latin-1"),)
    if scheme.lower() == b"basic":
        try:
            return (b64decode(rest.strip(), validate=False).decode("utf-8", "replace").partition(":")[0],)
        except ValueError:
            return ()
    return ()

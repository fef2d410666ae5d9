"""What can go wrong, and who can mend it?

HomingError
├── InvalidInput     the caller can fix it by changing the request      -> HTTP 422, exit 2
├── NotFound         what was named does not exist                      -> HTTP 404, exit 3
├── Refused          allowed to ask, not allowed to do (consent, role)  -> HTTP 403, exit 4
│   └── NotSignedIn  nobody is signed in, or the key is wrong           -> HTTP 401, exit 4
├── Conflict         the thing changed, exists, or is held by another   -> HTTP 409, exit 5
└── Upstream         another system failed
    ├── Transient    try again later; the outbox does                   -> HTTP 503, exit 6
    │   └── Overload we are the busy system: come back after a while    -> HTTP 429, exit 6
    └── Terminal     never again with this input                        -> HTTP 502, exit 7

A message says what was met and what was wanted and holds no personal data; `code` is stable and the console
translates it. The message is in English; `chinese.json` has it in Chinese. `zh` is for one whose words come from
elsewhere in both languages.
"""

from __future__ import annotations

from typing import ClassVar


class HomingError(Exception):
    """Anything Homing raises on purpose."""

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1

    def __init__(
        self, message: str, *, field: str | None = None, details: dict[str, object] | None = None, zh: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.zh = zh
        self.field = field
        self.details = details or {}

    def as_dict(self) -> dict[str, object]:
        """The one error shape of every door: `{code, message, field?, details?}`."""
        out: dict[str, object] = {"code": self.code, "message": self.message}
        if self.field:
            out["field"] = self.field
        if self.details:
            out["details"] = self.details
        return out


class InvalidInput(HomingError):
    """The caller can fix it by changing the request."""

    code = "invalid_input"
    status = 422
    exit_code = 2


class NotFound(HomingError):
    """What was named does not exist."""

    code = "not_found"
    status = 404
    exit_code = 3


class Refused(HomingError):
    """Allowed to ask, not allowed to do."""

    code = "refused"
    status = 403
    exit_code = 4


class NotSignedIn(Refused):
    """Nobody is signed in, or the key is wrong."""

    code = "not_signed_in"
    status = 401


class Conflict(HomingError):
    """The thing changed meanwhile, exists already, or is held by another process."""

    code = "conflict"
    status = 409
    exit_code = 5


class Upstream(HomingError):
    """Another system failed."""

    code = "upstream"
    status = 502
    exit_code = 7


class Transient(Upstream):
    """Try again later; whoever queues the work does."""

    code = "transient"
    status = 503
    exit_code = 6


class Overload(Transient):
    """We are the busy system: come back after `retry_after_s` seconds."""

    code = "overload"
    status = 429

    def __init__(self, message: str, *, retry_after_s: int = 1) -> None:
        super().__init__(message, details={"retry_after_s": retry_after_s})
        self.retry_after_s = retry_after_s


class Terminal(Upstream):
    """Never again with this input."""

    code = "terminal"

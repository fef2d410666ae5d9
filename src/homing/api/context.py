"""What does a route reach? The running workspace, who may come in, and the clock on the wall.

Sessions, keys and the audit log live in real time whatever clock the workspace runs on: two virtual weeks pass in a
minute, and nobody should be signed out by that.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Request
from sqlalchemy import Connection

from homing.api.feed import Feed
from homing.api.memo import Memo
from homing.core.settings import Settings
from homing.core.time import iso
from homing.govern import KeyRing, Sessions, Users, audit
from homing.govern.masking import Veil
from homing.govern.roles import Caller
from homing.storage.state import State

if TYPE_CHECKING:
    from homing.runtime import Runtime


def wall_us() -> int:
    """The machine's clock, microseconds since 1970 UTC."""
    return time.time_ns() // 1000


@dataclass(frozen=True)
class Context:
    """Everything a route may use."""

    runtime: Runtime
    users: Users
    sessions: Sessions
    keys: KeyRing
    local_token: str | None = None
    demo: Callable[[], Mapping[str, Any]] | None = None
    wall_us: Callable[[], int] = field(default=wall_us)
    memo: Memo = field(default_factory=Memo)
    feed: Feed = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "feed", Feed(self.runtime))

    @property
    def settings(self) -> Settings:
        """The settings of the workspace."""
        return self.runtime.workspace.settings

    @property
    def state(self) -> State:
        """The state store."""
        return self.runtime.workspace.state

    @property
    def veil(self) -> Veil:
        """What is hidden from those who may not see personal data."""
        return self.runtime.catalogue.veil

    def now(self) -> int:
        """The workspace's instant."""
        return self.runtime.workspace.clock()

    def now_iso(self) -> str:
        """The workspace's instant as text."""
        return iso(self.now())

    def wrote(self, conn: Connection, who: Caller, action: str, target: str, **details: object) -> None:
        """Write a change down, inside its transaction."""
        audit.record(conn, who.actor, action, target, now_us=self.wall_us(), **details)


def context_of(request: Request) -> Context:
    """The context of the application that serves this request."""
    found: Context = request.app.state.context
    return found


Ctx = Annotated[Context, Depends(context_of)]

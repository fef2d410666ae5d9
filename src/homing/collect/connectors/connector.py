"""What must any connector do? Give rows, and say up to where; others map them, keep them and remember the place.

There are three kinds. A *puller* is asked now and then and goes on behind its cursor. A *listener* holds a connection
open and hands rows over as they come. A *caller* is the other side of a webhook: it proves a request and reads it.
A row is a JSON object; which fields it feeds is the source's mapping. Rows are acknowledged to the other side only when
`take` has returned, for then they are durable.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, Self

from pydantic import BaseModel, ConfigDict

from homing.core.registry import Registry

Row = dict[str, Any]
Take = Callable[[list[Row]], None]  # returns when the rows are durable; raises when they could not be kept


class Broken(NamedTuple):
    """Something that was read and is no row: where it stands, why, and what it says."""

    place: str
    code: str
    message: str
    text: str


class Portion(NamedTuple):
    """Some rows, and the cursor that stands behind the last of them."""

    cursor: str  # "" when there is no place to go on from
    rows: list[Row]
    broken: tuple[Broken, ...] = ()


class Home(NamedTuple):
    """What a connector may know of the workspace its rows go to."""

    source_id: str = "file"
    zone: str = "UTC"
    region: str = "US"
    currency: str = "USD"
    secret: bytes = b""  # the workspace's own: keys what must not be kept in clear
    folder: Path | None = None  # the workspace's own: nothing in it is read


class Call(NamedTuple):
    """A request that came to a webhook."""

    headers: Mapping[str, str]  # names in lower case
    query: Mapping[str, str]
    body: bytes


class Connector(BaseModel, ABC):
    """One way in; its fields are its settings and its form."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    gives: ClassVar[str] = "events"  # the kind its rows are, unless the source says otherwise
    maps: ClassVar[Mapping[str, str]] = {}  # field to column, unless the source says otherwise
    sends_to: ClassVar[tuple[str, ...]] = ()  # settings that say whom its secrets go to: secrets serve them alone
    same_columns: ClassVar[bool] = False  # every row has every column: one that a mapping names must be there

    def at_home(self, home: Home) -> Self:  # noqa: ARG002
        """The same connector, knowing the workspace it works for; most need not."""
        return self

    def rows_are(self) -> str:
        """The kind its rows are with these settings, unless the source says otherwise."""
        return self.gives

    def check(self) -> None:
        """See whether it can be reached with these settings.

        Raises:
            InvalidInput: the other side refuses the settings.
            Transient: it does not answer now.
        """


class Puller(Connector):
    """A connector that is asked."""

    @abstractmethod
    def read(self, after: str | None, *, now_us: int) -> Iterator[Portion]:
        """Rows that came after the cursor, in portions, oldest first.

        Args:
            after: the cursor of the last portion that is durable; None for all there is.
            now_us: the instant it is asked.

        Raises:
            InvalidInput: the other side refuses the settings.
            Transient: it does not answer now.
        """

    def peek(self, n: int, *, now_us: int) -> list[Row]:
        """Some first rows, to see what they are like.

        Args:
            n: at most so many.
            now_us: the instant it is asked.

        Raises:
            InvalidInput: the other side refuses the settings.
            Transient: it does not answer now.
        """
        rows: list[Row] = []
        portions = self.read(None, now_us=now_us)
        try:
            for portion in portions:
                rows += portion.rows[: n - len(rows)]
                if len(rows) >= n:
                    break
        finally:
            close = getattr(portions, "close", None)  # a generator lets go of its connection
            if close is not None:
                close()
        return rows


class Listener(Connector):
    """A connector that listens."""

    @abstractmethod
    def listen(self, take: Take, stop: Callable[[], bool]) -> None:
        """Hand rows over until `stop()`; return when the connection ends, to be called again after a while.

        Raises:
            InvalidInput: the other side refuses the settings.
            Transient: it does not answer now.
        """


class Caller(Connector):
    """A connector that is called."""

    answer: ClassVar[Mapping[str, Any]] = {}  # what the caller wants to find in the answer, beside the counts

    @abstractmethod
    def read_call(self, call: Call, *, now_us: int) -> list[Row]:
        """The rows of a request, once it is proven to be from whom it says.

        Raises:
            Refused: the signature is wrong, too old, or absent.
            InvalidInput: the body cannot be read.
        """


connectors: Registry[Connector] = Registry(Connector, "homing.collect.connectors")

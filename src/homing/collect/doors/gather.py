"""How do a hundred connections share one flush? What arrives while the log writes goes to it in one hand-over.

Handing over is the dearest step of a small request: it wakes the writer and is woken by it. So at most two hand-overs
are under way, one being written and one ready, and each tells all its callers at once. Each caller still gets its own
verdicts. Once somebody has waited for a second, newcomers are told to come back: a longer queue helps nobody.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial

from homing.core.errors import Overload
from homing.core.event import Verdict
from homing.storage.log import EventLog

Tell = Callable[[Sequence[Verdict] | None, BaseException | None], None]
Row = tuple[str, bytes]  # an event's id and its bytes
_Waiting = tuple[list[Row], Tell, float]  # and since when

UNDER_WAY = 2
HAND_EVENTS = 5_000  # a hand-over at most, so that no caller waits for another's very long write
PATIENCE_S = 1.0  # a caller that has waited for so long is the last one let in


class Gatherer:
    """Hands events to the log, many callers' at once. Used on one event loop."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._waiting: deque[_Waiting] = deque()
        self._under_way: deque[float] = deque()  # since when the first caller of each waits
        self._soon = False

    async def append(self, rows: list[Row]) -> Sequence[Verdict]:
        """The verdicts of these events, once they are durable.

        Raises:
            Overload: too much is waiting to be written; nothing was taken.
            Terminal: the log takes nothing any more.
        """
        answer: asyncio.Future[Sequence[Verdict]] = asyncio.get_running_loop().create_future()

        def tell(verdicts: Sequence[Verdict] | None, error: BaseException | None) -> None:
            if answer.done():  # a caller that went away is not told
                return
            if verdicts is None:
                answer.set_exception(error or RuntimeError("no verdicts"))
            else:
                answer.set_result(verdicts)

        self.put(rows, tell)
        return await answer

    def admit(self) -> None:
        """Let a newcomer in.

        Raises:
            Overload: somebody has waited for too long already.
        """
        since = self._under_way[0] if self._under_way else self._waiting[0][2] if self._waiting else None
        if since is not None and asyncio.get_running_loop().time() - since > PATIENCE_S:
            raise Overload(f"what came over {PATIENCE_S:g} s ago is not written yet, wanted a moment's patience")

    def put(self, rows: list[Row], tell: Tell) -> None:
        """Like `append`; `tell` is called on the loop with the verdicts or the error."""
        loop = asyncio.get_running_loop()
        self._waiting.append((rows, tell, loop.time()))
        if not self._soon and len(self._under_way) < UNDER_WAY:
            self._soon = True
            loop.call_soon(self._hand_over, loop)

    def _hand_over(self, loop: asyncio.AbstractEventLoop) -> None:
        self._soon = False
        while self._waiting and len(self._under_way) < UNDER_WAY:
            callers: list[_Waiting] = []
            rows: list[Row] = []
            while self._waiting and (not callers or len(rows) + len(self._waiting[0][0]) <= HAND_EVENTS):
                callers.append(self._waiting.popleft())
                rows += callers[-1][0]
            try:
                done = self._log.append_encoded(rows)
            except Exception as error:  # every caller must hear of it, whatever it is
                _tell(callers, None, error)
                continue
            self._under_way.append(callers[0][2])
            done.add_done_callback(partial(self._done, loop, callers))

    def _done(self, loop: asyncio.AbstractEventLoop, callers: list[_Waiting], done: Future[list[Verdict]]) -> None:
        loop.call_soon_threadsafe(self._settle, loop, callers, done)

    def _settle(self, loop: asyncio.AbstractEventLoop, callers: list[_Waiting], done: Future[list[Verdict]]) -> None:
        self._under_way.popleft()
        self._hand_over(loop)  # first, so that the writer goes on while callers are told
        error = done.exception()
        _tell(callers, None if error else done.result(), error)


def _tell(callers: list[_Waiting], verdicts: list[Verdict] | None, error: BaseException | None) -> None:
    at = 0
    for rows, tell, _ in callers:
        tell(None if verdicts is None else verdicts[at : at + len(rows)], error)
        at += len(rows)

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
from time import monotonic

from homing.core.errors import Overload
from homing.storage.log import EventLog, Packed

Repeats = frozenset[int]  # the positions of events that were known already
Tell = Callable[[Repeats | None, BaseException | None], None]
_Waiting = tuple[Sequence[Packed], int, Tell, float]  # how many events, and since when

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

    async def append(self, parts: Sequence[Packed]) -> Repeats:
        """Which of these events were known already, once they are durable.

        Raises:
            Overload: too much is waiting to be written; nothing was taken.
            Terminal: the log takes nothing any more.
        """
        answer: asyncio.Future[Repeats] = asyncio.get_running_loop().create_future()

        def tell(repeats: Repeats | None, error: BaseException | None) -> None:
            if answer.done():  # a caller that went away is not told
                return
            if repeats is None:
                answer.set_exception(error or RuntimeError("no answer"))
            else:
                answer.set_result(repeats)

        self.put(parts, tell)
        return await answer

    def admit(self) -> None:
        """Let a newcomer in.

        Raises:
            Overload: somebody has waited for too long already.
        """
        if not self._under_way and not self._waiting:
            return
        since = self._under_way[0] if self._under_way else self._waiting[0][3]
        if monotonic() - since > PATIENCE_S:
            raise Overload(f"what came over {PATIENCE_S:g} s ago is not written yet, wanted a moment's patience")

    def put(self, parts: Sequence[Packed], tell: Tell) -> None:
        """Like `append`; `tell` is called on the loop with the answer or the error."""
        events = len(parts[0].ids) if len(parts) == 1 else sum([len(part.ids) for part in parts])
        self._waiting.append((parts, events, tell, monotonic()))
        if self._soon or len(self._under_way) >= UNDER_WAY:
            return
        loop = asyncio.get_running_loop()  # a call into the system: not for every request
        if self._under_way:
            self._soon = True
            loop.call_soon(self._hand_over, loop)
        else:  # nobody is to be waited for: the writer begins while others come
            self._hand_over(loop)

    def _hand_over(self, loop: asyncio.AbstractEventLoop) -> None:
        self._soon = False
        while self._waiting and len(self._under_way) < UNDER_WAY:
            callers: list[_Waiting] = []
            parts: list[Packed] = []
            events = 0
            while self._waiting and (not callers or events + self._waiting[0][1] <= HAND_EVENTS):
                callers.append(self._waiting.popleft())
                parts += callers[-1][0]
                events += callers[-1][1]
            try:
                done = self._log.append_packed(parts)
            except Exception as error:  # every caller must hear of it, whatever it is
                _tell(callers, None, error)
                continue
            self._under_way.append(callers[0][3])
            done.add_done_callback(partial(self._done, loop, callers))

    def _done(self, loop: asyncio.AbstractEventLoop, callers: list[_Waiting], done: Future[Repeats]) -> None:
        loop.call_soon_threadsafe(self._settle, loop, callers, done)

    def _settle(self, loop: asyncio.AbstractEventLoop, callers: list[_Waiting], done: Future[Repeats]) -> None:
        self._under_way.popleft()
        self._hand_over(loop)  # first, so that the writer goes on while callers are told
        error = done.exception()
        _tell(callers, None if error else done.result(), error)


def _tell(callers: list[_Waiting], repeats: Repeats | None, error: BaseException | None) -> None:
    at = 0
    for _, events, tell, _ in callers:
        tell(frozenset(n - at for n in repeats if at <= n < at + events) if repeats else repeats, error)
        at += events

"""How do a hundred connections share one flush? What arrives in one turn of the event loop goes to the log
in one hand-over.

Handing over is the dearest step of a small request: it wakes the writer and is woken by it. Each caller still gets its
own verdicts, and an overload refuses all of a turn alike: nothing of it was taken.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from itertools import accumulate

from homing.core.errors import HomingError
from homing.core.event import Event, Verdict
from homing.storage.log import EventLog

_Waiting = tuple[int, "asyncio.Future[list[Verdict]]"]


class Gatherer:
    """Hands events to the log, a turn's at once. Used on one event loop."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._events: list[Event] = []
        self._waiting: list[_Waiting] = []

    async def append(self, events: list[Event]) -> list[Verdict]:
        """The verdicts of these events, once they are durable.

        Raises:
            Overload: too much is waiting to be written; nothing was taken.
            Terminal: the log takes nothing any more.
        """
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[list[Verdict]] = loop.create_future()
        if not self._waiting:
            loop.call_soon(self._hand_over, loop)
        self._events += events
        self._waiting.append((len(events), answer))
        return await answer

    def _hand_over(self, loop: asyncio.AbstractEventLoop) -> None:
        events, waiting = self._events, self._waiting
        self._events, self._waiting = [], []
        self._hand(loop, events, waiting)

    def _hand(self, loop: asyncio.AbstractEventLoop, events: list[Event], waiting: list[_Waiting]) -> None:
        try:
            done = self._log.append_async(events)
        except Exception as error:  # every caller must hear of it, whatever it is
            if isinstance(error, HomingError) or len(waiting) == 1:
                _tell(waiting, None, error)
                return
            for one, start in zip(waiting, accumulate((n for n, _ in waiting), initial=0), strict=False):
                self._hand(loop, events[start : start + one[0]], [one])  # so that one odd event harms no other caller
            return
        done.add_done_callback(lambda f: loop.call_soon_threadsafe(_settle, waiting, f))


def _settle(waiting: list[_Waiting], done: Future[list[Verdict]]) -> None:
    error = done.exception()
    _tell(waiting, None if error else done.result(), error)


def _tell(waiting: list[_Waiting], verdicts: list[Verdict] | None, error: BaseException | None) -> None:
    at = 0
    for size, answer in waiting:
        if not answer.done():  # a caller that went away is not told
            if error is not None or verdicts is None:
                answer.set_exception(error or RuntimeError("no verdicts"))
            else:
                answer.set_result(verdicts[at : at + size])
        at += size

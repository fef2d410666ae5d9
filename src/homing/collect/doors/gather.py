"""How do a hundred connections share one flush? What has come when the log is free goes to it in one hand-over.

Handing over is the dearest step of a small request: it wakes the writer and is woken by it. So the log is only told
that something waits, and takes all there is at the moment at which it can write; each hand-over tells all its callers
at once. At most two are under way, for a log that is quick would else be woken for every single request. Each caller
still gets its own verdicts. Once somebody has waited for a second, newcomers are told to come back: a longer queue
helps nobody.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from functools import partial
from threading import Lock
from time import monotonic

from homing.core.errors import Overload
from homing.storage.log import EventLog, Packed

Repeats = frozenset[int]  # the positions of events that were known already
Tell = Callable[[Repeats | None, BaseException | None], None]
_Waiting = tuple[Sequence[Packed], int, Tell]  # how many events

UNDER_WAY = 2  # one being written or told, one that is still open
HAND_EVENTS = 5_000  # a hand-over at most, so that no caller waits for another's very long write
PATIENCE_S = 1.0  # a caller that has waited for so long is the last one let in


class Gatherer:
    """Hands events to the log, many callers' at once. Used on one event loop; the log takes them on its own thread."""

    def __init__(self, log: EventLog) -> None:
        self._log = log
        self._waiting: deque[_Waiting] = deque()
        self._taking = Lock()  # held while callers are taken out; to come in needs no lock
        self._asked = False  # the log has been told, and has not taken yet
        self._soon = False  # it will be told when this turn of the loop is over
        self._under_way = 0  # hand-overs whose callers have no answer yet
        self._since: deque[float] = deque()  # when each caller came that has no answer yet

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
        if self._since and monotonic() - self._since[0] > PATIENCE_S:
            raise Overload(f"what came over {PATIENCE_S:g} s ago is not written yet, wanted a moment's patience")

    def put(self, parts: Sequence[Packed], tell: Tell) -> None:
        """Like `append`; `tell` is called on the loop with the answer or the error."""
        events = len(parts[0].ids) if len(parts) == 1 else sum([len(part.ids) for part in parts])
        self._since.append(monotonic())
        self._waiting.append((parts, events, tell))
        if self._asked or self._soon or self._under_way >= UNDER_WAY:
            return
        if self._under_way:
            self._soon = True
            asyncio.get_running_loop().call_soon(self._ask)
        else:  # nobody is to be waited for: the writer begins while others come
            self._ask()

    def _ask(self) -> None:
        """Tell the log that something waits, unless it has been told."""
        self._soon = False
        if self._asked or not self._waiting:
            return
        self._asked = True
        callers: list[_Waiting] = []  # filled by the log, when it takes them
        try:
            done = self._log.append_gathered(partial(self._take, callers, HAND_EVENTS))
        except Exception as error:  # every caller must hear of it, whatever it is
            while self._take(callers, HAND_EVENTS):
                pass
            self._tell(callers, None, error)
            return
        self._under_way += 1
        done.add_done_callback(partial(self._done, asyncio.get_running_loop(), callers))

    def _take(self, callers: list[_Waiting], most: int) -> list[Packed]:
        """What waits at this moment. Whoever comes after the first line asks again, so that nobody is forgotten."""
        self._asked = False
        parts: list[Packed] = []
        events = 0
        with self._taking:
            while self._waiting and (not parts or events + self._waiting[0][1] <= most):
                callers.append(self._waiting.popleft())
                parts += callers[-1][0]
                events += callers[-1][1]
        return parts

    def _done(self, loop: asyncio.AbstractEventLoop, callers: list[_Waiting], done: Future[Repeats]) -> None:
        loop.call_soon_threadsafe(self._settle, callers, done)

    def _settle(self, callers: list[_Waiting], done: Future[Repeats]) -> None:
        self._under_way -= 1
        self._ask()  # first, so that the writer goes on while callers are told
        error = done.exception()
        self._tell(callers, None if error else done.result(), error)

    def _tell(self, callers: list[_Waiting], repeats: Repeats | None, error: BaseException | None) -> None:
        at = 0
        for _, events, tell in callers:
            self._since.popleft()
            tell(frozenset(n - at for n in repeats if at <= n < at + events) if repeats else repeats, error)
            at += events

"""When does a second process judge? While batches come faster than one interpreter takes them, and never for long.

It is started once megabytes of batches have met others in hand within a second, and let go when none has been given to
it for a minute; a client that sends one at a time never meets it. It is given some at a time, and what is beyond them
the server judges meanwhile. Where others want its core, it would take from the server what it gives, so it rests.
Nothing depends on it: what it holds when it ends, or does not answer in time, the server judges itself, for nothing was
written of it.
"""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
from collections.abc import Callable

import msgspec
import structlog

from homing.collect.doors.judging import READ, SIZE, Asked, Judged, framed

Told = Callable[[Judged | None], None]

MOST = 6  # batches given at a time; while it has work, the server is freer to read, write and answer
LOOK_S = 0.25
SHARE = 0.58  # of a core it must get while it has work; with less, others want the core and it only costs
REST_S, LONGEST_REST_S = 2.5, 20.0  # until that is tried again: twice as long each time it is so again
WORTH = 2_048  # bytes of a body; a smaller one is judged sooner than it is sent
PRESSED = 2_000_000  # bytes within a second that have met others in hand
PATIENCE_S = 2.0  # for one batch
IDLE_S = 60.0
AGAIN_S = 10.0  # from an end that nobody asked for to the next start
_COMMAND = [sys.executable, "-c", "from homing.collect.doors.judging import main; main()"]
_log = structlog.get_logger("homing.collect")


def usable_cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Beside:
    """The process beside the server. Used on one event loop at a time.

    Args:
        pressed: bytes within a second that make it start.
        cores: that this process may use; on one there is none beside it.
    """

    def __init__(self, *, pressed: int = PRESSED, cores: int = 0) -> None:
        self.judged = 0  # batches
        self._pressed_at = pressed
        self._able = (cores or usable_cores()) > 1 and os.name == "posix"
        self._met, self._since = 0, 0.0
        self._not_before, self._rest_s = 0.0, REST_S
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._looking: asyncio.TimerHandle | None = None
        self._asked: dict[int, tuple[float, Told]] = {}
        self._ready = False  # it has said that it hears
        self._number = 0
        self._used = 0.0
        self._busy_since = self._busy_s = self._took_s = 0.0
        self._unsent = bytearray()
        self._heard = bytearray()
        self._decode = msgspec.msgpack.Decoder(Judged).decode

    @property
    def pid(self) -> int | None:
        """Of the process; None when there is none."""
        return self._process.pid if self._process else None

    def free(self, size: int) -> bool:
        """Whether it takes a batch of so many bytes, which came while others were in hand."""
        if not self._able or size < WORTH:
            return False
        loop = asyncio.get_running_loop()
        if self._line is not None and loop is self._loop:
            return self._ready and len(self._asked) < MOST and loop.time() >= self._not_before
        now = loop.time()
        if now - self._since > 1.0:
            self._since, self._met = now, 0
        self._met += size
        if self._met >= self._pressed_at and now >= self._not_before:
            self._start(loop)
        return False

    def ask(self, asked: Asked, told: Told) -> None:
        """Give it a batch; `told` hears on the loop what became of it, None when that cannot be known."""
        self._number += 1
        asked.number = self._number
        self._used = asyncio.get_running_loop().time()
        if not self._asked:
            self._busy_since = self._used
        self._asked[self._number] = self._used, told
        self._unsent += framed(asked)
        self._send()

    def close(self) -> None:
        """Let go of it; who waits for it is not told. The loop it was used on has stopped, or is this one."""
        self._let_go()

    def _let_go(self) -> list[Told]:
        """Let go of it; those that wait for it."""
        process, self._process = self._process, None
        if self._line is not None:
            if self._loop is not None and not self._loop.is_closed():
                self._loop.remove_reader(self._line)
                self._loop.remove_writer(self._line)
            self._line.close()
            self._line = None
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None
        if process is not None:
            process.kill()  # it holds nothing that is not held here
            process.wait()
        self._unsent.clear()
        self._heard.clear()
        self._ready = False
        waited, self._asked = self._asked, {}
        return [told for _, told in waited.values()]

    def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        self.close()
        self._met = 0
        ours, theirs = socket.socketpair()
        try:
            self._process = subprocess.Popen(_COMMAND, stdin=theirs.fileno(), stdout=subprocess.DEVNULL)  # noqa: S603
        except OSError as error:
            ours.close()
            self._not_before = loop.time() + AGAIN_S
            _log.warning("judging_not_started", error=str(error))
            return
        finally:
            theirs.close()
        ours.setblocking(False)
        for option in (socket.SO_SNDBUF, socket.SO_RCVBUF):
            ours.setsockopt(socket.SOL_SOCKET, option, READ)
        self._line, self._loop, self._used = ours, loop, loop.time()
        loop.add_reader(ours, self._hear)
        self._looking = loop.call_later(LOOK_S, self._look)

    def _send(self) -> None:
        if self._line is None or self._loop is None:
            return
        try:
            sent = self._line.send(self._unsent)
        except BlockingIOError:
            sent = 0
        except OSError as error:
            self._end(error)
            return
        waited, left = sent == 0, len(self._unsent) > sent
        del self._unsent[:sent]
        if left:
            self._loop.add_writer(self._line, self._send)
        elif not waited:
            self._loop.remove_writer(self._line)

    def _hear(self) -> None:
        if self._line is None:
            return
        try:
            data = self._line.recv(READ)
        except BlockingIOError:
            return
        except OSError as error:
            self._end(error)
            return
        if not data:
            self._end(EOFError("the process beside has ended"))
            return
        if self._heard:
            self._heard += data
            data = bytes(self._heard)
            self._heard.clear()
        at = 0
        while len(data) >= (begin := at + SIZE) and len(data) >= (end := begin + int.from_bytes(data[at:begin], "big")):
            answer: Judged = self._decode(memoryview(data)[begin:end])
            at = end
            self._ready = True
            self._tell(answer)
        self._heard += data[at:]

    def _tell(self, answer: Judged) -> None:
        _, told = self._asked.pop(answer.number, (0.0, None))
        if told is None or self._loop is None:
            return
        self.judged += answer.usual
        self._took_s += answer.took_s
        if not self._asked:
            self._busy_s += self._loop.time() - self._busy_since
        told(answer if answer.usual else None)

    def _look(self) -> None:
        """Now and then: is it alive, does it help, is it needed?"""
        if self._loop is None:
            return
        now = self._loop.time()
        self._looking = self._loop.call_later(LOOK_S, self._look)
        if self._asked:
            self._busy_s += now - self._busy_since
            self._busy_since = now
        if self._busy_s > LOOK_S / 4:
            if self._took_s < SHARE * self._busy_s:
                self._not_before = now + self._rest_s
                self._rest_s = min(2 * self._rest_s, LONGEST_REST_S)
            else:
                self._rest_s = REST_S
        self._busy_s = self._took_s = 0.0
        if self._asked and now - next(iter(self._asked.values()))[0] > PATIENCE_S:
            self._end(TimeoutError(f"a batch took over {PATIENCE_S:g} s"))
        elif not self._asked and now - self._used > IDLE_S:
            self.close()

    def _end(self, error: Exception) -> None:
        """It cannot go on: what it held is judged by the server."""
        _log.warning("judging_ended", error=str(error))
        if self._loop is not None:
            self._not_before = self._loop.time() + AGAIN_S
        for told in self._let_go():
            told(None)

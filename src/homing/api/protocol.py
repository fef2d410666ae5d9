"""Which requests are answered before ASGI? A plain collect request; everything else is uvicorn's, as ever.

A request is taken here when its head lies in the bytes at hand, nothing of this connection is under way, and the head
is as clients write it (`collect.doors.head`). A body that comes in pieces, as over a network, is put together here, in
the same time and room as in ASGI. Chunked, a head in pieces, `Expect`, another method: uvicorn parses it and the ASGI
application answers, with the same bytes. On top of uvicorn this keeps a bound on heads: 64 KB, 20 seconds.
"""

from __future__ import annotations

import asyncio
from asyncio.events import TimerHandle
from typing import Any, ClassVar, cast

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from homing.collect.doors import body
from homing.collect.doors.answers import Answer, failure
from homing.collect.doors.door import Door
from homing.collect.doors.head import Heads
from homing.core.errors import Overload

HEAD_S = 20.0
MAX_HEAD = 64 * 1024
MAX_BEHIND = 64 * 1024  # bytes read ahead of a request under way, before reading pauses
_LAST = b"content-length: 0\r\nconnection: close\r\n\r\n"


def protocol_for(door: Door) -> type[HttpToolsProtocol]:
    """The protocol class to give to uvicorn, its collect requests answered by this door."""
    return type("CollectProtocol", (CollectProtocol,), {"door": door, "heads": Heads()})


class CollectProtocol(HttpToolsProtocol):
    """One connection."""

    door: ClassVar[Door]
    heads: ClassVar[Heads]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._busy = False  # a request taken here waits for its answer
        self._last = False  # its answer is the last one
        self._ended = False  # the client says no more
        self._behind = bytearray()  # what came meanwhile
        self._partly = bytearray()  # a request taken here whose body is not whole
        self._whole = 0  # bytes it will have
        self._body_timer: TimerHandle | None = None
        self._idle_since = 0.0
        self._in_message = self._in_head = False  # where uvicorn's parser stands
        self._head_size = 0
        self._head_timer: TimerHandle | None = None

    # -- the connection ------------------------------------------------------------------------------------------------
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin; a connection that never says anything is closed like one that says nothing more."""
        super().connection_made(cast("asyncio.Transport", transport))
        self._rest_now()

    def connection_lost(self, exc: Exception | None) -> None:
        """End; an answer under way is not given."""
        self._behind.clear()
        self._let_go()
        self._no_head_timer()
        super().connection_lost(exc)
        self._unset_keepalive_if_required()

    def eof_received(self) -> bool | None:  # type: ignore[override]
        """A client that will say no more still hears its answers."""
        self._ended = True
        return self._busy or None

    def shutdown(self) -> None:
        """The server stops: answer what is under way, then close."""
        if self._busy or self._partly:
            self._last = True
        else:
            super().shutdown()

    def resume_writing(self) -> None:
        """It reads again."""
        super().resume_writing()
        self._go_on()

    # -- requests ------------------------------------------------------------------------------------------------------
    def data_received(self, data: bytes) -> None:
        """Take plain collect requests; give the rest to uvicorn."""
        if self._partly:
            self._gather(data)
            return
        if self._busy or self.flow.write_paused or self._behind:
            self._behind += data
            if len(self._behind) > MAX_BEHIND:
                self.flow.pause_reading()
            return
        while data:
            size = self._take(data)
            if not size:
                if not (self._partly or self.transport.is_closing()):
                    self._pass_on(data)
                return
            data = data[size:]
            if data and (self._busy or self.flow.write_paused):
                self._behind += data
                return

    def _take(self, data: bytes) -> int:
        """Take the first request of these bytes, when it is one of ours; how many bytes it had, 0 when it is not."""
        if self._in_message or (self.cycle is not None and not self.cycle.response_complete):
            return 0
        end = data.find(b"\r\n\r\n") + 4
        head = self.heads.read(data[:end]) if end > 3 else None
        if head is None:
            return 0
        if len(data) < end + head.length:
            self._whole = end + head.length
            self._body_timer = self.loop.call_later(body.SLOW_S, self._slow)
            self._gather(data)
            return 0
        packed = data[end : end + head.length]
        if head.forwarded and (head.encoding or b'"direct"' in packed or b"\\u" in packed):
            return 0  # uvicorn knows which proxy may say whom it speaks for; only `context.direct` asks
        self._busy = True
        self.door.begin(head, packed, self.client[0] if self.client else "", self._answer)
        return end + head.length

    # -- a body in pieces ----------------------------------------------------------------------------------------------
    def _gather(self, data: bytes) -> None:
        if len(self._partly) + len(data) >= self._whole:
            data = bytes(self._partly) + data
            self._let_go()
            self.data_received(data)
            return
        try:
            self.door.arriving.take(len(data))
        except Overload as busy:
            self._give_up(failure(busy))
            return
        self._partly += data

    def _slow(self) -> None:
        self._give_up(failure(body.BadBody(408, "slow", f"the body took over {body.SLOW_S:.0f} s")))

    def _give_up(self, answer: Answer) -> None:
        """The rest of the body is not waited for."""
        self._let_go()
        if not self.transport.is_closing():
            self.door.answered(answer)
            close = not any(name == b"connection" for name, _ in answer.more)
            self.transport.write(written(answer, self.server_state.default_headers, last=close))
            self.server_state.total_requests += 1
            self.transport.close()

    def _let_go(self) -> None:
        self.door.arriving.give(len(self._partly))
        self._partly.clear()
        if self._body_timer is not None:
            self._body_timer.cancel()
            self._body_timer = None

    def _answer(self, answer: Answer) -> None:
        self._busy = False
        if self.transport.is_closing():
            return
        last = self._last or (self._ended and not self._behind)
        self.transport.write(written(answer, self.server_state.default_headers, last=last))
        self.server_state.total_requests += 1
        if last:
            self.transport.close()
            return
        self._rest_now()
        if self._behind:
            self._go_on()

    def _go_on(self) -> None:
        if self._busy or self.flow.write_paused or self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self._behind:
            data = bytes(self._behind)
            self._behind.clear()
            self.data_received(data)
            if self._ended and not self._busy:  # what is left is no whole request
                self.transport.close()

    # -- what uvicorn parses -------------------------------------------------------------------------------------------
    def _pass_on(self, data: bytes) -> None:
        super().data_received(data)
        if not self._in_head or self.transport.is_closing():
            return
        self._head_size += len(data)
        if self._head_size > MAX_HEAD:
            self._refuse(431)
        elif self._head_timer is None:
            self._head_timer = self.loop.call_later(HEAD_S, self._refuse, 408)

    def on_message_begin(self) -> None:
        """Uvicorn's parser begins a request."""
        self._in_message = self._in_head = True
        self._head_size = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """It has the head."""
        self._in_head = False
        self._no_head_timer()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """It has the body."""
        self._in_message = False
        super().on_message_complete()

    def _refuse(self, status: int) -> None:
        """A head that is too large or too slow: say so and close."""
        self._no_head_timer()
        if not self.transport.is_closing():
            self.transport.write(STATUS_LINE[status] + _LAST)
            self.transport.close()

    def _no_head_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    # -- idle connections: one timer for many requests, looked at when it rings ----------------------------------------
    def _rest_now(self) -> None:
        self._idle_since = self.loop.time()
        if self.timeout_keep_alive_task is None:
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    def timeout_keep_alive_handler(self) -> None:
        """Close a connection that has been idle for long."""
        left = self.timeout_keep_alive - (self.loop.time() - self._idle_since)
        busy = self._busy or bool(self._partly)
        if busy or left > 0:
            self.timeout_keep_alive_task = self.loop.call_later(
                max(left, 1.0) if busy else left, self.timeout_keep_alive_handler
            )
        else:
            super().timeout_keep_alive_handler()


_USUAL = Answer(200, b"")
_USUAL_HEAD = STATUS_LINE[200] + b"".join(b"%b: %b\r\n" % h for h in _USUAL.headers[:1]) + b"content-length: %d\r\n"
_USUAL_TAIL = b"".join(b"%b: %b\r\n" % h for h in _USUAL.headers[2:]) + b"\r\n"


def written(answer: Answer, default_headers: list[tuple[bytes, bytes]], *, last: bool) -> bytes:
    """The bytes of an answer, as uvicorn writes those of an ASGI application."""
    if answer.status == 200 and not (answer.more or default_headers or last):
        return b"%b%b%b" % (_USUAL_HEAD % len(answer.body), _USUAL_TAIL, answer.body)
    headers = [*default_headers, *answer.headers, *([(b"connection", b"close")] if last else [])]
    return b"%b%b\r\n%b" % (STATUS_LINE[answer.status], b"".join(b"%b: %b\r\n" % h for h in headers), answer.body)

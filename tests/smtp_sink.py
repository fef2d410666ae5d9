"""A real mail server for tests: keeps what it is given and can be told to answer badly."""

from __future__ import annotations

import email
import email.policy
import socket
from collections.abc import Callable
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller

Answer = Callable[[str], str | None]


class Sink:
    """Messages by the order they came in."""

    def __init__(self, *, pipelining: bool = False) -> None:
        self.pipelining = pipelining
        self.messages: list[EmailMessage] = []
        self.on_recipient: Answer = lambda _address: None
        self.on_data: Answer = lambda _address: None
        self.sessions: set[int] = set()
        with socket.socket() as s:
            s.bind(("127.0.0.1", 0))
            self.port: int = s.getsockname()[1]
        self._controller: Controller | None = None

    def start(self) -> Sink:
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()
        return self

    def stop(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, hostname: str, said: list[str]) -> list[str]:  # noqa: N802
        session.host_name = hostname
        return [*said[:-1], "250-PIPELINING", said[-1]] if self.pipelining else said

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        answer = self.on_recipient(address)
        if answer is None:
            envelope.rcpt_tos.append(address)
        return answer or "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        self.sessions.add(id(session))
        parsed = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(parsed, EmailMessage)
        self.messages.append(parsed)
        answer = self.on_data(envelope.rcpt_tos[0])
        if answer == "cut":  # taken, and the answer never comes
            server.transport.abort()
            return "250 never seen"
        if answer is not None and not answer.startswith("2"):
            self.messages.pop()
        return answer or "250 queued"

    def to(self) -> list[str]:
        return [m["To"] for m in self.messages]

"""Where do the demo's messages go? To a real SMTP server on loopback; each becomes a file and lies in a mailbox.

It answers like a provider: 250 once the file is written, 550 for the mailboxes that do not exist. A message is a
duplicate when its mailbox already got one with the same Message-ID.
"""

from __future__ import annotations

import re
import socket
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import Message
from html import unescape
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

HOST = "127.0.0.1"
_PIXEL = re.compile(r"<img[^>]+src=\"([^\"]*/t/o/[^\"]+)\"")
_LINK = re.compile(r"href=\"([^\"]*/t/c/[^\"]+)\"")
_ONE_CLICK = re.compile(r"<(https?://[^>]+)>")


@dataclass(frozen=True, slots=True)
class Mail:
    """A message as its reader finds it."""

    to: str
    message_id: str
    subject: str
    text: str
    pixel: str | None
    links: tuple[str, ...]
    unsubscribe: str | None


def read_mail(raw: bytes, to: str) -> Mail:
    """What a mail program shows of the bytes that came over SMTP."""
    message = message_from_bytes(raw)  # the policy that leaves headers alone: three are read, the others cost nothing
    html, text = _part(message, "html"), _part(message, "plain")
    pixel = _PIXEL.search(html)
    one_click = _ONE_CLICK.search(_header(message, "List-Unsubscribe"))
    return Mail(
        to=to,
        message_id=_header(message, "Message-ID"),
        subject=_header(message, "Subject"),
        text=text,
        pixel=unescape(pixel[1]) if pixel else None,
        links=tuple(dict.fromkeys(unescape(u) for u in _LINK.findall(html))),
        unsubscribe=one_click[1] if one_click else None,
    )


class Mailboxes:
    """The mail server and everybody's mailbox.

    Args:
        folder: where messages become files, one folder a mailbox; None keeps none.
        unknown: says whether an address does not exist.
    """

    def __init__(self, folder: Path | None, unknown: Callable[[str], bool]) -> None:
        self._folder = folder
        self._unknown = unknown
        self._lock = threading.Lock()
        self._new: list[Mail] = []
        self._seen: Counter[tuple[str, str]] = Counter()
        self.port = free_port()
        self._controller = Controller(self, hostname=HOST, port=self.port)

    def start(self) -> int:
        """Listen on a free port of loopback; return it."""
        self._controller.start()
        return self.port

    def stop(self) -> None:
        """Listen no more."""
        self._controller.stop()

    def collect(self) -> list[Mail]:
        """The messages that came since the last call, in an order that does not depend on chance."""
        with self._lock:
            taken, self._new = self._new, []
        return sorted(taken, key=lambda m: (m.to, m.message_id))

    @property
    def received(self) -> int:
        """How many messages came in all."""
        with self._lock:
            return sum(self._seen.values())

    @property
    def duplicates(self) -> int:
        """How many of them had come before."""
        with self._lock:
            return sum(n - 1 for n in self._seen.values())

    # -- what aiosmtpd calls -------------------------------------------------------------------------------------------
    async def handle_RCPT(  # noqa: N802 - aiosmtpd names it
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[Any]
    ) -> str:
        """Say whether the mailbox exists."""
        if self._unknown(address):
            return "550 5.1.1 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        """Put the message into its mailboxes."""
        raw = envelope.content if isinstance(envelope.content, bytes) else str(envelope.content).encode()
        for to in envelope.rcpt_tos:
            mail = read_mail(raw, to)
            with self._lock:
                self._seen[to, mail.message_id] += 1
                nth = sum(n for (who, _), n in self._seen.items() if who == to) if self._folder else 0
                self._new.append(mail)
            if self._folder:
                self._write(to, nth, raw)
        return "250 2.0.0 taken"

    def _write(self, to: str, nth: int, raw: bytes) -> None:
        if self._folder is None:
            return
        box = self._folder / re.sub(r"[^A-Za-z0-9@._-]", "_", to)
        box.mkdir(parents=True, exist_ok=True)
        (box / f"{nth:03d}.eml").write_bytes(raw)


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _header(message: Message, name: str) -> str:
    value = message.get(name)
    return "" if value is None else str(policy.default.header_fetch_parse(name, value))


def _part(message: Message, kind: str) -> str:
    for part in message.walk():
        if part.get_content_type() == f"text/{kind}":
            payload = part.get_payload(decode=True)
            text = payload if isinstance(payload, bytes) else b""
            return text.decode(part.get_content_charset("utf-8")).replace("\r\n", "\n")
    return ""

"""How many e-mails are handed over in a second, everything asked and written down, beside a bare aiosmtplib loop?

`python bench/send.py [N]`: one mail server in a process of its own takes both. Ours renders, asks for consent, writes
three transactions a group and tells the log; the bare loop sends ready bytes over one connection.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import socket
import sys
import tempfile
import time
from pathlib import Path

import aiosmtplib

from homing.act.channels import Message, make
from homing.act.content import Writer
from homing.act.ledger import LedgerBook, Planned
from homing.act.mime import compose
from homing.act.sender import Sender
from homing.act.tracking import Tracker
from homing.core.settings import Settings
from homing.storage import definitions, schema
from homing.storage.log import SqliteLog
from homing.storage.state import State
from homing.storage.state.store import upsert

EHLO = b"250-bench\r\n250 PIPELINING\r\n"
NOW = 1_772_442_000_000_000
BODY = "".join(
    f"<mj-section><mj-column><mj-text>Hello {{{{ customer.name }}}}, part {n}</mj-text>"
    f'<mj-button href="https://shop.example/{n}">Look</mj-button></mj-column></mj-section>'
    for n in range(3)
)
CONTENT = {
    "kind": "content", "id": "hello", "name": "Hello", "subject": {"en": "Hello {{ customer.name }}"},
    "body": {"en": f"<mjml><mj-body>{BODY}</mj-body></mjml>"},
}  # fmt: skip


class Server(asyncio.Protocol):
    """The least a mail server can do: say yes to everything."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        self.out: asyncio.Transport = transport  # type: ignore[assignment]
        self.buffer, self.data = b"", False
        self.out.write(b"220 bench\r\n")

    def data_received(self, data: bytes) -> None:
        """Answer line by line, or the end of a message."""
        self.buffer += data
        while True:
            end = b"\r\n.\r\n" if self.data else b"\r\n"
            head, found, rest = self.buffer.partition(end)
            if not found:
                return
            self.buffer = rest
            if self.data:
                self.data = False
                self.out.write(b"250 taken\r\n")
            else:
                self.data = head.upper().startswith(b"DATA")
                self.out.write(b"354 go on\r\n" if self.data else EHLO if head[:4] == b"ehlo" else b"250 yes\r\n")


def serve(port: int) -> None:
    """Run the server until the process is ended."""

    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(Server, "127.0.0.1", port)
        await server.serve_forever()

    asyncio.run(run())


def bare(port: int, messages: list[Message]) -> float:
    """Seconds a bare loop takes for the same messages, composed beforehand."""
    bodies = [(m.address, compose(m, Settings().smtp.sender, NOW)) for m in messages]

    async def run() -> float:
        async with aiosmtplib.SMTP(hostname="127.0.0.1", port=port, use_tls=False, start_tls=False) as smtp:
            begun = time.perf_counter()
            for address, body in bodies:
                await smtp.sendmail("hello@homing.example", [address], body)
            return time.perf_counter() - begun

    return asyncio.run(run())


def ours(port: int, n: int, folder: Path) -> tuple[float, list[Message]]:
    """Seconds the sender takes from queued rows to logged outcomes; and what it sent."""
    settings = Settings.model_validate({"smtp": {"port": port}, "quiet_hours": None, "consent_default": "opt_out"})
    state, log = State(folder / "state.db"), SqliteLog(folder / "log", lambda: NOW)
    ledger = LedgerBook(state)
    with state.write() as conn:
        definitions.save(conn, "content", "hello", CONTENT, now_us=NOW, by="bench")
        blank = dict.fromkeys(("created_us", "first_seen_us", "last_seen_us", "orders", "changed_offset"), 0)
        blank |= {"display": "", "search": "", "stage": "aware", "revenue": 0.0, "stats": {}}
        blank |= {"merged_into": None, "last_order_us": None}
        upsert(conn, schema.customer, [
            {"customer_id": f"c{k}", "traits": {"name": [f"Customer {k}", 0, "shop"]}, **blank} for k in range(n)
        ])  # fmt: skip
        for k in range(n):
            ledger.put(Planned(f"m{k}", "wake", 1, "mail", None, f"v{k}", f"c{k}", "email", "marketing", "hello",
                               f"c{k}@shoppers.example", "", NOW))  # fmt: skip
        ledger.flush(conn)
    writer = Writer(state, settings, Tracker("http://shop.example", b"k" * 32), None)
    sender = Sender(state, log, make(settings), writer, settings)
    begun = time.perf_counter()
    while sender.step(NOW):
        pass
    took = time.perf_counter() - begun
    with state.read() as conn:
        kept = conn.execute(schema.message.select()).all()
        accepted = conn.execute(schema.send.select().where(schema.send.c.status == "accepted")).all()
    assert len(accepted) == n == log.tail()
    address = {r.send_key: r.address for r in accepted}
    sent = [Message(r.send_key, address[r.send_key], r.subject, r.text, r.html, r.headers) for r in kept]
    sender.close()
    log.close()
    state.close()
    return took, sent


def main(n: int = 3_000) -> None:
    """Run and print."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    server = multiprocessing.get_context("spawn").Process(target=serve, args=(port,), daemon=True)
    server.start()
    for _ in range(100):
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.1)
    with tempfile.TemporaryDirectory() as folder:
        took, sent = ours(port, n, Path(folder))
    alone = bare(port, sent)
    server.terminate()
    ours_s, bare_s = n / took, n / alone
    print(f"{ours_s:,.0f} e-mails/s handed over; bare aiosmtplib {bare_s:,.0f}/s; ratio {took / alone:.2f} (goal 1.5)")


if __name__ == "__main__":
    main(*(int(a) for a in sys.argv[1:2]))

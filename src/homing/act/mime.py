"""What bytes is an e-mail? Two parts, text and HTML, both base64, so that no line is too long for any server.

Written out by hand because the standard library's composer takes ten times as long; a test reads it back with it.
"""

from __future__ import annotations

from base64 import encodebytes
from email.header import Header
from email.utils import format_datetime, formataddr, parseaddr

from homing.act.channels.channel import Message
from homing.core.errors import Terminal
from homing.core.time import from_us


def compose(message: Message, sender: str, at_us: int) -> bytes:
    """The message as it goes over the wire, lines ended by CR LF.

    Args:
        message: subject, parts and extra headers.
        sender: `Name <address>`.
        at_us: the instant of its Date header.

    Returns:
        An RFC 5322 message. Its Message-ID is made of the send's key: sent twice it would be seen to be the same.

    Raises:
        Terminal: the address cannot stand in a header.
    """
    if not _fits(message.address):
        raise Terminal("an address with spaces, line ends or letters beyond ASCII, wanted name@domain")
    name, address = parseaddr(sender)
    boundary = f"=_{message.key}"
    headers = {
        "From": formataddr((name, address)),
        "To": message.address,
        "Subject": message.subject,
        "Date": format_datetime(from_us(at_us)),
        "Message-ID": f"<{message.key}@{address.rpartition('@')[2]}>",
        "MIME-Version": "1.0",
        "Content-Type": f'multipart/alternative; boundary="{boundary}"',
        **message.headers,
    }
    parts = [("plain", message.text)] + ([("html", message.html)] if message.html else [])
    out = [f"{name}: {_header(name, value)}" for name, value in headers.items()]
    for kind, body in parts:
        coded = encodebytes(body.encode()).decode().rstrip().replace("\n", "\r\n")
        out += [
            "",
            f"--{boundary}",
            f'Content-Type: text/{kind}; charset="utf-8"',
            "Content-Transfer-Encoding: base64",
            "",
            coded,
        ]
    out += [f"--{boundary}--", ""]
    return "\r\n".join(out).encode("ascii")


def _header(name: str, value: str) -> str:
    value = " ".join(value.split())
    if value.isascii() and len(value) < 900:
        return value
    return Header(value, "utf-8", header_name=name).encode(linesep="\r\n")


def _fits(address: str) -> bool:
    return address.isascii() and address.isprintable() and not set(address) & set(' <>,;"') and address.count("@") == 1

"""Hand e-mail to a mail server by SMTP, one connection for many messages.

Until the server has said 354 nothing was handed over and everything can be tried again; from then until its last word
a broken connection leaves the message unclear. A refused sender or a failed sign-in is the channel's trouble, not the
message's.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from email.utils import parseaddr
from typing import Literal

from pydantic import PrivateAttr, SecretStr

from homing.act.channels.channel import Bounced, Channel, ChannelDown, Message, Unclear, channels
from homing.act.mime import compose
from homing.core.errors import Terminal, Transient, Upstream
from homing.core.form import ask
from homing.govern import Permit

Reply = tuple[int, bytes]
_TAKEN = {250, 251}
_NOBODY = {550, 551, 553}
_ENHANCED = re.compile(rb"\b5\.(\d{1,3})\.\d{1,3}\b")
_DOT = re.compile(rb"^\.", re.MULTILINE)


@channels.register("email")
class Email(Channel, frozen=True):
    """E-mail over SMTP, with one-click unsubscribe.

    通过 SMTP 发送邮件，支持一键退订。
    """

    host: str = ask("Mail server", "邮件服务器", "127.0.0.1")
    port: int = ask("Port", "端口", 1025, ge=1, le=65535)
    user: str = ask("User; empty for none", "用户名，可留空", "")
    password: SecretStr = ask("Password", "密码", SecretStr(""))
    security: Literal["none", "starttls", "tls"] = ask("Encryption", "加密方式", "none")
    sender: str = ask("Sender: Name <address>", "发件人：名称 <地址>", "Homing <hello@homing.example>")
    timeout_s: float = ask("Seconds before giving up", "超时（秒）", 10.0, gt=0, le=120)

    _smtp: smtplib.SMTP | None = PrivateAttr(None)

    def send(self, message: Message, permit: Permit) -> str:
        """Hand the message to the server; returns its last reply."""
        permit.spend(message.address)
        body = compose(message, self.sender, permit.at_us)
        self._judge(self._envelope(message.address))
        return self._body(body)

    def close(self) -> None:
        """Say goodbye to the server."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            try:
                smtp.quit()
            except (OSError, smtplib.SMTPException):
                smtp.close()

    # -- the conversation ----------------------------------------------------------------------------------------------
    def _envelope(self, address: str) -> list[Reply]:
        """MAIL, RCPT and DATA; a connection that went stale since the last message is made anew once."""
        had_one = self._smtp is not None
        try:
            replies = _ask(self._connection(), parseaddr(self.sender)[1], address)
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            if not had_one:
                raise ChannelDown(f"the mail server went away: {type(error).__name__}") from error
            return self._envelope(address)
        if replies[0][0] == 421 and had_one:
            self._drop()
            return self._envelope(address)
        return replies

    def _judge(self, replies: list[Reply]) -> None:
        """Raise what the replies before the message mean, if it is not `go on`."""
        code, words = replies[0]
        if code != 250:
            self._drop()
            raise ChannelDown(f"the mail server answered {code} to the sender, wanted 250: {_words(words)}")
        code, words = replies[1]
        if code not in _TAKEN:
            if replies[-1][0] == 354:  # it waits for a message to nobody
                self._drop()
            raise self._no(code, words, nobody=_means_nobody(code, words))
        code, words = replies[2]
        if code != 354:
            raise self._no(code, words)

    def _body(self, body: bytes) -> str:
        smtp = self._connection()
        try:
            smtp.send(_DOT.sub(b"..", body) + b".\r\n")
            code, reply = smtp.getreply()
        except (OSError, smtplib.SMTPException) as error:
            self._drop()
            raise Unclear("the connection broke after the message had left and before the answer came") from error
        if code != 250:
            raise self._no(code, reply)
        return _words(reply)

    def _no(self, code: int, reply: bytes, *, nobody: bool = False) -> Upstream:
        """The error of a refusal; the conversation is taken back to its beginning."""
        told = f"the mail server answered {code}: {_words(reply)}"
        if code == 421:
            self._drop()
            return ChannelDown(told)
        try:
            if self._smtp is not None:
                self._smtp.rset()
        except (OSError, smtplib.SMTPException):
            self._drop()
        if nobody:
            return Bounced(told)
        return Transient(told) if 400 <= code < 500 else Terminal(told)

    def _connection(self) -> smtplib.SMTP:
        if self._smtp is None:
            self._smtp = self._connect()
        return self._smtp

    def _connect(self) -> smtplib.SMTP:
        domain = parseaddr(self.sender)[1].rpartition("@")[2] or "localhost"
        try:
            smtp: smtplib.SMTP
            if self.security == "tls":
                context = ssl.create_default_context()
                smtp = smtplib.SMTP_SSL(self.host, self.port, domain, timeout=self.timeout_s, context=context)
            else:
                smtp = smtplib.SMTP(self.host, self.port, domain, timeout=self.timeout_s)
            if self.security == "starttls":
                smtp.starttls(context=ssl.create_default_context())
            smtp.ehlo_or_helo_if_needed()
            if self.user:
                smtp.login(self.user, self.password.get_secret_value())
        except (OSError, smtplib.SMTPException) as error:
            raise ChannelDown(f"no conversation with the mail server: {type(error).__name__}") from error
        return smtp

    def _drop(self) -> None:
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            smtp.close()


def _ask(smtp: smtplib.SMTP, sender: str, address: str) -> list[Reply]:
    """The replies to MAIL, RCPT and DATA: all three in one breath where the server allows, else up to the first no."""
    commands = (f"MAIL FROM:<{sender}>", f"RCPT TO:<{address}>", "DATA")
    if smtp.has_extn("pipelining"):
        smtp.send("\r\n".join((*commands, "")))
        return [smtp.getreply() for _ in commands]
    replies: list[Reply] = []
    for command in commands:
        replies.append(smtp.docmd(command))
        if replies[-1][0] not in _TAKEN:
            break
    return replies


def _means_nobody(code: int, reply: bytes) -> bool:
    """Does this refusal of a recipient mean there is no such mailbox, and not that it is full or we are unwelcome?"""
    enhanced = _ENHANCED.search(reply)
    return enhanced.group(1) == b"1" if enhanced else code in _NOBODY


def _words(reply: bytes) -> str:
    """The server's words without addresses: errors hold no personal data."""
    return re.sub(r"\S+@\S+", "<address>", reply.decode("utf-8", "replace"))[:200]

"""What happens when a customer opens, clicks or wants to leave? Three public doors that turn it into events.

`/t/c/…` leads on to the signed address, `/t/o/….gif` is the pixel, `/u/…` is the preference page and, by POST, the
one-click unsubscribe of RFC 8058. Looking ahead (HEAD, prefetch, robots) is no click. A click counts once a link and
send; leaving counts each time, because someone may have come back in between.
"""

from __future__ import annotations

import asyncio
import re
from base64 import b64decode
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, NamedTuple
from urllib.parse import parse_qs

from sqlalchemy import Connection, bindparam, select

from homing.act import pages
from homing.act.channels import make
from homing.act.content import language_of
from homing.act.tracking import SECRET, Token, Tracker
from homing.core.errors import HomingError, Refused
from homing.core.event import Event, own_event
from homing.core.settings import Settings
from homing.govern import permit, workspace_secret
from homing.storage.log import EventLog
from homing.storage.schema import consent, customer, send
from homing.storage.state import State

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

MAX_BODY = 16 * 1024
ANY = "any"
MARKETING = "marketing"
PIXEL = b64decode("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7")
_SEND = select(send).where(send.c.send_key == bindparam("key"))
_TRAITS = select(customer.c.traits).where(customer.c.customer_id == bindparam("customer"))
_ROBOT = re.compile(
    r"bot\b|crawl|spider|slurp|preview|scanner|prefetch|facebookexternalhit|whatsapp|proofpoint|mimecast|barracuda",
    re.IGNORECASE,
)
_PLAIN_HEADERS = [
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-robots-tag", b"noindex"),
]


class Answer(NamedTuple):
    """What goes back."""

    status: int
    kind: str
    body: bytes = b""
    location: str = ""


class Whom(NamedTuple):
    """The send a token names, and whose it is."""

    row: Any
    language: str


class PublicDoors:
    """The doors of one workspace: a bare ASGI application for /t, /u and /prefs.

    Args:
        state: whose send it was, what is allowed now.
        log: takes the events.
        settings: name, language, channels.
        now_us: the clock.
    """

    def __init__(self, state: State, log: EventLog, settings: Settings, now_us: Callable[[], int]) -> None:
        self._state = state
        self._log = log
        self._settings = settings
        self._now_us = now_us
        self._tracker = Tracker(settings.base_url, workspace_secret(state, SECRET))
        self._channels = tuple(make(settings))

    async def __call__(self, scope: Scope, receive: Receive, send_: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        headers = {k.decode("latin-1").lower(): v.decode("latin-1") for k, v in scope["headers"]}
        answer = await self._answer(scope["method"], scope["path"], headers, receive)
        more = [(b"location", answer.location.encode())] if answer.location else []
        if answer.kind.startswith("text/html"):
            more.append((b"content-security-policy", pages.POLICY.encode()))
        body = b"" if scope["method"] == "HEAD" else answer.body
        told = [(b"content-type", answer.kind.encode()), (b"content-length", str(len(answer.body)).encode())]
        await send_({"type": "http.response.start", "status": answer.status, "headers": told + more + _PLAIN_HEADERS})
        await send_({"type": "http.response.body", "body": body})

    # -- which door ----------------------------------------------------------------------------------------------------
    async def _answer(self, method: str, path: str, headers: Mapping[str, str], receive: Receive) -> Answer:
        try:
            if method in {"GET", "HEAD"}:
                answer = await self._look(method, path, headers)
            else:
                answer = await self._act(method, path, headers, receive)
        except Refused:
            answer = None
        return answer or _page(404, pages.notice(_language(headers), "unknown"))

    async def _look(self, method: str, path: str, headers: Mapping[str, str]) -> Answer | None:
        real = method == "GET" and not _looks_ahead(headers)
        if path.startswith("/t/c/"):
            return await self._click(self._tracker.read("click", path[5:]), real=real)
        if path.startswith("/t/o/"):
            return await self._open(self._tracker.read("open", path[5:].removesuffix(".gif")), real=real)
        if path.startswith("/u/"):
            return await asyncio.to_thread(self._show, self._tracker.read("unsubscribe", path[3:]), path[3:])
        return None

    async def _act(self, method: str, path: str, headers: Mapping[str, str], receive: Receive) -> Answer | None:
        if method != "POST":
            return _page(405, pages.notice(_language(headers), "unknown"))
        if path.startswith("/u/"):
            return await self._leave(self._tracker.read("unsubscribe", path[3:]))
        return await self._choose(await _form(receive)) if path == "/prefs" else None

    # -- opens and clicks ----------------------------------------------------------------------------------------------
    async def _click(self, token: Token, *, real: bool) -> Answer:
        if real:
            facts = {"url": token.url, "link": token.link}
            await self._note(token, f"clicked:{token.send_key}:{token.link}", "Message Clicked", facts)
        return Answer(302, "text/plain", location=_header_safe(token.url))

    async def _open(self, token: Token, *, real: bool) -> Answer:
        if real:
            await self._note(token, f"opened:{token.send_key}", "Message Opened", {})
        return Answer(200, "image/gif", PIXEL)

    async def _note(self, token: Token, event_id: str, name: str, facts: dict[str, Any]) -> None:
        """Tell the log; the customer is led on even when it cannot be told."""
        whom = await asyncio.to_thread(self._whom, token)
        if whom is not None:
            try:
                await self._append([self._event(whom.row, event_id, name, facts)])
            except HomingError:
                return

    # -- leaving and choosing ------------------------------------------------------------------------------------------
    def _show(self, token: Token, text: str) -> Answer | None:
        now_us = self._now_us()
        with self._state.read() as conn:
            whom = self._of(conn, token)
            if whom is None:
                return None
            choices = {name: self._allows(conn, whom.row, name, now_us) for name in self._shown(conn, whom.row)}
        return _page(200, pages.preferences(self._settings.name, whom.language, text, choices))

    async def _leave(self, token: Token) -> Answer | None:
        whom = await asyncio.to_thread(self._whom, token)
        if whom is None:
            return None
        facts = {"purpose": whom.row.purpose, "channel": whom.row.channel, "by": "one_click"}
        event = self._event(whom.row, f"unsubscribed:{token.send_key}:{self._now_us()}", "Unsubscribed", facts)
        return await self._save([event], whom.language, "gone")

    async def _choose(self, form: Mapping[str, str]) -> Answer | None:
        token = self._tracker.read("unsubscribe", form.get("token", ""))
        whom, shown = await asyncio.to_thread(self._whom_and_shown, token)
        if whom is None:
            return None
        stamp = f"{token.send_key}:{self._now_us()}"
        if form.get("all"):
            facts = {"purpose": ANY, "channel": ANY, "by": "preference_page"}
            return await self._save(
                [self._event(whom.row, f"unsubscribed:{stamp}", "Unsubscribed", facts)], whom.language, "gone"
            )
        events = []
        for name in shown:
            status = "granted" if f"channel.{name}" in form else "withdrawn"
            facts = {"purpose": MARKETING, "channel": name, "status": status, "by": "preference_page"}
            events.append(self._event(whom.row, f"consent:{stamp}:{name}", "Consent Updated", facts))
        return await self._save(events, whom.language, "saved")

    async def _save(self, events: list[Event], language: str, said: str) -> Answer:
        try:
            await self._append(events)
        except HomingError:
            return _page(503, pages.notice(language, "busy"))
        return _page(200, pages.notice(language, said))

    # -- reading and writing -------------------------------------------------------------------------------------------
    async def _append(self, events: list[Event]) -> None:
        await asyncio.wrap_future(self._log.append_async(events, dedupe="ever"))

    def _whom(self, token: Token) -> Whom | None:
        with self._state.read() as conn:
            return self._of(conn, token)

    def _whom_and_shown(self, token: Token) -> tuple[Whom | None, tuple[str, ...]]:
        with self._state.read() as conn:
            whom = self._of(conn, token)
            return whom, self._shown(conn, whom.row) if whom else ()

    def _of(self, conn: Connection, token: Token) -> Whom | None:
        row = conn.execute(_SEND, {"key": token.send_key}).one_or_none()
        if row is None:
            return None
        traits = conn.execute(_TRAITS, {"customer": row.customer_id}).scalar() or {}
        plain = {name: found[0] for name, found in traits.items() if name == "language"}
        return Whom(row, language_of(plain, self._settings.language))

    def _shown(self, conn: Connection, row: Any) -> tuple[str, ...]:
        """The channels that are set up, and those the customer spoke about."""
        spoken = select(consent.c.channel).where(consent.c.customer_id == row.customer_id, consent.c.channel != ANY)
        return tuple(dict.fromkeys((*self._channels, row.channel, *sorted(set(conn.execute(spoken).scalars())))))

    def _allows(self, conn: Connection, row: Any, channel: str, now_us: int) -> bool:
        try:
            permit(conn, row.customer_id, channel, MARKETING, "a@b.example", now_us, self._settings.consent_default)
        except Refused:
            return False
        return True

    def _event(self, row: Any, event_id: str, name: str, facts: dict[str, Any]) -> Event:
        told = {
            "send_key": row.send_key,
            "channel": row.channel,
            "journey": row.journey_id,
            "node": row.node,
            "campaign": row.campaign_id,
        }
        known = {k: v for k, v in (told | facts).items() if v is not None}
        return own_event(event_id, name, row.customer_id, self._now_us(), known)


def _looks_ahead(headers: Mapping[str, str]) -> bool:
    hints = " ".join(headers.get(name, "") for name in ("purpose", "sec-purpose", "x-purpose", "x-moz"))
    return "prefetch" in hints or "preview" in hints or bool(_ROBOT.search(headers.get("user-agent", "")))


def _language(headers: Mapping[str, str]) -> str:
    return "zh" if headers.get("accept-language", "").lower().startswith("zh") else "en"


def _page(status: int, page: str) -> Answer:
    return Answer(status, "text/html; charset=utf-8", page.encode())


def _header_safe(url: str) -> str:
    """The address with everything a header cannot hold written in percent."""
    return "".join(c if " " < c < "\x7f" else "".join(f"%{b:02X}" for b in c.encode()) for c in url)


async def _form(receive: Receive) -> dict[str, str]:
    body = b""
    while True:
        part = await receive()
        body += part.get("body", b"")
        if len(body) > MAX_BODY or part["type"] == "http.disconnect":
            raise Refused(f"a form over {MAX_BODY} bytes or cut off, wanted a whole one")
        if not part.get("more_body"):
            break
    return {name: values[-1] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}

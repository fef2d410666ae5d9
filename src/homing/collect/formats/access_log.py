"""What did a web server's log see? One `page` event a request: the path, where it came from, and with what.

The address is cut to its network before anything is kept, and of a query string only what a campaign put there, for
the rest may name a person. Robots are marked, are nobody and have no visit. What a page
is made of (images, styles, scripts) is left out.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, ClassVar, Literal
from urllib.parse import parse_qsl, urlsplit

from pydantic import field_validator

from homing.collect.connectors.connector import Row
from homing.collect.formats.agents import Agent, agent_of
from homing.collect.formats.format import About, LineFormat, LineReader, Memory, Unreadable, formats
from homing.collect.formats.log_patterns import COMBINED, COMMON, Parts, compiled, parts_of_json, unescaped
from homing.collect.formats.visits import Visits, truncated
from homing.collect.met import TIME, unlike
from homing.core.errors import InvalidInput
from homing.core.form import ask
from homing.core.time import SECOND, parse_iso, to_us, zone_of

NOBODY = "anonymous"  # satisfies the wire, is never an identifier: a robot is no customer
MAX_TEXT = 2_000  # characters kept of a path, a referrer, an agent
CAMPAIGN = {"utm_source": "source", "utm_medium": "medium", "utm_campaign": "name", "utm_term": "term",
            "utm_content": "content"}  # fmt: skip
ASSETS = re.compile(
    r"\.(?:css|js|mjs|map|png|jpe?g|gif|svg|ico|webp|avif|bmp|woff2?|ttf|otf|eot|mp4|webm|mp3|ogg|wasm)$",
    re.IGNORECASE,
)
_REQUEST = re.compile(r"^([A-Z][A-Z_-]{1,19}) (\S.*?)(?: HTTP/\d(?:\.\d)?)?$")
_CLF_TIME = re.compile(r"^\[?(\d{1,2}/[A-Za-z]{3}/\d{4}):(\d\d):(\d\d):(\d\d)(?:\.\d+)? ([+-]\d{4})\]?$")
_EPOCH = re.compile(r"^\d{9,10}(?:\.\d+)?$")
_ADDRESS = re.compile(r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}|[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7})(?![\w:])")
_MILLIS = re.compile(r"^\d{13}$")


@formats.register("access_log")
class AccessLog(LineFormat, frozen=True):
    """The access log of nginx or Apache: combined, common, JSON, or a pattern of your own.

    nginx 或 Apache 的访问日志：combined、common、JSON，或自定义格式。
    """

    title: ClassVar[tuple[str, str]] = ("Web server access log", "Web 服务器访问日志")

    pattern: str = ask(
        "How its lines are written: auto, combined, common, json, or the server's own LogFormat / log_format",
        "每行的格式：auto、combined、common、json，或服务器自己的 LogFormat / log_format", "auto", max_length=1_000,
    )  # fmt: skip
    assets: bool = ask("Keep images, styles and scripts too", "也保留图片、样式与脚本请求", default=False)
    address: Literal["truncated", "none", "whole"] = ask(
        "What to keep of an address: its network, nothing, or all of it", "保留多少 IP 地址：网段、不保留、完整保留",
        "truncated",
    )  # fmt: skip
    forwarded: bool = ask(
        "The visitor's address is the first of X-Forwarded-For", "访客地址取 X-Forwarded-For 的第一个", default=False
    )
    whole_query: bool = ask(
        "Keep whole query strings, not only the campaign's part", "保留完整查询串，而不只是活动参数", default=False
    )
    users: bool = ask("A signed-in user of the log is the customer's id", "日志中的登录用户名即客户编号", default=False)
    zone: str = ask(
        "Zone of times without one (IANA); the workspace's when empty", "无时区时间的时区；空为工作区时区", ""
    )

    @field_validator("pattern")
    @classmethod
    def _compiles(cls, text: str) -> str:
        if text not in {"auto", "json"}:
            try:
                compiled(text)
            except InvalidInput as error:
                raise ValueError(str(error)) from error
        return text

    @field_validator("zone")
    @classmethod
    def _is_zone(cls, name: str) -> str:
        if name:
            zone_of(name)
        return name

    def onward(self, memory: Memory) -> Memory:
        """Visits go on in the next file; its lines are counted anew."""
        return {name: memory[name] for name in ("visits", "newest") if name in memory}

    def reader(self, about: About, memory: Memory | None = None) -> LineReader:
        """A reader at the beginning, or behind the lines that left `memory`."""
        return _Reader(self, about, memory)


class _Reader(LineReader):
    def __init__(self, settings: AccessLog, about: About, memory: Memory | None) -> None:
        self._settings = settings
        self._zone = settings.zone or about.zone
        self._visits = Visits(about.secret, about.source, memory)
        pattern = settings.pattern
        texts = {"auto": (COMBINED, COMMON), "json": ()}.get(pattern, (pattern,))
        self._regexes = [compiled(text) for text in texts]
        self._json = pattern in {"auto", "json"}

    def shown(self, line: str) -> str:
        """The line without anybody's whole address."""
        return line if self._settings.address == "whole" else _ADDRESS.sub(_network, line)

    def memory(self) -> Memory:
        """The visits that are open and the lines of the last minute."""
        return self._visits.memory()

    def take(self, line: str) -> Row | None:
        """The page event of a line; None for what a page is made of."""
        parts = self._parts(line)
        at_us = instant_of(parts.get("time") or "", self._zone)
        method, uri = _target(parts)
        status = _number(parts.get("status"), "status")
        path, _, query = uri.partition("?")
        if not self._settings.assets and ASSETS.search(path):
            return None
        return self._row(line, parts, (at_us, method, path, query, status))

    def _parts(self, line: str) -> Parts:
        if self._json and line.startswith("{"):
            parts = parts_of_json(line)
            if parts is None:
                raise Unreadable("bad_json", "the line begins as JSON and is none")
            return parts
        for regex in self._regexes:
            found = regex.match(line)
            if found:
                return {k: "" if v is None or v == "-" else unescaped(v) for k, v in found.groupdict().items()}
        raise Unreadable("broken_line", "the line is not of the pattern of the log")

    def _row(self, line: str, parts: Parts, request: tuple[int, str, str, str, int | None]) -> Row:
        at_us, method, path, query, status = request
        s = self._settings
        address = parts.get("address", "")
        if s.forwarded and parts.get("forwarded"):
            address = parts["forwarded"].partition(",")[0].strip()
        agent_text = parts.get("agent", "")[:MAX_TEXT]
        agent = agent_of(agent_text) if "agent" in parts else Agent(bot=False)
        visitor = self._visits.visitor(truncated(address) or address, agent_text)
        campaign, kept = _query(query, whole=s.whole_query)
        host, referrer = parts.get("host", ""), _referrer(parts.get("referrer", ""), whole=s.whole_query)
        properties = _said(
            path=path[:MAX_TEXT], search=kept, referrer=referrer, method=method, status=status,
            bytes=_number(parts.get("bytes"), "bytes"), browser=agent.browser, system=agent.system,
        )  # fmt: skip
        page = _said(path=path[:MAX_TEXT], search=kept, referrer=referrer, url=_url(host, path, kept))
        context: dict[str, Any] = _said(
            page=page, userAgent=agent_text, campaign=campaign, ip=self._kept(address),
            device=_said(type=agent.device),
        )  # fmt: skip
        if agent.bot:
            properties["bot"] = True
            visitor = NOBODY
        else:
            context["session_id"] = self._visits.visit(visitor, at_us)
        row: Row = {
            "type": "page", "time": iso_us(at_us), "anonymous_id": visitor,
            "message_id": self._visits.line_id(line, at_us // SECOND), "properties": properties, "context": context,
        }  # fmt: skip
        if s.users and parts.get("user"):
            row["customer_id"] = parts["user"][:200]
        return row

    def _kept(self, address: str) -> str:
        if self._settings.address == "none":
            return ""
        return truncated(address) if self._settings.address == "truncated" else address[:MAX_TEXT]


def _cut(text: str) -> str:
    """What is told of a line holds no address whole, wherever the pattern put it."""
    return _ADDRESS.sub(_network, text)


def _network(found: re.Match[str]) -> str:
    return truncated(found[0]) or found[0]


def instant_of(text: str, zone: str) -> int:
    """Microseconds of a time as servers write it: common log format, ISO 8601, seconds or milliseconds since 1970.

    Raises:
        Unreadable: it is none of these, or lies before 1970.
    """
    try:
        at = _instant(text, zone)
    except (InvalidInput, ValueError, OverflowError):
        raise Unreadable("bad_time", unlike("time", _cut(text), f"a time of a log, such as {TIME}")) from None
    if at < 0:
        raise Unreadable("bad_time", unlike("time", _cut(text), "a time after 1969"))
    return at


def _instant(text: str, zone: str) -> int:
    clf = _CLF_TIME.match(text)
    if clf:
        hours, minutes, seconds = int(clf[2]), int(clf[3]), int(clf[4])
        if hours > 23 or minutes > 59 or seconds > 60:
            raise ValueError("no time of day")
        return _midnight(clf[1], clf[5]) + (hours * 3600 + minutes * 60 + seconds) * SECOND
    if _EPOCH.match(text):
        whole, _, rest = text.partition(".")
        return int(whole) * SECOND + int((rest + "000000")[:6])
    if _MILLIS.match(text):
        return int(text) * 1000
    return parse_iso(text, zone=zone)


@lru_cache(maxsize=4_096)
def _midnight(day: str, offset: str) -> int:
    return to_us(datetime.strptime(f"{day} {offset}", "%d/%b/%Y %z"))


def iso_us(at_us: int) -> str:
    """Microseconds as ISO 8601 in UTC."""
    return _second(at_us // SECOND) + (f".{at_us % SECOND:06d}Z" if at_us % SECOND else "Z")


@lru_cache(maxsize=4_096)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _target(parts: Parts) -> tuple[str, str]:
    """Method and address asked for; a request that is no HTTP is a broken line."""
    if "request" in parts:
        found = _REQUEST.match(parts["request"])
        if not found:
            raise Unreadable("broken_request", "the request is not one of HTTP")
        return found[1], _without_host(found[2])
    uri = parts.get("uri") or parts.get("path", "")
    if not uri:
        raise Unreadable("broken_request", "the line names no path")
    if parts.get("query") and "?" not in uri:
        uri = f"{uri}?{parts['query'].lstrip('?')}"
    return parts.get("method", ""), _without_host(uri)


def _without_host(uri: str) -> str:
    if uri.startswith(("http://", "https://")):
        rest = uri.split("//", 1)[1]
        return "/" + rest.partition("/")[2]
    return uri


def _query(query: str, *, whole: bool) -> tuple[dict[str, str], str]:
    """What a query says of a campaign, and the part of it that is kept."""
    if not query:
        return {}, ""
    try:
        pairs = parse_qsl(query[:MAX_TEXT], max_num_fields=200)
    except ValueError:
        pairs = []
    campaign = {CAMPAIGN[name]: value for name, value in pairs if name in CAMPAIGN and value}
    kept = query if whole else "&".join(p for p in query.split("&") if p.partition("=")[0] in CAMPAIGN)
    return campaign, f"?{kept[:MAX_TEXT]}" if kept else ""


def _referrer(text: str, *, whole: bool) -> str:
    if text in {"", "-"}:
        return ""
    return text[:MAX_TEXT] if whole else re.split(r"[?#]", text, maxsplit=1)[0][:MAX_TEXT]


def _url(host: str, path: str, search: str) -> str:
    if not host:
        return ""
    try:
        plain = urlsplit(f"//{host}").netloc
    except ValueError:
        return ""
    return f"https://{plain}{path}{search}"[:MAX_TEXT]


def _number(text: str | None, name: str) -> int | None:
    if text in (None, "", "-"):
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise Unreadable("bad_number", unlike(name, _cut(text), "a whole number"))
    return int(text)


def _said(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value or value == 0}

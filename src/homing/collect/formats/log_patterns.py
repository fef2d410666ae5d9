r"""Which part of a log line is what? Apache's and nginx's own patterns, and any that is written in their language.

A pattern becomes one regular expression in which every part is bounded by the character behind it, so that reading a
line takes time in proportion to its length, whatever the line says.

Source: Apache's mod_log_config, "Custom Log Formats"; nginx's ngx_http_log_module, "log_format".
"""

from __future__ import annotations

import re
from functools import lru_cache

import msgspec

from homing.core.errors import InvalidInput

Parts = dict[str, str]

COMBINED = '%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"'
COMMON = '%h %l %u %t "%r" %>s %b'
PATTERNS = {"combined": COMBINED, "common": COMMON}

_NGINX = {
    "remote_addr": "address", "http_x_real_ip": "address", "http_x_forwarded_for": "forwarded", "remote_user": "user",
    "time_local": "time", "time_iso8601": "time", "msec": "time", "request": "request", "request_method": "method",
    "request_uri": "uri", "uri": "path", "document_uri": "path", "args": "query", "query_string": "query",
    "status": "status", "body_bytes_sent": "bytes", "bytes_sent": "bytes", "http_referer": "referrer",
    "http_user_agent": "agent", "host": "host", "http_host": "host", "server_name": "host",
    "request_time": "seconds",
}  # fmt: skip
_APACHE = {
    "h": "address", "a": "address", "u": "user", "t": "time", "r": "request", "s": "status", "b": "bytes",
    "B": "bytes", "O": "bytes", "m": "method", "U": "path", "q": "query", "v": "host", "V": "host", "T": "seconds",
}  # fmt: skip
_APACHE_NAMED = {
    "referer": "referrer", "user-agent": "agent", "x-forwarded-for": "forwarded", "host": "host",
}  # fmt: skip
_JSON = {
    "address": ("remote_addr", "remote_ip", "client_ip", "clientip", "remoteip", "ip", "remotehost", "remote_host"),
    "forwarded": ("http_x_forwarded_for", "x_forwarded_for", "xff", "forwarded_for"),
    "user": ("remote_user", "user", "auth"),
    "time": ("time_iso8601", "time_local", "@timestamp", "timestamp", "time", "ts", "msec", "date"),
    "request": ("request", "request_line"),
    "method": ("request_method", "method", "verb"),
    "uri": ("request_uri", "uri", "url"),
    "path": ("path", "document_uri", "uri_path"),
    "query": ("args", "query_string", "query"),
    "status": ("status", "response", "status_code", "code"),
    "bytes": ("body_bytes_sent", "bytes_sent", "bytes", "size"),
    "referrer": ("http_referer", "referer", "referrer", "http_referrer"),
    "agent": ("http_user_agent", "user_agent", "useragent", "agent"),
    "host": ("host", "http_host", "server_name", "vhost"),
    "seconds": ("request_time", "duration"),
}
_MORE = r'(?: (?:"(?P<forwarded>[^"\\]*)")?.*)?'  # nginx's own sample ends in X-Forwarded-For
_TOKEN = re.compile(r"\$\{?(?P<nginx>[a-z0-9_]+)\}?|%(?:[<>!0-9,]*)(?:\{(?P<name>[^}]*)\})?(?P<apache>\^?[a-zA-Z]+?)")
_DIGITS = {"status": r"(?:\d+|-)", "bytes": r"(?:\d+|-)"}
_ESCAPE = re.compile(r'\\(?:x([0-9A-Fa-f]{2})|(["\\/])|([tnr]))')
_CONTROL = {"t": "\t", "n": "\n", "r": "\r"}


@lru_cache(maxsize=64)
def compiled(pattern: str) -> re.Pattern[str]:
    """The pattern as a regular expression with one group a part.

    Args:
        pattern: `combined`, `common`, or a LogFormat of Apache or log_format of nginx.

    Raises:
        InvalidInput: no time, nothing that says what was asked for, or two parts with nothing between them.
    """
    text = PATTERNS.get(pattern, pattern).replace('\\"', '"').strip().strip("'")
    out, seen, end = [], set(), 0
    tokens = list(_TOKEN.finditer(text))
    for n, token in enumerate(tokens):
        out.append(re.escape(text[end : token.start()]))
        end = token.end()
        last = n + 1 == len(tokens)
        behind = text[end:] if last else text[end : tokens[n + 1].start()]
        part = _part(token)
        if not behind and not last and _part(tokens[n + 1]) not in {"uri", "path", "query"}:
            raise InvalidInput(f"pattern has nothing between {token[0]} and what follows", field="pattern")
        before = text[token.start() - 1] if token.start() else ""
        body = ".*" if last and not behind and part not in _DIGITS else _body(part, before, behind, token)
        out.append(f"(?P<{part}>{body})" if part and part not in seen else f"(?:{body})")
        seen.add(part)
    out.append(re.escape(text[end:]))
    if "time" not in seen or not seen & {"request", "uri", "path"}:
        raise InvalidInput("pattern names no time or no request, wanted both, such as combined", field="pattern")
    more = _MORE if text == COMBINED else ""
    return re.compile("".join(out) + more + r"\Z", re.DOTALL)


def parts_of_json(line: str) -> Parts | None:
    """The parts of a line that is a JSON object, by the names servers usually write; None when it is none."""
    try:
        found = msgspec.json.decode(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    names = {name.lower(): value for name, value in found.items() if isinstance(value, str | int | float)}
    out: Parts = {}
    for part, known in _JSON.items():
        said = [str(names[k]) for k in known if k in names]
        if said:
            out[part] = next((v for v in said if v not in ("", "-")), "")
    return out


def unescaped(text: str) -> str:
    r"""What a server wrote as `\x22` or `\"`, as it was; text that is no UTF-8 stays escaped."""
    if "\\" not in text:
        return text
    plain = _ESCAPE.sub(_one, text)
    try:
        return plain.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text if any(0x80 <= ord(c) < 0x100 for c in plain) else plain


def _one(found: re.Match[str]) -> str:
    return chr(int(found[1], 16)) if found[1] else found[2] or _CONTROL[found[3]]


def _part(token: re.Match[str]) -> str:
    """Our name of what a token stands for; empty when we have no use for it."""
    if token["nginx"]:
        return _NGINX.get(token["nginx"], "")
    if token["name"] is not None and token["apache"] in {"i", "a", "h"}:
        return _APACHE_NAMED.get(token["name"].lower(), "address" if token["apache"] != "i" else "")
    return _APACHE.get(token["apache"], "")


def _body(part: str, before: str, behind: str, token: re.Match[str]) -> str:
    if part == "time" and token["apache"] and before != "[":
        return r"\[[^\]]*\]"  # Apache's %t brings its brackets
    if part in _DIGITS:
        return _DIGITS[part]
    if before == '"' and behind.startswith('"'):
        return r'[^"\\]*(?:\\.[^"\\]*)*'
    if not behind:
        return r"[^/?\s]*"
    return rf"[^{re.escape(behind[0])}]*"

"""How does a template become a message? Liquid fills in, MJML lays out, links are tracked, the text part is read off.

Templates come from people who may write anything: no files, no includes, and loops, output and nesting have limits.
Values are escaped, so a customer's name cannot bring markup along.
"""

from __future__ import annotations

import html
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import mrml
from liquid import BoundTemplate, DictLoader, Environment
from liquid.exceptions import LiquidError

from homing.act.tracking import Token, Tracker
from homing.core.errors import InvalidInput

_LINK = re.compile(r"""(<a\b[^>]*?\shref=")([^"]*)(")""", re.IGNORECASE)
_HIDDEN = re.compile(r"<(style|script|head|title)\b.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<([/!]?)([a-zA-Z][a-zA-Z0-9]*)([^<>]*)>")
_HREF = re.compile(r"""\shref=(?:"([^"]*)"|'([^']*)')""", re.IGNORECASE)
_BLOCKS = frozenset({"p", "div", "tr", "table", "br", "h1", "h2", "h3", "h4", "li", "ul", "ol", "hr"})
_LINES = re.compile(r"\n\s*\n\s*\n+")
GROUPED = frozenset({"tag", "lifecycle"})  # customer.tag.vip is the trait tag.vip
_NO_FONTS = mrml.RenderOptions(fonts={})  # a mail asks no third party for anything
_FORBIDDEN = ("include", "render", "extends", "block", "macro", "call")


class _Bounded(Environment):
    context_depth_limit = 20
    loop_iteration_limit = 10_000
    local_namespace_limit = 100_000
    output_stream_limit = 300_000


def _environment(*, escape: bool) -> Environment:
    env = _Bounded(loader=DictLoader({}), autoescape=escape)
    for tag in _FORBIDDEN:
        env.tags.pop(tag, None)
    return env


_HTML = _environment(escape=True)
_PLAIN = _environment(escape=False)


def subject(template: str, variables: Mapping[str, Any]) -> str:
    """The subject: one line without markup.

    Raises:
        InvalidInput: the template is wrong.
    """
    return " ".join(_fill(template, variables, escape=False).split())


def body(template: str, variables: Mapping[str, Any]) -> str:
    """The HTML of an MJML template filled in.

    Raises:
        InvalidInput: the template is wrong, as Liquid or as MJML.
    """
    filled = _fill(template, variables, escape=True)
    try:
        return str(mrml.to_html(filled, render_options=_NO_FONTS).content)
    except OSError as error:
        raise InvalidInput(f"the body is no MJML: {str(error)[:200]}", field="body") from error


def named_in(template: str) -> list[str]:
    """The variables a template asks for from outside, as paths: `customer.city`.

    Raises:
        InvalidInput: it is no template.
    """
    try:
        return sorted(set(_parsed(template, False).global_variable_paths()))
    except (LiquidError, RecursionError) as error:
        raise InvalidInput(f"the template: {str(error)[:200]}", field="body") from error


def read_of_customer(template: str) -> frozenset[str]:
    """The traits a template reads of the customer; `customer.tag.vip` is the trait `tag.vip`.

    Raises:
        InvalidInput: it is no template.
    """
    try:
        read = _parsed(template, False).analyze().globals.get("customer", ())
    except (LiquidError, RecursionError) as error:
        raise InvalidInput(f"the template: {str(error)[:200]}", field="body") from error
    found = set()
    for one in read:
        _, *path = (part for part in one.segments if isinstance(part, str))
        grouped = bool(path) and path[0] in GROUPED
        if len(path) > grouped:  # `customer.tag` alone is all tags
            found.add(".".join(path[: 1 + grouped]))
    return frozenset(found)


def track(page: str, tracker: Tracker, send_key: str) -> str:
    """The page with its links led through our door, in order, and an open pixel at its end."""
    n = 0

    def lead(found: re.Match[str]) -> str:
        nonlocal n
        url = html.unescape(found[2]).strip()
        if not url.lower().startswith(("http://", "https://")) or tracker.is_ours(url):
            return found[0]
        n += 1
        return found[1] + html.escape(tracker.url("click", Token(send_key, url, n))) + found[3]

    page = _LINK.sub(lead, page)
    pixel = tracker.url("open", Token(send_key))
    image = f'<img src="{html.escape(pixel)}" width="1" height="1" alt="" style="display:block;border:0">'
    return before_end(page, image)


def before_end(page: str, addition: str) -> str:
    """The page with something added at the end of its body."""
    head, end, tail = page.rpartition("</body>")
    return head + addition + end + tail if end else page + addition


def text_of(page: str) -> str:
    """The page as plain text, links written out behind their words; one pass over the tags."""
    href = ""

    def read(tag: re.Match[str]) -> str:
        nonlocal href
        name = tag[2].lower()
        if name == "a":
            told, href = (f" ({html.unescape(href)})" if tag[1] and href else ""), _href(tag)
            return told
        return "\n" if name in _BLOCKS else ""

    words = _TAG.sub(read, _HIDDEN.sub("", page).replace("\n", " "))
    lines = [" ".join(line.split()) for line in html.unescape(words).split("\n")]
    return _LINES.sub("\n\n", "\n".join(lines)).strip() + "\n"


def _href(tag: re.Match[str]) -> str:
    found = None if tag[1] else _HREF.search(tag[3])
    return (found[1] or found[2]) if found else ""


def _fill(template: str, variables: Mapping[str, Any], *, escape: bool) -> str:
    try:
        return str(_parsed(template, escape).render(**variables))
    except (LiquidError, RecursionError) as error:
        raise InvalidInput(f"the template: {str(error)[:200]}", field="body" if escape else "subject") from error


@lru_cache(maxsize=256)
def _parsed(template: str, escape: bool) -> BoundTemplate:
    return (_HTML if escape else _PLAIN).from_string(template)

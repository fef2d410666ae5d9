"""What exactly does this customer receive? A content, filled with what is known of her, in her language.

Rendering the same send again gives the same coupon and the same links; products and traits are those of the moment of
sending. A content without a way to leave gets one: no marketing goes out without it.
"""

from __future__ import annotations

import hashlib
import html
from base64 import b32encode
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Connection, select

from homing.act import render
from homing.act.channels import Message
from homing.act.definitions.check import Fault
from homing.act.definitions.content import Content, Coupon
from homing.act.gate import SERVICE
from homing.act.tracking import Token, Tracker
from homing.act.words import both
from homing.core.chinese import in_chinese
from homing.core.errors import InvalidInput
from homing.core.settings import Settings
from homing.core.time import DAY, from_us, zone_of
from homing.profile.traits import in_force
from homing.profile.traits.program import build
from homing.profile.traits.read import memories_of
from homing.profile.traits.read import read as read_traits
from homing.storage import definitions
from homing.storage.schema import customer
from homing.storage.state import State

SAMPLE_KEY = "m_preview"
_LEAVE = {"en": "Unsubscribe or choose what you receive", "zh": "退订或选择接收内容"}


class Recommends(Protocol):
    """Who picks products: `decide.recommend.Recommender`."""

    def recommend(self, customer_ids: Sequence[str], n: int, as_of_us: int) -> dict[str, list[dict[str, Any]]]:
        """Products for each customer, best first."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A message to be written."""

    send_key: str
    customer_id: str
    content_id: str
    address: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Unwritten:
    """Why a message could not be written; a stable code."""

    reason: str


class Writer:
    """Writes messages.

    Args:
        state: where contents and customers are.
        settings: language, name and the address of our doors.
        tracker: signs links.
        recommender: picks products; without one the block is empty.
    """

    def __init__(self, state: State, settings: Settings, tracker: Tracker, recommender: Recommends | None) -> None:
        self._state = state
        self._settings = settings
        self._tracker = tracker
        self._recommender = recommender

    def write(self, wanted: Sequence[Wanted], now_us: int) -> dict[str, Message | Unwritten]:
        """The messages of a group, by send key; where one cannot be written, why."""
        with self._state.read() as conn:
            contents = _contents(conn, {w.content_id for w in wanted})
            people = self._people(conn, contents.values(), {w.customer_id for w in wanted}, now_us)
        products = self._products(wanted, contents, now_us)
        out: dict[str, Message | Unwritten] = {}
        for w in wanted:
            content = contents.get(w.content_id)
            if content is None:
                out[w.send_key] = Unwritten("no_content")
                continue
            traits = people.get(w.customer_id, {})
            try:
                out[w.send_key] = self._message(w, content, traits, products.get(w.customer_id, []), now_us)
            except InvalidInput:
                out[w.send_key] = Unwritten("render_failed")
        return out

    def preview(self, content: Content, customer_id: str, now_us: int) -> Message:
        """What a customer would receive now; its links lead straight to where they point.

        Raises:
            InvalidInput: the templates are wrong.
        """
        with self._state.read() as conn:
            traits = self._people(conn, [content], {customer_id}, now_us).get(customer_id, {})
        wanted = Wanted(SAMPLE_KEY, customer_id, content.id, str(traits.get("email") or ""), "marketing")
        products = self._products([wanted], {content.id: content}, now_us).get(customer_id, [])
        return self._message(wanted, content, traits, products, now_us, tracked=False)

    # -- inside --------------------------------------------------------------------------------------------------------
    def _people(
        self, conn: Connection, contents: Iterable[Content], ids: set[str], now_us: int
    ) -> dict[str, dict[str, Any]]:
        """What is known of these customers; defined traits are computed where a content reads one."""
        people = _people(conn, ids)
        read = {name for content in contents for name in traits_in(content)}
        live = in_force(conn) if read else []
        if any(trait.id in read for trait, _ in live):
            program = build(live, zone_of(self._settings.zone))
            for customer_id in people:
                for one in read_traits(program, memories_of(conn, customer_id), now_us):
                    if one.trait.id in read:
                        people[customer_id][one.trait.id] = one.value
        return people

    def _message(
        self,
        wanted: Wanted,
        content: Content,
        traits: Mapping[str, Any],
        products: Sequence[Mapping[str, Any]],
        now_us: int,
        *,
        tracked: bool = True,
    ) -> Message:
        language = language_of(traits, self._settings.language)
        leave = self._tracker.url("unsubscribe", Token(wanted.send_key))
        variables = {
            "customer": {
                **traits,
                **_marks(traits),
                "id": wanted.customer_id,
                "name": traits.get("name") or traits.get("first_name"),
            },
            "recommendations": list(products[: _count(content)]),
            "coupon": _coupon(content.coupon, wanted.send_key, now_us),
            "unsubscribe_url": leave,
            "preferences_url": leave,
            "workspace": {"name": self._settings.name, "currency": self._settings.currency},
        }
        page = render.body(content.body.in_language(language), variables)
        marketing = wanted.purpose != SERVICE
        if marketing and html.escape(leave) not in page and leave not in page:
            page = render.before_end(page, _footer(leave, language))
        if tracked:
            page = render.track(page, self._tracker, wanted.send_key)
        headers = {"List-Unsubscribe": f"<{leave}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
        return Message(
            key=wanted.send_key,
            address=wanted.address,
            subject=render.subject(content.subject.in_language(language), variables),
            text=render.text_of(page),
            html=page,
            headers=headers if marketing else {},
        )

    def _products(
        self, wanted: Sequence[Wanted], contents: Mapping[str, Content], now_us: int
    ) -> dict[str, list[dict[str, Any]]]:
        asking = {w.customer_id: _count(contents[w.content_id]) for w in wanted if w.content_id in contents}
        asking = {customer_id: n for customer_id, n in asking.items() if n}
        if self._recommender is None or not asking:
            return {}
        return self._recommender.recommend(sorted(asking), max(asking.values()), now_us)


def coupon_code(coupon: Coupon, send_key: str) -> str:
    """The code of one message: always the same, not to be guessed from another's.

    Example:
        >>> coupon_code(Coupon(prefix="BACK-"), "m_x") == coupon_code(Coupon(prefix="BACK-"), "m_x")
        True
    """
    digest = hashlib.blake2b(f"coupon\x1f{send_key}".encode(), digest_size=5).digest()
    return coupon.prefix + b32encode(digest).decode()


def _marks(traits: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Tags and stages by their ids, so that a template writes `customer.tag.vip`, not `customer["tag.vip"]`."""
    return {
        kind: {name.removeprefix(f"{kind}."): value for name, value in traits.items() if name.startswith(f"{kind}.")}
        for kind in ("tag", "lifecycle")
    }


def language_of(traits: Mapping[str, Any], default: str) -> str:
    """The language a customer is written to in: zh or en."""
    named = str(traits.get("language") or "").lower()
    return default if not named else "zh" if named.startswith("zh") else "en"


def traits_in(content: Content) -> frozenset[str]:
    """The traits a content reads; of a template that is none, nothing."""
    found: set[str] = set()
    for text in (content.subject, content.body):
        for template in (text.en, text.zh):
            with suppress(InvalidInput):
                found |= render.read_of_customer(template or "")
    return frozenset(found)


def check_content(content: Content) -> list[Fault]:
    """The faults of a content: each language's subject and body are rendered with a customer nobody knows."""
    faults = []
    nobody: dict[str, Any] = {"customer": {}, "recommendations": [], "coupon": {}, "workspace": {}}
    for language in ("en", "zh"):
        for part, text in (("subject", content.subject), ("body", content.body)):
            template = getattr(text, language)
            if not template:
                continue
            try:
                (render.body if part == "body" else render.subject)(template, nobody)
            except InvalidInput as error:
                faults.append(Fault(f"{part}.{language}", both(error.message, in_chinese(error.message))))
    if not content.body.in_language("en"):
        faults.append(Fault("body", both("the body is empty in both languages", "两种语言的正文均为空")))
    return faults


def _count(content: Content) -> int:
    block = content.blocks.recommendations
    return block.count if block else 0


def _coupon(coupon: Coupon | None, send_key: str, now_us: int) -> dict[str, Any] | None:
    if coupon is None:
        return None
    until = from_us(now_us + coupon.valid_days * DAY)
    return {
        "code": coupon_code(coupon, send_key),
        "percent_off": coupon.percent_off,
        "valid_until": until.strftime("%Y-%m-%d"),
    }


def _footer(url: str, language: str) -> str:
    words = _LEAVE.get(language, _LEAVE["en"])
    return f'<p style="text-align:center;font:12px sans-serif"><a href="{html.escape(url)}">{words}</a></p>'


def _contents(conn: Connection, ids: set[str]) -> dict[str, Content]:
    """The contents as published last; one never published stands in as it was saved."""
    found = {d.id: d for d in definitions.published(conn, "content") if d.id in ids}
    for content_id in ids - found.keys():
        saved = definitions.find(conn, "content", content_id)
        if saved is not None:
            found[content_id] = saved
    return {content_id: Content.model_validate(d.document) for content_id, d in found.items()}


def _people(conn: Connection, ids: set[str]) -> dict[str, dict[str, Any]]:
    rows = conn.execute(select(customer.c.customer_id, customer.c.traits).where(customer.c.customer_id.in_(ids)))
    return {r.customer_id: {name: found[0] for name, found in (r.traits or {}).items()} for r in rows}

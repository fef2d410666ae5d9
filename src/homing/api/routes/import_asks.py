"""How does a request say how a file is meant? In fields of a form; a saved mapping says what they leave open."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import msgspec
from fastapi import Depends, Form

from homing.api.context import Context
from homing.collect.definitions import Mapping
from homing.collect.files import ImportRequest
from homing.collect.formats import formats
from homing.collect.formats.lay import is_format
from homing.core.errors import InvalidInput
from homing.core.time import zone_of
from homing.storage import definitions

_Name = Annotated[str, Form(max_length=100)]


@dataclass(frozen=True, slots=True)
class Meant:
    """How a file is meant, as the request says it."""

    kind: str
    map: str
    mapping: str
    source: str
    upload: str
    path: str
    file_name: str
    zone: str
    region: str
    currency: str
    encoding: str
    sheet: str
    empty: str
    dataset: str
    settings: str


def _form(
    *, kind: Annotated[str, Form(max_length=40)] = "", map: Annotated[str, Form(max_length=20_000)] = "{}",
    mapping: Annotated[str, Form(max_length=64, description="the id of a saved mapping")] = "",
    source: Annotated[str, Form(pattern=r"^[\w.-]{1,64}$")] = "file",
    upload: Annotated[str, Form(pattern=r"^([0-9a-f]{16})?$", description="what `look` answered")] = "",
    path: Annotated[str, Form(max_length=4_096, description="on this machine, for its owner's command line")] = "",
    file_name: _Name = "", zone: _Name = "", region: Annotated[str, Form(pattern=r"^([A-Z]{2})?$")] = "",
    currency: Annotated[str, Form(pattern=r"^([A-Z]{3})?$")] = "", encoding: _Name = "", sheet: _Name = "",
    empty: Annotated[str, Form(max_length=2_000, description="more words for nothing, between commas")] = "",
    dataset: _Name = "",
    settings: Annotated[str, Form(max_length=20_000, description="of the format that `kind` names, as JSON")] = "{}",
) -> Meant:  # fmt: skip
    return Meant(kind, map, mapping, source, upload, path, file_name, zone, region, currency, encoding, sheet, empty,
                 dataset, settings)  # fmt: skip


Ask = Annotated[Meant, Depends(_form)]


def asked(ctx: Context, ask: Meant, path: Path, name: str) -> ImportRequest:
    """The request, with what a saved mapping and the settings say where it says nothing.

    Raises:
        NotFound: there is no such mapping.
        InvalidInput: `map` or the zone cannot be read, or nobody says what the rows are.
    """
    s, saved = ctx.settings, _saved(ctx, ask.mapping)
    kind = ask.kind or (saved.rows if saved else "")
    if not kind:
        raise InvalidInput("nothing says what the rows are, wanted a kind or a saved mapping", field="kind")
    zone = ask.zone or (saved.zone if saved else None) or s.zone
    zone_of(zone)
    words = {w.strip().lower() for w in ask.empty.split(",") if w.strip()} | {
        w.strip().lower() for w in (saved.empty if saved else ())
    }
    file_format, kind = (kind, formats.get(kind).gives) if is_format(kind) else ("", kind)
    return ImportRequest(
        path, kind, dict(saved.map if saved else {}) | _map(ask.map), ask.source, zone,
        ask.region or (saved.region if saved else None) or s.region,
        ask.currency or (saved.currency if saved else None) or s.currency,
        ask.encoding or (saved.encoding if saved else None), name,
        ask.sheet or (saved.sheet if saved else None) or "", frozenset(words),
        ask.dataset or (saved.dataset if saved else None) or "", file_format, settings_of(ask),
    )  # fmt: skip


def settings_of(ask: Meant) -> dict[str, Any]:
    """The settings of a format.

    Raises:
        InvalidInput: they cannot be read.
    """
    try:
        return msgspec.json.decode(ask.settings or "{}", type=dict[str, Any])
    except msgspec.MsgspecError as error:
        raise InvalidInput(f"settings cannot be read: {error}; wanted a JSON object", field="settings") from error


def saved_mappings(ctx: Context) -> list[Mapping]:
    """The mappings in force."""
    with ctx.state.read() as conn:
        return [Mapping.model_validate(d.document) for d in definitions.published(conn, "mapping")]


def _saved(ctx: Context, name: str) -> Mapping | None:
    if not name:
        return None
    with ctx.state.read() as conn:
        return Mapping.model_validate(definitions.get(conn, "mapping", name).document)


def _map(text: str) -> dict[str, str]:
    try:
        return msgspec.json.decode(text or "{}", type=dict[str, str])
    except msgspec.MsgspecError as error:
        raise InvalidInput(f"map cannot be read: {error}; wanted JSON, field to column", field="map") from error

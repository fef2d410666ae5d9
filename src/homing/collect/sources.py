"""Which sources are in force, and what does one of them need to run? Its document, its connector, its secrets.

Secrets are read when a connector is made and written by a door; they stand in the state's file, which only the
workspace's owner can read, and never in a document, a log or an error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from pydantic import SecretStr, ValidationError
from sqlalchemy import Connection, delete, select

from homing.collect.connectors import Connector, Home, Row, connectors
from homing.collect.connectors.secrets import make, secret_fields, secret_name
from homing.collect.definitions.source import Source
from homing.collect.formats.visits import VISITORS
from homing.collect.intake import RowsRequest, lay_out
from homing.core.errors import InvalidInput, NotFound
from homing.core.settings import Settings
from homing.govern.secrets import stored
from homing.storage import definitions
from homing.storage.schema import secret
from homing.storage.state.store import upsert

KIND = "source"
LOOK = 50  # rows that are looked at before a run
_FOR = ":for"  # after a secret's name: whom it was given for
_LINE = {"product_id", "product_name"}


@dataclass(frozen=True, slots=True)
class Ready:
    """A source that can run."""

    source: Source
    connector: Connector
    request: RowsRequest
    paused: bool
    updated_us: int

    @property
    def name(self) -> str:
        """What a list shows."""
        return self.source.name.en or self.source.name.zh


def ready(conn: Connection, source_id: str, settings: Settings, folder: Path) -> Ready:
    """The source of this id as it was published last, made ready.

    Args:
        conn: reads definitions and secrets.
        source_id: its id.
        settings: of the workspace: zone, region and currency where the source says none.
        folder: of the workspace, which no source may read.

    Raises:
        NotFound: no source of this id is in force.
        InvalidInput: its settings, secrets or mapping will not do.
    """
    for found in definitions.published(conn, KIND):
        if found.id == source_id:
            source = read_source(found.document)
            known = read_secrets(conn, source_id, source.connector, source.settings)
            made = connector_of(source, known, folder)
            paused = source.paused or found.status == "paused"
            request = request_of(conn, source, made, settings)
            own = bytes.fromhex(stored(conn, VISITORS) or "")
            home = Home(source_id, request.zone, request.region, request.currency, own, folder.resolve())
            return Ready(source, made.at_home(home), request, paused, found.updated_us)
    raise NotFound(f"there is no source {source_id!r} in force")


def read_source(document: Mapping[str, Any]) -> Source:
    """The document as a source.

    Raises:
        InvalidInput: it does not fit, perhaps because its connector is not installed any more.
    """
    try:
        return Source.model_validate(dict(document))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        raise InvalidInput(f"source {str(document.get('id', ''))[:64]!r}: {first['msg']}", field="source") from None


def connector_of(source: Source, secrets: Mapping[str, SecretStr], folder: Path) -> Connector:
    """The source's connector.

    Raises:
        InvalidInput: the settings do not fit, or lead into the workspace's own files.
    """
    made = make(connectors.get(source.connector), source.settings, secrets)
    for name in type(made).model_fields:
        value = getattr(made, name)
        if isinstance(value, Path) and value.expanduser().resolve().is_relative_to(folder.resolve()):
            raise InvalidInput(f"settings.{name} lies in the workspace itself, wanted a place outside", field=name)
    return made.at_home(Home(folder=folder.resolve()))


def request_of(conn: Connection, source: Source, connector: Connector, settings: Settings) -> RowsRequest:
    """How the source's rows are meant.

    Raises:
        InvalidInput: it names a mapping that is not in force.
    """
    kind, mapping = source.rows, dict(source.map)
    zone, region, currency = source.zone, settings.region, source.currency
    if source.mapping is not None:
        said = next((d.document for d in definitions.published(conn, "mapping") if d.id == source.mapping), None)
        if said is None:
            raise InvalidInput(f"there is no mapping {source.mapping!r} in force", field="mapping")
        kind = kind or said.get("as")
        mapping = {**(said.get("map") or {}), **mapping}
        zone, currency = zone or said.get("zone"), currency or said.get("currency")
        region = said.get("region") or region
    return RowsRequest(
        kind or connector.rows_are(), {**connector.maps, **mapping}, source.id, zone or settings.zone, region,
        currency or settings.currency,
    )  # fmt: skip


def see_fit(rows: Sequence[Row], request: RowsRequest, connector: Connector) -> None:
    """See whether rows such as these can be taken, before any is.

    Raises:
        InvalidInput: a column is missing, or lines of orders would be taken apart.
    """
    if not rows:
        return
    if connector.same_columns:
        has = {name for row in rows[:LOOK] for name in row}
        gone = [c for c in request.mapping.values() if c and "." not in c and c not in has]
        if gone:
            raise InvalidInput(
                f"there is no column {gone[0][:60]!r}, the rows have {', '.join(sorted(has)[:40])}", field="map"
            )
    scratch, mapping = lay_out(rows[:LOOK], request)
    scratch.close()
    lines = request.kind == "orders" and _LINE & mapping.fields.keys() and "products" not in mapping.fields
    if lines and getattr(connector, "together", None) == "":
        raise InvalidInput(
            "each row is a line of an order, wanted settings.together to name the column that holds the order's id",
            field="settings.together",
        )


# -- secrets -----------------------------------------------------------------------------------------------------------
def read_secrets(conn: Connection, source_id: str, connector: str, settings: Mapping[str, Any]) -> dict[str, SecretStr]:
    """The secrets of a source that serve these settings: one given for another host is as good as absent."""
    model, found = connectors.get(connector), {}
    for field in secret_fields(model):
        name = secret_name(source_id, field)
        value = stored(conn, name)
        if value is not None and stored(conn, name + _FOR) == _whom(model, settings):
            found[field] = SecretStr(value)
    return found


def write_secret(
    conn: Connection, source_id: str, connector: str, field: str, value: str, *, settings: Mapping[str, Any]
) -> None:
    """Set a secret of a source, for whom its settings name and nobody else.

    Raises:
        InvalidInput: the connector has no such secret.
    """
    model = connectors.get(connector)
    fields = secret_fields(model)
    if field not in fields:
        wanted = f"one of {', '.join(fields)}" if fields else "none: this connector has no secrets"
        raise InvalidInput(f"secret is {field[:40]!r}, wanted {wanted}", field="field")
    name = secret_name(source_id, field)
    upsert(conn, secret, [{"name": name, "value": value}, {"name": name + _FOR, "value": _whom(model, settings)}])


def _whom(model: type[Connector], settings: Mapping[str, Any]) -> str:
    """The settings that say whom a secret goes to, as one text; defaults count as said."""
    said = {n: settings.get(n, model.model_fields[n].default) for n in model.sends_to}
    return msgspec.json.encode(said, order="deterministic", enc_hook=str).decode()


def forget_secrets(conn: Connection, source_id: str) -> None:
    """Remove every secret of a source."""
    prefix = secret_name(source_id, "")
    names = [n for n in conn.execute(select(secret.c.name)).scalars() if n.startswith(prefix)]
    if names:
        conn.execute(delete(secret).where(secret.c.name.in_(names)))

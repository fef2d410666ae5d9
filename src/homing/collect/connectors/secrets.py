"""Which settings of a connector are secret, and how are they put together with the others when it is made?

A field of type SecretStr never stands in a document. Its value is in the table of secrets under `source:ID:field`; a
document may hold a reference to it, so that whoever reads it sees that there is one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from pydantic import SecretStr, ValidationError

from homing.collect.connectors.connector import Connector
from homing.core.errors import InvalidInput

REFERENCE = "secret"  # {"secret": "source:shop:password"}
_STAND_IN = SecretStr("stands in for the secret")


def secret_fields(model: type[Connector]) -> tuple[str, ...]:
    """The names of a connector's secret settings."""
    return tuple(n for n, f in model.model_fields.items() if SecretStr in (f.annotation, *get_args(f.annotation)))


def secret_name(source_id: str, field: str) -> str:
    """Under which name the secret is kept."""
    return f"source:{source_id}:{field}"


def reference(source_id: str, field: str) -> dict[str, str]:
    """What a document holds in place of the secret."""
    return {REFERENCE: secret_name(source_id, field)}


def check_settings(model: type[Connector], source_id: str, settings: Mapping[str, Any]) -> None:
    """See whether a document's settings fit the connector.

    Raises:
        ValueError: they do not, or a secret stands among them.
    """
    for name in secret_fields(model):
        if name in settings and settings[name] != reference(source_id, name):
            raise ValueError(
                f"settings.{name} is a secret that stands in the document, wanted it left out and set with"
                f" `homing source secret {source_id} {name}`"
            )
    make(model, settings, dict.fromkeys(secret_fields(model), _STAND_IN))


def make(model: type[Connector], settings: Mapping[str, Any], secrets: Mapping[str, SecretStr]) -> Connector:
    """The connector of these settings and secrets.

    Raises:
        InvalidInput: they do not fit; the message holds no value.
    """
    hidden = secret_fields(model)
    given = {n: v for n, v in settings.items() if n not in hidden} | {n: v for n, v in secrets.items() if n in hidden}
    try:
        return model.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_input=False, include_context=False, include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        if first["type"] == "missing" and field in hidden:
            raise InvalidInput(
                f"the secret {field} is not set, wanted it set first", field=f"settings.{field}"
            ) from None
        raise InvalidInput(f"settings.{field}: {first['msg']}", field=f"settings.{field}") from None

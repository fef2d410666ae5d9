"""Every connector keeps the connector's promises; a new one is held to them the day it is registered."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from homing.collect.connectors import Caller, Connector, Listener, Puller, connectors
from homing.collect.connectors.secrets import check_settings, secret_fields
from homing.collect.files import kinds

ALL = list(connectors.items())
HAN = re.compile(r"[\u4e00-\u9fff]")
SECRET_WORDS = ("password", "token", "secret", "api_key", "private_key")


@pytest.fixture(params=ALL, ids=[name for name, _ in ALL])
def known(request) -> tuple[str, type[Connector]]:
    return request.param


def test_there_are_connectors_of_each_way():
    found = [cls for _, cls in ALL]
    assert all(any(issubclass(cls, way) for cls in found) for way in (Puller, Listener, Caller))


def test_its_name_and_its_words_stand_in_both_languages(known):
    name, cls = known
    assert re.fullmatch(r"[a-z][a-z0-9_]{1,39}", name)
    en, _, zh = inspect.cleandoc(cls.__doc__ or "").partition("\n\n")
    assert en
    assert not HAN.search(en), f"{name} begins with a paragraph in English"
    assert HAN.search(zh), f"{name} has no paragraph in Chinese"


def test_it_goes_one_way_only_and_its_rows_are_of_a_known_kind(known):
    _, cls = known
    assert sum(issubclass(cls, way) for way in (Puller, Listener, Caller)) == 1
    assert cls.gives in kinds


def test_every_setting_is_asked_in_both_languages(known):
    name, cls = known
    schema = cls.model_json_schema(by_alias=True)
    for field, shape in schema.get("properties", {}).items():
        assert shape.get("title"), f"{name}.{field} is not asked in English"
        assert HAN.search(shape.get("x-title-zh", "")), f"{name}.{field} is not asked in Chinese"


def test_it_is_frozen_and_takes_no_unknown_setting(known):
    _, cls = known
    assert cls.model_config.get("frozen") is True
    assert cls.model_config.get("extra") == "forbid"
    with pytest.raises(ValidationError) as told:
        cls.model_validate({"no_such_setting": 1})
    assert any(e["type"] == "extra_forbidden" for e in told.value.errors())


def test_what_is_called_a_password_or_a_token_is_kept_as_a_secret(known):
    name, cls = known
    hidden = secret_fields(cls)
    for field in cls.model_fields:
        if field in SECRET_WORDS or field.endswith(("_password", "_token", "_secret")):
            assert field in hidden, f"{name}.{field} would stand in a document"


def test_a_secret_in_a_document_is_refused_and_never_quoted(known):
    _, cls = known
    for field in secret_fields(cls):
        with pytest.raises(ValueError, match=f"{field} is a secret") as told:
            check_settings(cls, "shop", {field: "hunter2-hunter2"})
        assert "hunter2" not in str(told.value)
        stand_in = cls.model_construct(**{field: SecretStr("hunter2-hunter2")})
        assert "hunter2" not in repr(stand_in)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_it_stands_in_the_docs(known, language: str):
    page = Path(__file__).parents[2] / "docs" / language / "reference" / "connectors.md"
    assert f"| `{known[0]}` |" in page.read_text(encoding="utf-8")

"""Which formats can a file be in that is no table of ours? Each with the schema of its form."""

from __future__ import annotations

import inspect

from fastapi import APIRouter

from homing.api.auth import Door, needs
from homing.api.shapes.basics import Bi
from homing.api.shapes.formats import FormatOut, FormatsOut
from homing.collect.formats import Format, LineFormat, formats

router = APIRouter(route_class=Door, tags=["imports"])


@router.get("/formats")
@needs("viewer")
def list_formats() -> FormatsOut:
    """The formats there are; each may stand as `kind` of an import and as `format` of a folder."""
    return FormatsOut(items=[_format(name, cls) for name, cls in formats.items()])


def _format(name: str, cls: type[Format]) -> FormatOut:
    en, _, zh = inspect.cleandoc(cls.__doc__ or "").partition("\n\n")
    return FormatOut(
        format=name, gives=cls.gives, title=Bi(en=cls.title[0], zh=cls.title[1]),
        about=Bi(en=" ".join(en.split()), zh=" ".join(zh.split())), grows=issubclass(cls, LineFormat),
        json_schema=cls.model_json_schema(),
    )  # fmt: skip

"""HTTP only: the admin API that the console, the command line and programs speak to.

Imported when first asked for: events are taken before the routes of the API are built.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from homing.api.app import admin_app, openapi

__all__ = ["admin_app", "openapi"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from homing.api import app  # noqa: PLC0415

    return getattr(app, name)

"""HTTP only: the admin API that the console, the command line and programs speak to."""

from homing.api.app import admin_app, openapi

__all__ = ["admin_app", "openapi"]

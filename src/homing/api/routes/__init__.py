"""Which addresses are there? One file a stage; a route asks a façade and shapes the answer, nothing more."""

from __future__ import annotations

from fastapi import APIRouter

from homing.api.routes import keys, session

ROUTERS: tuple[APIRouter, ...] = (session.router, keys.router)

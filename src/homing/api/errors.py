"""What does a caller read when something goes wrong? Always `{"error": {code, message, field?, details?}}`,
in the language that was asked for.

What we did not expect is logged whole and told as `error` with an id to look for: a stack, a statement or a path never
leaves the process.
"""

from __future__ import annotations

import secrets
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from homing.api.language import said, told
from homing.core.errors import HomingError, InvalidInput, NotFound, Overload

HTTP_CODES = {404: "not_found", 405: "method_not_allowed", 413: "too_large", 415: "unsupported_media_type"}
_log = structlog.get_logger(__name__)


def install(app: FastAPI) -> None:
    """Make every failure of this application answer in the one shape."""
    handlers: tuple[tuple[type[Exception], Any], ...] = (
        (HomingError, _homing),
        (RequestValidationError, _validation),
        (HTTPException, _http),
        (Exception, _unexpected),
    )
    for kind, handler in handlers:
        app.add_exception_handler(kind, handler)


def answer(status: int, error: dict[str, Any], headers: dict[str, str] | None = None) -> JSONResponse:
    """The one shape."""
    return JSONResponse({"error": error}, status_code=status, headers=headers)


async def _homing(_: Request, error: HomingError) -> JSONResponse:
    headers = {"retry-after": str(error.retry_after_s)} if isinstance(error, Overload) else None
    if error.status == 401:
        headers = {"www-authenticate": 'Bearer realm="homing"'}
    return answer(error.status, told(error), headers)


async def _validation(_: Request, error: RequestValidationError) -> JSONResponse:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"][1:]) or str(first["loc"][0] if first["loc"] else "body")
    met = InvalidInput(f"{where}: {first['msg']}", field=where)
    return answer(met.status, told(met))


async def _http(_: Request, error: HTTPException) -> JSONResponse:
    code = HTTP_CODES.get(error.status_code, InvalidInput.code if error.status_code < 500 else HomingError.code)
    headers = dict(error.headers) if error.headers else None
    message = "there is nothing at this address" if code == NotFound.code else str(error.detail)
    return answer(error.status_code, {"code": code, "message": said(message)}, headers)


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    fault = secrets.token_hex(6)
    _log.error("api_fault", fault=fault, path=request.scope.get("path"), exc_info=error)
    return answer(500, {"code": HomingError.code, "message": said(f"something went wrong; the log has it as {fault}")})

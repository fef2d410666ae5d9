"""Which file answers a browser that asks the console for a path?

A path that names a file of the build gets it; any other page path gets `index.html`, because the console routes in the
browser. A missing asset is a 404 and never the page: a browser that asks for last week's script must not be given
HTML. Files under `assets/` carry a hash in their name and are kept for good, the rest is asked for again each time.
Without a build every page path answers 503 with how to build it.
"""

from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from starlette.routing import Mount, Route

from homing.console.headers import FOREVER, REVALIDATE, SECURITY_HEADERS
from homing.console.missing import how_to_build

STATIC: Final = Path(__file__).parent / "static"


class _Console:
    """Answer with a file of one build folder."""

    def __init__(self, static: Path) -> None:
        self._static = static.resolve()

    def respond(self, path: str) -> Response:
        """Choose the answer for a path that has no leading slash."""
        if not (self._static / "index.html").is_file():
            return HTMLResponse(how_to_build(), status_code=503, headers={"cache-control": "no-store"})
        file = self._file(path)
        if file is not None:
            keep = FOREVER if path.startswith("assets/") else REVALIDATE
            return FileResponse(file, headers={"cache-control": keep})
        if "." in path.rsplit("/", 1)[-1] or path.startswith("assets/"):
            return PlainTextResponse("not found", status_code=404, headers={"cache-control": "no-store"})
        return FileResponse(self._static / "index.html", headers={"cache-control": REVALIDATE})

    def _file(self, path: str) -> Path | None:
        """Find a public file of the build; nothing outside it and nothing hidden."""
        parts = Path(path).parts
        if not parts or any(part.startswith(".") for part in parts):
            return None
        file = (self._static / path).resolve()
        return file if file.is_relative_to(self._static) and file.is_file() else None


def create(static: Path = STATIC) -> Starlette:
    """Make the application that serves the console.

    Args:
        static: the build; by default the one inside this package.

    Returns:
        An ASGI application for GET and HEAD on every path.
    """
    console = _Console(static)

    async def answer(request: Request) -> Response:
        response = console.respond(request.path_params["path"])
        response.headers.update(SECURITY_HEADERS)
        return response

    return Starlette(
        routes=[Route("/{path:path}", answer, methods=["GET"])],
        middleware=[Middleware(GZipMiddleware, minimum_size=1_000)],
    )


def mount(app: Starlette, static: Path = STATIC) -> None:
    """Put the console at `/` of an application, behind every route it has already.

    Args:
        app: a Starlette or FastAPI application whose own routes are all declared.
        static: the build; by default the one inside this package.
    """
    app.router.routes.append(Mount("/", app=create(static), name="console"))

"""What would go wrong here? Each check looks at one thing, changes nothing, and says what it found.

`bad` stops Homing, `poor` lets it run with a loss that is named. A port in use by this workspace's own server is good.
"""

from __future__ import annotations

import os
import platform
import shutil
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any, Literal

from homing.core.errors import HomingError
from homing.core.settings import Settings, load_settings
from homing.runtime.lock import is_held, server_of

SHOWN = 3  # differences in a line; `--json` has them all
FREE_BAD, FREE_POOR = 200 << 20, 5 << 30
WANTED = ("duckdb", "pyarrow", "sqlalchemy", "uvicorn", "fastapi", "msgspec")
YEAR_2024 = 1_704_067_200


@dataclass(frozen=True, slots=True)
class Check:
    """What one look found."""

    name: str
    state: Literal["good", "poor", "bad"]
    found: str
    details: tuple[dict[str, Any], ...] = ()

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self)


def examine(folder: Path, port: int) -> list[Check]:
    """Every check, in the order a person would look."""
    try:
        settings = load_settings(folder, dict(os.environ))
        first = Check("settings", "good", f"zone {settings.zone}, currency {settings.currency}")
    except HomingError as error:
        settings, first = Settings(), Check("settings", "bad", error.message)
    looks: list[Callable[[], Check]] = [
        _versions, lambda: _folder(folder), lambda: _holder(folder), lambda: _disk(folder), lambda: _port(folder, port),
        _clock, lambda: _zone(settings), lambda: _mail(settings), lambda: _identity(folder),
    ]  # fmt: skip
    return [first, *(look() for look in looks)]


def _versions() -> Check:
    found, missing = [f"python {platform.python_version()}"], []
    for name in WANTED:
        try:
            found.append(f"{name} {version_of(name)}")
        except PackageNotFoundError:
            missing.append(name)
    if missing or sys.version_info < (3, 11):
        return Check("versions", "bad", f"missing: {', '.join(missing) or 'python >= 3.11'}")
    return Check("versions", "good", ", ".join(found))


def _folder(folder: Path) -> Check:
    place = folder.resolve()
    while not place.exists():
        place = place.parent
    if not place.is_dir() or not os.access(place, os.R_OK | os.W_OK | os.X_OK):
        return Check("folder", "bad", f"{place} cannot be written by this user")
    mode = place.stat().st_mode & 0o077
    if mode & 0o007 and (folder / "state.db").exists() and os.name == "posix":
        return Check("folder", "poor", f"{place} can be read by everybody on this machine; chmod 700 keeps it private")
    return Check("folder", "good", f"{folder.resolve()} {'exists' if folder.exists() else 'will be made'}")


def _holder(folder: Path) -> Check:
    server = server_of(folder)
    if server is not None:
        return Check("holder", "good", f"a server answers on {server.url}, process {server.pid}")
    if is_held(folder):
        return Check("holder", "poor", "another command works in this workspace now")
    return Check("holder", "good", "nobody holds the workspace")


def _disk(folder: Path) -> Check:
    place = folder.resolve()
    while not place.exists():
        place = place.parent
    free = shutil.disk_usage(place).free
    text = f"{free / (1 << 30):.1f} GiB free"
    return Check("disk", "bad" if free < FREE_BAD else "poor" if free < FREE_POOR else "good", text)


def _port(folder: Path, port: int) -> Check:
    server = server_of(folder)
    if server is not None and server.url.endswith(f":{port}"):
        return Check("port", "good", f"{port} is used by this workspace's server")
    with socket.socket() as made:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            made.bind(("127.0.0.1", port))
        except OSError as error:
            return Check("port", "bad", f"{port} cannot be used: {error.strerror}; another goes with --port")
    return Check("port", "good", f"{port} is free")


def _clock() -> Check:
    now = time.time()
    if now < YEAR_2024:
        return Check("clock", "bad", f"the machine's clock says {time.strftime('%Y-%m-%d', time.gmtime(now))}")
    return Check("clock", "good", time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now)))


def _zone(settings: Settings) -> Check:
    machine = time.tzname[0]
    if settings.zone == "UTC" and machine not in {"UTC", "GMT"}:
        return Check(
            "zone", "poor", f"the workspace's day is UTC, the machine is in {machine}: set zone in homing.toml"
        )
    return Check("zone", "good", settings.zone)


def _mail(settings: Settings) -> Check:
    where = f"{settings.smtp.host}:{settings.smtp.port}"
    try:
        with socket.create_connection((settings.smtp.host, settings.smtp.port), timeout=3) as made:
            greeting = made.recv(200).decode("ascii", "replace").strip()
    except OSError as error:
        return Check("mail", "poor", f"no mail server at {where} ({error.strerror or 'time-out'}): e-mail would wait")
    return Check("mail", "good" if greeting.startswith("220") else "poor", f"{where} says {greeting[:40]!r}")


def _identity(folder: Path) -> Check:
    """Whether the customers are those that the kept evidence gives; both are derived, so a rebuild mends either."""
    from homing.identity.agree import differences  # noqa: PLC0415 - numpy and arrow, for this look only
    from homing.storage.peek import peek  # noqa: PLC0415

    path = folder / "state.db"
    if not path.is_file():
        return Check("identity", "good", "there are no customers yet")
    try:
        with peek(path) as conn:
            found = differences(conn)
    except HomingError as error:
        return Check("identity", "poor", f"{error.message}; start this version once, then look again")
    if not found:
        return Check("identity", "good", "customers are what the evidence gives")
    said = [f"{one.what}: {' and '.join(one.customers)}" for one in found[:SHOWN]]
    more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    details = tuple(one._asdict() for one in found)
    text = f"{len(found)} differences from the evidence ({'; '.join(said)}{more}); homing rebuild computes it again"
    return Check("identity", "bad", text, details)

"""Are the console and the browser library that go into the wheel the ones their sources describe?

The build is not in git. This hook compares a hash of everything the build reads with the hash written beside the last
build, and runs `npm ci` and `npm run build` only when they differ. It covers no more than that: hashing the whole
folder would rebuild after a type check or a test run. An editable install never builds; `HOMING_CONSOLE=skip` says
"no console, on purpose". When a build is needed and npm is missing the install fails and says so, because a wheel
that quietly has no console is worse than none.
"""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

READ_BY_BUILD = (
    "index.html",
    "package.json",
    "package-lock.json",
    "public",
    "scripts/sdk.mjs",
    "src",
    "tsconfig.json",
    "vite.config.ts",
    "../sdk/js/src",
)
TEST_MARKS = (".test.ts", ".test.tsx")
STAMP = ".source-hash"


def source_hash(console: Path) -> str:
    """Hash the names and bytes of what the build reads, in a fixed order."""
    digest = hashlib.sha256()
    for entry in READ_BY_BUILD:
        top = console / entry
        files = sorted(path for path in top.rglob("*") if path.is_file()) if top.is_dir() else [top]
        for path in files:
            if path.name.endswith(TEST_MARKS):
                continue
            digest.update(os.path.relpath(path, console).replace(os.sep, "/").encode() + b"\0")
            digest.update(path.read_bytes() + b"\0")
    return digest.hexdigest()


def is_current(static: Path, wanted: str) -> bool:
    """Say whether the build on disk was made from the sources with this hash."""
    stamp = static / STAMP
    built = all((static / name).is_file() for name in ("index.html", "sdk/homing.js"))
    return built and stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted


def build(console: Path, static: Path, wanted: str) -> None:
    """Install the locked packages, build, and write the stamp last.

    Raises:
        RuntimeError: npm is not on the path, or it failed.
    """
    npm = shutil.which("npm")
    if npm is None:
        raise RuntimeError(
            "the console's sources changed since it was last built and npm is not installed; install Node 20.19 or"
            " newer, or set HOMING_CONSOLE=skip to install Homing without its console"
        )
    for step in (["ci"], ["run", "build"]):
        done = subprocess.run([npm, *step], cwd=console, check=False)  # noqa: S603
        if done.returncode != 0:
            raise RuntimeError(f"`npm {' '.join(step)}` in {console} ended with {done.returncode}, wanted 0")
    (static / STAMP).write_text(wanted, encoding="utf-8")


class ConsoleHook(BuildHookInterface):  # type: ignore[type-arg]
    """Build the console before hatchling collects the files of an sdist or a wheel."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Build if the sources differ from the last build; see the module's docstring for when not."""
        if version == "editable" or os.environ.get("HOMING_CONSOLE") == "skip":
            return
        console = Path(self.root) / "console"
        static = Path(self.root) / "src" / "homing" / "console" / "static"
        if not (console / "package.json").is_file():
            raise RuntimeError(f"{console} is missing, wanted the console's sources or HOMING_CONSOLE=skip")
        wanted = source_hash(console)
        if not is_current(static, wanted):
            build(console, static, wanted)


def main() -> None:
    """Build the console in this checkout if its sources changed; what `make console` runs."""
    root = Path(__file__).parent
    static = root / "src" / "homing" / "console" / "static"
    wanted = source_hash(root / "console")
    if not is_current(static, wanted):
        build(root / "console", static, wanted)


if __name__ == "__main__":
    main()

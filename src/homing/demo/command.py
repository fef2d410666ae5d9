"""`homing demo`: a real year of a real grocer, then weeks that turn the loop; to watch, or headless at full speed.

Imports wait until the command runs: `homing --help` must not read a year of receipts.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

DAYS = 28
FOLDER = Path(".demo")


def demo(
    *,
    headless: Annotated[
        bool, typer.Option("--headless", help="No console, full speed, one record at the end.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Another seed, another future.", min=0, max=2**31)] = 7,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
    workspace: Annotated[
        Path | None, typer.Option("--workspace", "-w", help="Where to set it up; .demo when absent.")
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Headless: leave the workspace there afterwards.")] = False,
    port: Annotated[int, typer.Option("--port", "-p", envvar="HOMING_PORT", min=0, max=65535)] = 8700,
    days: Annotated[int, typer.Option(help="Simulated days.", min=1, max=90)] = DAYS,
    minutes: Annotated[float, typer.Option(help="Real minutes the simulated days take when watched.", min=0.5)] = 5.0,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open the console.")] = False,
) -> None:
    """Run the whole loop on a real year of a real grocer, with simulated shoppers from then on.

    The workspace is made anew each time.
    """
    from homing.demo.headless import run_headless  # noqa: PLC0415
    from homing.demo.progress import Progress  # noqa: PLC0415
    from homing.demo.watched import Watched  # noqa: PLC0415

    progress = Progress(quiet=False)
    if headless:
        run_headless(workspace, seed=seed, days=days, keep=keep, as_json=as_json, progress=progress)
    else:
        Watched(workspace or FOLDER, seed=seed, days=days, port=port, minutes=minutes, progress=progress).run(
            browser=not no_browser, as_json=as_json
        )

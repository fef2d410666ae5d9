"""`homing playbook list|run`: what a marketer wants done as one file, run on sample data to a measured result."""

from __future__ import annotations

from typing import Annotated

import typer

from homing.cli.options import Json
from homing.cli.output import say, table

playbook = typer.Typer(help="Playbooks: list them, run one on sample data.", no_args_is_help=True)


def join(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(playbook, name="playbook")


@playbook.command("list")
def list_playbooks(as_json: Json = False) -> None:
    """The playbooks that are shipped, each a file to apply and edit."""
    from homing.demo.playbook import shipped  # noqa: PLC0415
    from homing.demo.runs import RUNS  # noqa: PLC0415

    found = [{"file": p.name, "name": p.stem, "runs": p.stem.partition("-")[0] in RUNS} for p in shipped()]
    if as_json:
        say({"playbooks": found}, as_json=True)
        return
    table(("name", "file", "runs here"), [[p["name"], p["file"], "yes" if p["runs"] else ""] for p in found])


@playbook.command()
def run(
    name: Annotated[str, typer.Argument(help="P12, P13 or P16.")],
    *,
    seed: Annotated[int, typer.Option(min=0, max=2**31)] = 7,
    households: Annotated[int, typer.Option(min=0, help="Of the sample; 0: as many as the playbook needs.")] = 0,
    as_json: Json = False,
) -> None:
    """Run a playbook on sample data, from start to measured result, in a workspace of its own that is thrown away."""
    import tempfile  # noqa: PLC0415
    from pathlib import Path  # noqa: PLC0415

    from homing.demo.progress import Progress  # noqa: PLC0415
    from homing.demo.runs import run_of  # noqa: PLC0415
    from homing.runtime.logs import set_up_logs  # noqa: PLC0415

    play = run_of(name)
    set_up_logs("console", "ERROR")
    with tempfile.TemporaryDirectory(prefix="homing-playbook-") as folder:
        how = {"households": households} if households else {}
        record = play(Path(folder), seed=seed, progress=Progress(quiet=as_json), **how)
    say(record, as_json=as_json)

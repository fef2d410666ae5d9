"""`homing link`: find customers of different sources that are one person, and answer the pairs it is asked about."""

from __future__ import annotations

import time
from typing import Annotated, Any

import typer

from homing.cli.options import FOLDER, Folder, Json
from homing.cli.output import note, say
from homing.cli.target import Api, api_of
from homing.core.errors import InvalidInput

POLL_S = 0.5


def join(app: typer.Typer) -> None:
    """Add the command."""
    app.command("link")(link)


def link(
    *,
    source: Annotated[list[str] | None, typer.Option(help="Whose words count, again for another; none: all.")] = None,
    threshold: Annotated[float | None, typer.Option(min=0.5, max=1, help="From here two are one person.")] = None,
    review: Annotated[float | None, typer.Option(min=0.5, max=1, help="From here a person is asked.")] = None,
    accept: Annotated[
        bool | None, typer.Option("--accept/--ask", help="Accept likely pairs, or ask about each.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would come out, change nothing.")] = False,
    answer: Annotated[str, typer.Option(help="accept or reject the pairs named by --pair, instead of a run.")] = "",
    pair: Annotated[list[str] | None, typer.Option(help="A pair that is answered, again for another.")] = None,
    workspace: Folder = FOLDER,
    as_json: Json = False,
) -> None:
    """Link records without a shared key: what is likely, what waits for a person, by which columns."""
    with api_of(workspace) as api:
        if answer or pair:
            _answer(api, answer, pair or [], as_json=as_json)
            return
        asked = {"sources": source or [], "threshold": threshold, "review": review, "accept": accept}
        found = api.post("/linkage/runs", asked | {"dry_run": dry_run, "wait": not api.remote})
        found = _over(api, found, quiet=as_json)
    if found["status"] != "done":
        raise InvalidInput(f"the linkage {found['status']}: {found['error'] or 'it did not come to its end'}")
    say(found, as_json=as_json, text=_text(found))


def _answer(api: Api, answer: str, pairs: list[str], *, as_json: bool) -> None:
    if answer not in {"accept", "reject"} or not pairs:
        raise InvalidInput("wanted --answer accept or reject, and the pairs as --pair ID", field="answer")
    done = api.post("/linkage/answers", {"pairs": pairs, "answer": answer})
    text = f"{done['accepted']} accepted, {done['rejected']} rejected, {done['impossible']} impossible, " \
           f"{done['settled']} settled before; {done['waiting']['open']} wait"  # fmt: skip
    say(done, as_json=as_json, text=text)


def _over(api: Api, found: dict[str, Any], *, quiet: bool) -> dict[str, Any]:
    """The run once it is over; what it does, on the way."""
    told = ""
    while found["status"] == "running":
        if not quiet and found["step"] != told:
            told = found["step"]
            note(f"homing: {told} …")
        time.sleep(POLL_S)
        found = api.get(f"/linkage/runs/{found['run_id']}")
    return found


def _text(found: dict[str, Any]) -> str:
    columns = ", ".join(f"{c['name']} = {c['role']}" for c in found["columns"])
    rules = "\n".join(f"  {' + '.join(b['columns'])}: {b['pairs']:,} pairs" for b in found["blocks"])
    verb = "would be accepted" if found["asked"]["dry_run"] else "accepted"
    return (
        f"{found['records']:,} records; {columns}\ncompared where these agree:\n{rules}\n"
        f"{found['accepted']:,} {verb}, {found['review']:,} for review, {found['impossible']:,} impossible, "
        f"{found['rejected_before']:,} rejected before"
    )

"""`homing bench NAME…`: measure beside an anchor, in one run; options of a bench follow its name."""

from __future__ import annotations

import inspect
from importlib import import_module
from pkgutil import iter_modules
from typing import TYPE_CHECKING, Annotated, Any

import typer

from homing.cli.options import Json
from homing.cli.output import note, say, table
from homing.core.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from homing.demo.bench.row import BenchRow

PACKAGE = "homing.demo.bench"
ALSO = {"import": "imports"}  # other names of benches
COLUMNS = ("name", "figure", "unit", "anchor", "anchor_figure", "ratio", "goal", "met")


def join(app: typer.Typer) -> None:
    """Add the command."""
    app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})(bench)


def bench(
    context: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(help="Which ones; all: every one, none: a list.")] = None,
    as_json: Json = False,
) -> None:
    """Run benches; exit code 1 when a goal is not met. Options: `homing bench crash --kills 200`."""
    known = benches()
    wanted, options = _split([*(names or []), *context.args])
    wanted = [ALSO.get(name, name) for name in wanted]
    if not wanted:
        say({"benches": known}, as_json=as_json, text="\n".join(f"{name}  {about}" for name, about in known.items()))
        return
    rows: list[BenchRow] = []
    for name in known if wanted == ["all"] else wanted:
        if name not in known:
            raise NotFound(f"there is no bench {name!r}, wanted one of {', '.join(known)}")
        note(f"homing: bench {name} …")
        run = import_module(f"{PACKAGE}.{name}").run
        rows += run(**_fitting(run, options, strict=len(wanted) == 1))
    if as_json:
        say([row.as_dict() for row in rows], as_json=True)
    else:
        table(COLUMNS, [[row.as_dict()[c] for c in COLUMNS] for row in rows])
    if any(row.met is False for row in rows):
        raise typer.Exit(1)


def benches() -> dict[str, str]:
    """The benches there are, with the first line of their text."""
    package = import_module(PACKAGE)
    found: dict[str, str] = {}
    for module in iter_modules(package.__path__):
        path = f"{PACKAGE}.{module.name}"
        if not module.name.startswith("_") and hasattr(import_module(path), "run"):
            found[module.name] = (inspect.getdoc(import_module(path)) or "").splitlines()[0]
    return found


def _split(words: list[str]) -> tuple[list[str], dict[str, str]]:
    """Names, and options written `--kills 200` or `--kills=200`."""
    names: list[str] = []
    options: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        if word.startswith("--"):
            key, has_value, value = word[2:].partition("=")
            options[key.replace("-", "_")] = value if has_value else next(rest, "")
        else:
            names.append(word)
    return names, options


def _fitting(run: Any, options: dict[str, str], *, strict: bool) -> dict[str, Any]:
    """The options a bench takes, as the types of their defaults."""
    known = {n: p.default for n, p in inspect.signature(run).parameters.items() if p.default is not p.empty}
    for name in options:
        if strict and name not in known:
            raise InvalidInput(f"there is no option --{name}, wanted one of {', '.join(known) or 'none'}", field=name)
    try:
        return {n: type(known[n])(text) for n, text in options.items() if n in known}
    except ValueError as error:
        raise InvalidInput(f"an option of the bench is no number: {error}", field="options") from error

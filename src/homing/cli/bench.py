"""`homing bench NAME…`: measure beside an anchor, in one run; options of a bench follow its name."""

from __future__ import annotations

import inspect
from importlib import import_module
from pkgutil import iter_modules
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, Union, get_args, get_origin, get_type_hints

import typer
from pydantic import TypeAdapter, ValidationError

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
    """Names, and options written `--kills 200`, `--kills=200` or, where it is said or not, `--whole`."""
    names: list[str] = []
    options: dict[str, str] = {}
    at = 0
    while at < len(words):
        word, after = words[at], words[at + 1 : at + 2]
        at += 1
        if not word.startswith("--"):
            names.append(word)
            continue
        key, has_value, value = word[2:].partition("=")
        if not has_value and after and not after[0].startswith("--"):
            value, at = after[0], at + 1
        options[key.replace("-", "_")] = value
    return names, options


def _fitting(run: Any, options: dict[str, str], *, strict: bool) -> dict[str, Any]:
    """The options a bench takes, as it says what they are."""
    told = get_type_hints(run)
    known = {n: told.get(n, type(p.default)) for n, p in inspect.signature(run).parameters.items()
             if p.default is not p.empty}  # fmt: skip
    given: dict[str, Any] = {}
    for name, text in options.items():
        if name in known:
            given[name] = _read(name, text, known[name])
        elif bool in _kinds(known.get(off := name.removeprefix("no_"))) and not text:
            given[off] = False
        elif strict:
            flags = [f"{n}, no_{n}" if bool in _kinds(kind) else n for n, kind in known.items()]
            raise InvalidInput(f"there is no option --{name}, wanted one of {', '.join(flags) or 'none'}", field=name)
    return given


def _read(name: str, text: str, kind: Any) -> Any:
    """What a word of the command line means for a parameter."""
    kinds = _kinds(kind)
    if bool in kinds and not text:
        return True
    if NoneType in kinds and text.lower() in {"", "none"}:
        return None
    try:
        return TypeAdapter(kind if kind is not NoneType else str).validate_strings(text)
    except ValidationError as error:
        said = f"--{name} is {text[:40]!r}: {error.errors()[0]['msg']}"
        raise InvalidInput(said, field=name) from error


def _kinds(kind: Any) -> tuple[Any, ...]:
    return get_args(kind) if get_origin(kind) in {UnionType, Union} else (kind,)

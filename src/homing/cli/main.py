"""Which commands are there? `homing --help`; each is a few lines over the admin API or the runtime.

Everything heavy is imported inside a command, so that `--help` and a mistyped word answer at once.
"""

from __future__ import annotations

import sys

import typer

from homing.cli import bench, demo, documents, keys, questions, server, workspace

app = typer.Typer(
    name="homing",
    help="The precision-marketing loop: collect, understand, decide, act, measure. 归航：让营销闭环转起来。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


for part in (server, demo, keys, questions, documents, workspace, bench):
    part.join(app)


def run() -> None:
    """The entry point: run a command, turn its error into a message and an exit code."""
    from homing.core.errors import HomingError  # noqa: PLC0415

    try:
        app()
    except HomingError as error:
        from homing.cli.output import complain  # noqa: PLC0415

        complain(error.as_dict(), as_json="--json" in sys.argv)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.exit(0)

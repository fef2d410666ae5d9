"""How far is it? Stages with their figures on stderr: a moving bar on a terminal, a line each elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

LINE_EVERY_S = 10.0


class Step:
    """One stage under way."""

    def __init__(self, bars: Bars | None, text: str, total: int | None) -> None:
        self._bars = bars
        self._text = text
        self._total = total
        self._said = time.monotonic()
        self._task = bars.add_task(text, total=total) if bars else None

    def at(self, done: int, note: str = "") -> None:
        """Say how much is done."""
        if self._bars is not None and self._task is not None:
            self._bars.update(self._task, completed=done, description=f"{self._text} {note}".rstrip())
        elif time.monotonic() - self._said > LINE_EVERY_S:
            self._said = time.monotonic()
            of = f" of {self._total:,}" if self._total else ""
            sys.stderr.write(f"homing: {self._text} {done:,}{of} {note}".rstrip() + "\n")


class Progress:
    """Tells a person on stderr what is going on.

    Args:
        quiet: say nothing.
    """

    def __init__(self, *, quiet: bool = False) -> None:
        self._quiet = quiet
        self.seconds: dict[str, float] = {}
        self.cpu: dict[str, float] = {}  # of all threads of this process

    @contextmanager
    def step(self, name: str, text: str, total: int | None = None) -> Iterator[Step]:
        """A stage; its seconds are kept under `name`."""
        begun, worked = time.monotonic(), time.process_time()
        if self._quiet:
            yield Step(None, text, total)
        elif sys.stderr.isatty():
            columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
            with Bars(*columns, TimeElapsedColumn(), console=Console(stderr=True)) as bars:
                yield Step(bars, text, total)
        else:
            sys.stderr.write(f"homing: {text} …\n")
            yield Step(None, text, total)
        self.seconds[name] = round(time.monotonic() - begun, 1)
        self.cpu[name] = round(time.process_time() - worked, 1)

    def say(self, text: str) -> None:
        """One line."""
        if not self._quiet:
            sys.stderr.write(f"homing: {text}\n")

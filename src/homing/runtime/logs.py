"""What does the process say about itself? One JSON object a line, or colours on a terminal; never a person's data.

A record holds names, numbers and places in our code. An exception is logged by its type and where it was raised: its
message may quote a row, so it is left out.
"""

from __future__ import annotations

import logging
import sys
import traceback
from pathlib import Path
from typing import Any, Literal

import structlog


def set_up_logs(form: Literal["json", "console", "none"] = "json", level: str = "INFO") -> None:
    """Send every log record of this process to stderr in one form."""
    number = logging.CRITICAL if form == "none" else logging.getLevelNamesMapping()[level]
    last: Any = structlog.dev.ConsoleRenderer() if form == "console" else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, handlers=[_ToStructlog()], force=True)


def where(error: BaseException) -> str:
    """Where an error was raised: the last three places, innermost first, without its message."""
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    return " < ".join(f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in reversed(frames))


class _ToStructlog(logging.Handler):
    """Records of other libraries, by logger and level; their text may quote a request, so only warnings get here."""

    def emit(self, record: logging.LogRecord) -> None:
        structlog.get_logger(record.name).log(record.levelno, "library", text=str(record.msg)[:200])

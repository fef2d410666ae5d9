"""Which paths take events, and how many bytes may come on each, how many events in a batch?"""

from __future__ import annotations

from homing.collect.doors.wire import MAX_EVENT
from homing.core.event import KINDS

MAX_BATCH = 500 * 1024
MAX_BATCH_EVENTS = 2_500
SINGLE: dict[str, str] = {short: kind for kind in KINDS for short in (kind, kind[0])}  # /v1/track and /v1/t
LIMITS: dict[str, int] = dict.fromkeys(SINGLE, MAX_EVENT) | dict.fromkeys(("batch", "b", "import"), MAX_BATCH)

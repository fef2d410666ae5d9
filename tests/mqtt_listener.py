"""A process that listens to a broker and keeps what comes, to be killed: mqtt_listener.py FOLDER JSON."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from homing.collect.connectors.mqtt import Mqtt
from homing.collect.intake import RowsRequest, take_rows
from homing.storage.log import SqliteLog
from homing.storage.state import State


def main() -> None:
    folder, settings = Path(sys.argv[1]), json.loads(sys.argv[2])

    def clock() -> int:
        return time.time_ns() // 1000

    log, state = SqliteLog(folder / "log", clock), State(folder / "state.db")
    request = RowsRequest("events", source="devices", live=True)
    Mqtt(**settings).listen(lambda rows: take_rows(rows, request, log, state, now_us=clock()), lambda: False)


if __name__ == "__main__":
    main()

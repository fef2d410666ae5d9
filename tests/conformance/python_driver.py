"""What does an unmodified Python client do with these calls? Reads one JSON job on stdin, prints what went wrong."""

from __future__ import annotations

import importlib
import json
import sys
from datetime import datetime, timedelta
from typing import Any


def wrong_clock(module: Any, seconds: float) -> None:
    """The machine's clock is wrong by so much: the client's code is not touched, only what time it is told."""

    class Shifted(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return super().now(tz) + timedelta(seconds=seconds)

    module.datetime = Shifted


def main() -> None:
    """Make the calls of the job and wait until the client has sent or given up."""
    job = json.loads(sys.stdin.read())
    package = {"segment": "segment.analytics", "rudder": "rudderstack.analytics"}[sys.argv[1]]
    client_module = importlib.import_module(f"{package}.client")
    if job.get("clock_s"):
        for name in ("client", "request"):
            wrong_clock(importlib.import_module(f"{package}.{name}"), job["clock_s"])
    errors: list[str] = []
    client = client_module.Client(
        job["key"],
        host=job["host"],
        gzip=job.get("gzip", sys.argv[1] == "rudder"),
        upload_size=job.get("batch", 100),
        max_retries=8,
        on_error=lambda error, _batch: errors.append(str(error)),
    )
    for call in job["calls"]:
        make(client, call)
    client.shutdown()
    sys.stdout.write(json.dumps({"errors": errors}))


def make(client: Any, call: dict[str, Any]) -> None:
    """One call of the protocol as the client's own method."""
    said = {
        "user_id": call.get("userId"),
        "anonymous_id": call.get("anonymousId"),
        "context": call.get("context"),
        "message_id": call.get("messageId"),
        "timestamp": datetime.fromisoformat(call["timestamp"]) if "timestamp" in call else None,
    }
    said |= {name: call[name] for name in ("event", "name", "category", "properties", "traits") if name in call}
    said |= {"group_id": call["groupId"]} if "groupId" in call else {}
    if call["type"] == "alias":
        said.pop("anonymous_id")
        said["previous_id"] = call["previousId"]
    getattr(client, call["type"])(**said)


if __name__ == "__main__":
    main()

"""What can be counted and watched from outside? Prometheus figures of this process, none of them about a person."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from homing.collect.files.tally import ImportResult

REGISTRY = CollectorRegistry()

EVENTS = Counter("homing_events", "Events by what the door said", ["verdict"], registry=REGISTRY)
STREAM_OFFSET = Gauge("homing_stream_offset", "Log offset the stream has committed", registry=REGISTRY)
LOG_OFFSET = Gauge("homing_log_offset", "Offset of the last durable event", registry=REGISTRY)
WAREHOUSE_OFFSET = Gauge("homing_warehouse_offset", "Log offset the warehouse holds", registry=REGISTRY)
STREAM_LAG = Gauge(
    "homing_stream_lag_seconds", "Age of the oldest event the stream has not processed", registry=REGISTRY
)
BATCH_SECONDS = Histogram(
    "homing_batch_seconds",
    "Time of one stream batch with its commit",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
    registry=REGISTRY,
)
LOAD_SECONDS = Histogram(
    "homing_warehouse_load_seconds",
    "Time of one warehouse load",
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=REGISTRY,
)
SENDS = Gauge("homing_sends", "Messages by status", ["status"], registry=REGISTRY)
SOURCE_ROWS = Counter("homing_source_rows", "Rows of sources by verdict", ["source", "verdict"], registry=REGISTRY)
SOURCE_RUNS = Counter(
    "homing_source_runs", "Runs of sources by how they ended", ["source", "status"], registry=REGISTRY
)
SOURCE_LAST = Gauge(
    "homing_source_last_success_timestamp_seconds", "When a source was last read to its end", ["source"],
    registry=REGISTRY,
)  # fmt: skip


def count_rows(source_id: str, result: ImportResult) -> None:
    """Count the rows of a portion."""
    for verdict in ("accepted", "duplicate", "rejected"):
        SOURCE_ROWS.labels(source_id, verdict).inc(getattr(result, verdict))

"""What is kept of what came in? Rows that were refused, imports and sources, what the data is worth."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Float, Index, Integer, Text

from homing.storage.schema.tables import c, table

# -- what was refused at the door, and what came by file --------------------------------------------------------------
rejected = table(
    "rejected",
    c("rejected_id", Text, key=True),
    c("at_us", BigInteger),
    c("source_id", Text),
    c("import_id", Text, null=True),
    c("place", Text),  # row 12, item 3
    c("code", Text),
    c("message", Text),
    c("body", Text, personal=True),
    c("shape", Text),  # what `body` is, so that it can be sent again: "call", "row:orders" …; "" cannot be
    c("status", Text),  # open | replayed | dropped
    c("settled_us", BigInteger, null=True),
    Index("rejected_at", "at_us"),
    Index("rejected_source", "source_id", "at_us"),
)
OF_SOURCE = "source"
import_run = table(
    "import_run",
    c("import_id", Text, key=True),
    c("source_id", Text),
    c("file_name", Text),  # of a file; of a database or a tool the name of the source
    c("kind", Text),
    c("fingerprint", Text),  # of a file's content; OF_SOURCE where a source was read
    c("columns", JSON),
    c("started_us", BigInteger),
    c("finished_us", BigInteger, null=True),
    c("status", Text),  # running | done | failed
    c("read", Integer),
    c("accepted", Integer),
    c("duplicate", Integer),
    c("rejected", Integer),
    c("error", Text, null=True),
    c("total", Integer, null=True),  # rows there are, where it is known
    c("done", Integer),  # rows that are durable: an import that was killed goes on behind them
    Index("import_started", "started_us"),
    Index("import_source", "source_id", "started_us"),
)
source_cursor = table(
    "source_cursor",
    c("source_id", Text, key=True),
    c("cursor", Text),  # the connector's own; everything up to it is durable in the log
    c("updated_us", BigInteger),
)

# -- what the data is worth -------------------------------------------------------------------------------------------
source_quality = table(
    "source_quality",
    c("source_id", Text, key=True),
    c("day_us", BigInteger, key=True),  # the day's midnight in the workspace's zone
    c("received", Integer),
    c("rejected", Integer),
    c("warned", Integer),
    c("score", Float, null=True),  # 0 .. 1; absent where nothing came in
    c("parts", JSON),  # of the score: {name: {share, n}}; a part that could not be judged is absent
    c("findings", JSON),
)
catalogue_entry = table(
    "catalogue_entry",  # what a person said of a dataset (field "") or of one of its fields
    c("dataset", Text, key=True),
    c("field", Text, key=True),
    c("said", JSON),  # class, grade, owner, sensitivity, note
    c("updated_us", BigInteger),
    c("updated_by", Text),
)
catalogue_field = table(
    "catalogue_field",  # what was found in the data; no replay finds again when something was seen first
    c("dataset", Text, key=True),
    c("field", Text, key=True),
    c("found", JSON),  # types, filled, distinct, sensitivity detected
    c("first_us", BigInteger),
    c("last_us", BigInteger),
)
exchange_rate = table(
    "exchange_rate",
    c("day", Text, key=True),  # ISO date from which it holds
    c("currency", Text, key=True),
    c("per", Text, key=True),  # one `currency` is `rate` of `per`
    c("rate", Float),
    c("source_id", Text),
)

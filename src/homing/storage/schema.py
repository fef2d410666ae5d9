"""Which tables does the state hold, and which columns are about a person?

Every table is declared here once. Each column is marked personal or not, so export and erasure are complete by
construction: `personal_tables()` is what they walk. Derived tables can be dropped and rebuilt from the log.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, Column, Float, Index, Integer, LargeBinary, MetaData, Table, Text
from sqlalchemy.types import TypeEngine

metadata = MetaData()


def _c(name: str, kind: TypeEngine[Any] | type[TypeEngine[Any]], *, key: bool = False, personal: bool = False,
       null: bool = False) -> Column[Any]:  # fmt: skip
    return Column(name, kind, primary_key=key, nullable=null and not key, info={"personal": personal})


def _t(name: str, *parts: Any, derived: bool = False) -> Table:
    return Table(name, metadata, *parts, info={"derived": derived})


# -- the stream's place ------------------------------------------------------------------------------------------------
consumer = _t("consumer", _c("name", Text, key=True), _c("log_offset", BigInteger), _c("updated_us", BigInteger))
outbox = _t(
    "outbox",
    Column("seq", Integer, primary_key=True, autoincrement=True, info={"personal": False}),
    _c("event_id", Text),
    _c("body", LargeBinary, personal=True),
)
timer = _t(
    "timer",
    _c("kind", Text, key=True),
    _c("key", Text, key=True),
    _c("due_us", BigInteger),
    _c("customer_id", Text, personal=True),
    Index("timer_due", "due_us"),
    derived=True,
)

# -- identity ----------------------------------------------------------------------------------------------------------
identifier = _t(
    "identifier",
    _c("type", Text, key=True),
    _c("value", Text, key=True, personal=True),
    _c("customer_id", Text, personal=True),
    _c("first_us", BigInteger),
    _c("last_us", BigInteger),
    _c("source_id", Text),
    _c("status", Text),  # active | blocked | shared | demoted
    Index("identifier_customer", "customer_id"),
    derived=True,
)
identity_edge = _t(
    "identity_edge",
    _c("a_type", Text, key=True),
    _c("a_value", Text, key=True, personal=True),
    _c("b_type", Text, key=True),
    _c("b_value", Text, key=True, personal=True),
    _c("event_id", Text),
    _c("source_id", Text),
    _c("at_us", BigInteger),
    Index("identity_edge_b", "b_type", "b_value"),
    derived=True,
)
merge = _t(
    "merge",
    _c("merge_id", Text, key=True),
    _c("log_offset", BigInteger),
    _c("loser", Text, personal=True),
    _c("winner", Text, personal=True),
    _c("at_us", BigInteger),
    _c("event_id", Text),
    _c("reason", Text),
    _c("evidence", JSON, personal=True),
    Index("merge_offset", "log_offset"),
    Index("merge_loser", "loser"),
    Index("merge_winner", "winner"),
    derived=True,
)
identifier_move = _t(
    "identifier_move",
    _c("type", Text, key=True),
    _c("value", Text, key=True, personal=True),
    _c("until_offset", BigInteger, key=True),  # events before this one belong to `customer_id`
    _c("customer_id", Text, personal=True),
    derived=True,
)
identity_conflict = _t(
    "identity_conflict",
    _c("conflict_id", Text, key=True),
    _c("at_us", BigInteger),
    _c("event_id", Text),
    _c("customer_id", Text, personal=True),
    _c("reason", Text),
    _c("details", JSON, personal=True),
    derived=True,
)

# -- profile -----------------------------------------------------------------------------------------------------------
customer = _t(
    "customer",
    _c("customer_id", Text, key=True, personal=True),
    _c("created_us", BigInteger),
    _c("first_seen_us", BigInteger),
    _c("last_seen_us", BigInteger),
    _c("merged_into", Text, null=True, personal=True),
    _c("display", Text, personal=True),  # what a list shows: name, else e-mail, else strongest identifier
    _c("search", Text, personal=True),  # lower-case text the list's search looks in
    _c("stage", Text),
    _c("orders", Integer),
    _c("revenue", Float),
    _c("last_order_us", BigInteger, null=True),
    _c("traits", JSON, personal=True),  # {name: [value, happened_us, source_id]}
    _c("stats", JSON, personal=True),
    _c("changed_offset", BigInteger),
    Index("customer_changed", "changed_offset"),
    Index("customer_seen", "last_seen_us"),
    Index("customer_revenue", "revenue"),
    derived=True,
)
product_category = _t("product_category", _c("product_id", Text, key=True), _c("category", Text), derived=True)
computed_run = _t(
    "computed_run",
    _c("name", Text, key=True),
    _c("at_us", BigInteger, key=True),
    _c("as_of_offset", BigInteger),
    _c("customers", Integer),
    _c("changed", Integer),
)

# -- consent -----------------------------------------------------------------------------------------------------------
consent = _t(
    "consent",
    _c("customer_id", Text, key=True, personal=True),
    _c("purpose", Text, key=True),
    _c("channel", Text, key=True),
    _c("status", Text),  # granted | withdrawn
    _c("since_us", BigInteger),
    _c("source_id", Text),
    derived=True,
)
suppression = _t(
    "suppression",
    _c("channel", Text, key=True),
    _c("address", Text, key=True, personal=True),
    _c("reason", Text),  # bounced | complained | manual
    _c("since_us", BigInteger),
    derived=True,
)

# -- segments ----------------------------------------------------------------------------------------------------------
segment_member = _t(
    "segment_member",
    _c("segment_id", Text, key=True),
    _c("customer_id", Text, key=True, personal=True),
    _c("since_us", BigInteger),
    Index("segment_member_customer", "customer_id"),
    derived=True,
)
segment_state = _t(
    "segment_state",
    _c("customer_id", Text, key=True, personal=True),
    _c("state", LargeBinary, personal=True),
    derived=True,
)

segment_build = _t(
    "segment_build",
    _c("segment_id", Text, key=True),
    _c("version", Integer),
    _c("condition", JSON),  # as it runs: other segments written out
    _c("log_offset", BigInteger),
    derived=True,
)

# -- journeys and the ledger -------------------------------------------------------------------------------------------
assignment = _t(
    "assignment",
    _c("experiment", Text, key=True),
    _c("customer_id", Text, key=True, personal=True),
    _c("arm", Text),  # control | treated | the name of a split's arm
    _c("at_us", BigInteger),
    derived=True,
)
journey_visit = _t(
    "journey_visit",
    _c("visit_id", Text, key=True),
    _c("journey_id", Text),
    _c("version", Integer),
    _c("customer_id", Text, personal=True),
    _c("node", Text),
    _c("state", Text),  # waiting | done | exited
    _c("entered_us", BigInteger),
    _c("since_us", BigInteger),
    _c("reason", Text, null=True),
    _c("vars", JSON, personal=True),
    Index("journey_visit_customer", "customer_id"),
    Index("journey_visit_state", "journey_id", "state"),
    derived=True,
)
send = _t(
    "send",
    _c("send_key", Text, key=True),
    _c("journey_id", Text),
    _c("version", Integer),
    _c("node", Text),
    _c("campaign_id", Text, null=True),
    _c("visit_id", Text),
    _c("customer_id", Text, personal=True),
    _c("channel", Text),
    _c("purpose", Text),
    _c("content_id", Text),
    _c("address", Text, null=True, personal=True),
    _c("status", Text),  # refused | queued | handing | accepted | delivered | bounced | failed | unknown
    _c("reason", Text, null=True),
    _c("vars", JSON, personal=True),
    _c("decided_us", BigInteger),
    _c("next_try_us", BigInteger),
    _c("attempts", Integer),
    _c("handing_us", BigInteger, null=True),
    _c("accepted_us", BigInteger, null=True),
    _c("opened_us", BigInteger, null=True),
    _c("clicked_us", BigInteger, null=True),
    _c("logged", Integer),  # 1 once the outcome stands in the log as an event
    _c("changed_us", BigInteger),
    Index("send_status", "status", "next_try_us"),
    Index("send_customer", "customer_id", "decided_us"),
    Index("send_changed", "changed_us"),
)
message = _t(
    "message",
    _c("send_key", Text, key=True),
    _c("subject", Text, personal=True),
    _c("html", Text, personal=True),
    _c("text", Text, personal=True),
    _c("headers", JSON, personal=True),
    _c("rendered_us", BigInteger),
)

# -- definitions -------------------------------------------------------------------------------------------------------
definition = _t(
    "definition",
    _c("kind", Text, key=True),
    _c("id", Text, key=True),
    _c("version", Integer, key=True),
    _c("document", JSON),
    _c("created_us", BigInteger),
    _c("created_by", Text),
)
definition_head = _t(
    "definition_head",
    _c("kind", Text, key=True),
    _c("id", Text, key=True),
    _c("version", Integer),  # the newest
    _c("live_version", Integer, null=True),  # the one that was published last
    _c("status", Text),  # draft | live | paused | deleted
    _c("updated_us", BigInteger),
)

# -- doors -------------------------------------------------------------------------------------------------------------
user = _t(
    "user",
    _c("user_id", Text, key=True),
    _c("email", Text),
    _c("name", Text),
    _c("role", Text),  # owner | editor | viewer
    _c("password_hash", Text),
    _c("created_us", BigInteger),
    Index("user_email", "email", unique=True),
)
session = _t(
    "session",
    _c("token_hash", Text, key=True),
    _c("user_id", Text),
    _c("created_us", BigInteger),
    _c("expires_us", BigInteger),
)
api_key = _t(
    "api_key",
    _c("key_id", Text, key=True),
    _c("kind", Text),  # write | admin
    _c("name", Text),
    _c("key_hash", Text),
    _c("prefix", Text),
    _c("created_us", BigInteger),
    _c("revoked_us", BigInteger, null=True),
    Index("api_key_hash", "key_hash", unique=True),
)
secret = _t("secret", _c("name", Text, key=True), _c("value", Text))
audit = _t(
    "audit",
    Column("seq", Integer, primary_key=True, autoincrement=True, info={"personal": False}),
    _c("at_us", BigInteger),
    _c("actor", Text),
    _c("action", Text),
    _c("target", Text),
    _c("details", JSON),
)

# -- what was refused at the door, and what came by file ---------------------------------------------------------------
rejected = _t(
    "rejected",
    _c("rejected_id", Text, key=True),
    _c("at_us", BigInteger),
    _c("source_id", Text),
    _c("import_id", Text, null=True),
    _c("place", Text),  # row 12, item 3
    _c("code", Text),
    _c("message", Text),
    _c("body", Text, personal=True),
    _c("shape", Text),  # what `body` is, so that it can be sent again: "call", "row:orders" …; "" cannot be
    _c("status", Text),  # open | replayed | dropped
    _c("settled_us", BigInteger, null=True),
    Index("rejected_at", "at_us"),
    Index("rejected_source", "source_id", "at_us"),
)
OF_SOURCE = "source"
import_run = _t(
    "import_run",
    _c("import_id", Text, key=True),
    _c("source_id", Text),
    _c("file_name", Text),  # of a file; of a database or a tool the name of the source
    _c("kind", Text),
    _c("fingerprint", Text),  # of a file's content; OF_SOURCE where a source was read
    _c("columns", JSON),
    _c("started_us", BigInteger),
    _c("finished_us", BigInteger, null=True),
    _c("status", Text),  # running | done | failed
    _c("read", Integer),
    _c("accepted", Integer),
    _c("duplicate", Integer),
    _c("rejected", Integer),
    _c("error", Text, null=True),
    _c("total", Integer, null=True),  # rows there are, where it is known
    _c("done", Integer),  # rows that are durable: an import that was killed goes on behind them
    Index("import_started", "started_us"),
    Index("import_source", "source_id", "started_us"),
)
source_cursor = _t(
    "source_cursor",
    _c("source_id", Text, key=True),
    _c("cursor", Text),  # the connector's own; everything up to it is durable in the log
    _c("updated_us", BigInteger),
)

# -- what the data is worth --------------------------------------------------------------------------------------------
source_quality = _t(
    "source_quality",
    _c("source_id", Text, key=True),
    _c("day_us", BigInteger, key=True),  # the day's midnight in the workspace's zone
    _c("received", Integer),
    _c("rejected", Integer),
    _c("warned", Integer),
    _c("score", Float, null=True),  # 0 .. 1; absent where nothing came in
    _c("parts", JSON),  # of the score: {name: {share, n}}; a part that could not be judged is absent
    _c("findings", JSON),
)
catalogue_entry = _t(
    "catalogue_entry",  # what a person said of a dataset (field "") or of one of its fields
    _c("dataset", Text, key=True),
    _c("field", Text, key=True),
    _c("said", JSON),  # class, grade, owner, sensitivity, note
    _c("updated_us", BigInteger),
    _c("updated_by", Text),
)
catalogue_field = _t(
    "catalogue_field",  # what was found in the data; no replay finds again when something was seen first
    _c("dataset", Text, key=True),
    _c("field", Text, key=True),
    _c("found", JSON),  # types, filled, distinct, sensitivity detected
    _c("first_us", BigInteger),
    _c("last_us", BigInteger),
)
exchange_rate = _t(
    "exchange_rate",
    _c("day", Text, key=True),  # ISO date from which it holds
    _c("currency", Text, key=True),
    _c("per", Text, key=True),  # one `currency` is `rate` of `per`
    _c("rate", Float),
    _c("source_id", Text),
)


def personal_tables() -> dict[str, tuple[str, ...]]:
    """Table name to its personal columns, for every table that has some."""
    found = {
        t.name: tuple(c.name for c in t.columns if c.info["personal"]) for t in metadata.sorted_tables
    }  # fmt: skip
    return {name: columns for name, columns in found.items() if columns}


def derived_tables() -> tuple[Table, ...]:
    """The tables that a replay of the log rebuilds."""
    return tuple(t for t in metadata.sorted_tables if t.info["derived"])

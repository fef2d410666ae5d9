"""What is kept of customers? Who they are, what is known of them, what they allow, which segments they are in."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Float, Index, Integer, LargeBinary, Text

from homing.storage.schema.tables import c, table

# -- identity ---------------------------------------------------------------------------------------------------------
identifier = table(
    "identifier",
    c("type", Text, key=True),
    c("value", Text, key=True, personal=True),
    c("customer_id", Text, personal=True),
    c("first_us", BigInteger),
    c("last_us", BigInteger),
    c("source_id", Text),
    c("status", Text),  # active | blocked | shared | demoted
    c("rivals", JSON, null=True, personal=True),  # customers it was seen with who cannot be one person with its own
    Index("identifier_customer", "customer_id"),
    derived=True,
)
identity_edge = table(
    "identity_edge",
    c("a_type", Text, key=True),
    c("a_value", Text, key=True, personal=True),
    c("b_type", Text, key=True),
    c("b_value", Text, key=True, personal=True),
    c("event_id", Text),
    c("source_id", Text),
    c("at_us", BigInteger),
    Index("identity_edge_b", "b_type", "b_value"),
    derived=True,
)
merge = table(
    "merge",
    c("merge_id", Text, key=True),
    c("log_offset", BigInteger),
    c("loser", Text, personal=True),
    c("winner", Text, personal=True),
    c("at_us", BigInteger),
    c("event_id", Text),
    c("reason", Text),
    c("evidence", JSON, personal=True),
    c("undone_offset", BigInteger, null=True),  # the customers were taken apart again there
    c("undone_event", Text, null=True),
    Index("merge_offset", "log_offset"),
    Index("merge_loser", "loser"),
    Index("merge_winner", "winner"),
    derived=True,
)
identifier_move = table(
    "identifier_move",
    c("type", Text, key=True),
    c("value", Text, key=True, personal=True),
    c("until_offset", BigInteger, key=True),  # events before this one belong to `customer_id`
    c("customer_id", Text, personal=True),
    derived=True,
)
identity_conflict = table(
    "identity_conflict",
    c("conflict_id", Text, key=True),
    c("at_us", BigInteger),
    c("event_id", Text),
    c("customer_id", Text, personal=True),
    c("reason", Text),
    c("details", JSON, personal=True),
    c("other", Text, null=True, personal=True),  # the customer it contradicts; None: it is within one customer
    c("status", Text),  # open | merged | apart | dismissed | unlinked
    c("settled_us", BigInteger, null=True),
    c("settled_by", Text, null=True),
    Index("identity_conflict_status", "status", "at_us", "conflict_id"),
    Index("identity_conflict_customer", "customer_id"),
    Index("identity_conflict_other", "other"),
    derived=True,
)

# -- profile ----------------------------------------------------------------------------------------------------------
customer = table(
    "customer",
    c("customer_id", Text, key=True, personal=True),
    c("created_us", BigInteger),
    c("first_seen_us", BigInteger),
    c("last_seen_us", BigInteger),
    c("merged_into", Text, null=True, personal=True),
    c("display", Text, personal=True),  # what a list shows: name, else e-mail, else strongest identifier
    c("search", Text, personal=True),  # lower-case text the list's search looks in
    c("stage", Text),
    c("orders", Integer),
    c("revenue", Float),
    c("last_order_us", BigInteger, null=True),
    c("traits", JSON, personal=True),  # {name: [value, happened_us, source_id]}
    c("stats", JSON, personal=True),
    c("changed_offset", BigInteger),
    Index("customer_changed", "changed_offset"),
    Index("customer_seen", "last_seen_us"),
    Index("customer_revenue", "revenue"),
    derived=True,
)
trait_state = table(
    "trait_state",
    c("customer_id", Text, key=True, personal=True),
    c("state", LargeBinary, personal=True),  # what the live traits rest on
    derived=True,
)
product_category = table("product_category", c("product_id", Text, key=True), c("category", Text), derived=True)
computed_run = table(
    "computed_run",
    c("name", Text, key=True),
    c("at_us", BigInteger, key=True),
    c("as_of_offset", BigInteger),
    c("customers", Integer),
    c("changed", Integer),
)

# -- consent ----------------------------------------------------------------------------------------------------------
consent = table(
    "consent",
    c("customer_id", Text, key=True, personal=True),
    c("purpose", Text, key=True),
    c("channel", Text, key=True),
    c("status", Text),  # granted | withdrawn
    c("since_us", BigInteger),
    c("source_id", Text),
    derived=True,
)
suppression = table(
    "suppression",
    c("channel", Text, key=True),
    c("address", Text, key=True, personal=True),
    c("reason", Text),  # bounced | complained | manual
    c("since_us", BigInteger),
    derived=True,
)

# -- segments ---------------------------------------------------------------------------------------------------------
segment_member = table(
    "segment_member",
    c("segment_id", Text, key=True),
    c("customer_id", Text, key=True, personal=True),
    c("since_us", BigInteger),
    Index("segment_member_customer", "customer_id"),
    derived=True,
)
segment_state = table(
    "segment_state",
    c("customer_id", Text, key=True, personal=True),
    c("state", LargeBinary, personal=True),
    derived=True,
)

segment_build = table(
    "segment_build",
    c("segment_id", Text, key=True),
    c("version", Integer),
    c("condition", JSON),  # as it runs: other segments written out
    c("log_offset", BigInteger),
    derived=True,
)

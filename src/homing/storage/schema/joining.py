"""What was decided of identifiers, by hand or by likeness? Links, separations, values that do not link."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Float, Index, Integer, Text

from homing.storage.schema.tables import c, table

identity_link = table(
    "identity_link",
    c("link_id", Text, key=True),
    c("log_offset", BigInteger),
    c("a_type", Text),
    c("a_value", Text, personal=True),
    c("b_type", Text),
    c("b_value", Text, personal=True),
    c("event_id", Text),
    c("at_us", BigInteger),
    c("how", Text),  # hand | linked | split
    c("probability", Float, null=True),
    c("made_by", Text),
    c("ended_offset", BigInteger, null=True),  # a later split took it back
    Index("identity_link_a", "a_value"),
    Index("identity_link_b", "b_value"),
    derived=True,
)
identity_separation = table(
    "identity_separation",
    c("separation_id", Text, key=True),
    c("log_offset", BigInteger),
    c("event_id", Text),
    c("at_us", BigInteger),
    c("one", JSON, personal=True),  # [[type, value], ...]: none of these is ever joined ...
    c("other", JSON, personal=True),  # ... with one of these
    c("made_by", Text),
    c("reason", Text),
    c("ended_offset", BigInteger, null=True),  # a later merge by hand took it back
    derived=True,
)
identifier_block = table(
    "identifier_block",
    c("type", Text, key=True),
    c("value", Text, key=True, personal=True),
    c("status", Text),  # blocked | shared | lifted
    c("why", Text),  # hand | learned
    c("reason", Text),
    c("customers", Integer),  # learned: how many that cannot be one person it was seen with
    c("made_by", Text),
    c("at_us", BigInteger),
    c("event_id", Text),
    c("lifted_us", BigInteger, null=True),
    Index("identifier_block_at", "at_us"),
    derived=True,
)

"""What is said of customers in marks? Tags with value and expiry, lifecycle stages, and who approved a definition."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Boolean, Index, Integer, Text

from homing.storage.schema.tables import c, table

customer_tag = table(
    "customer_tag",
    c("customer_id", Text, key=True, personal=True),
    c("tag_id", Text, key=True),
    c("value", JSON),
    c("given_us", BigInteger),
    c("until_us", BigInteger, null=True),
    c("lapsed", Boolean),  # its time is over though its rule still holds: it is not given again until that ends
    c("how", Text),  # rule | model | manual | import
    c("given_by", Text),
    c("ref", Text),  # the event that gave it
    c("batch", Text),  # of what was given to many at once; else empty
    c("version", Integer),  # of the tag's definition
    c("log_offset", BigInteger),
    Index("customer_tag_tag", "tag_id", "lapsed"),
    derived=True,
)
tag_day = table(
    "tag_day",
    c("tag_id", Text, key=True),
    c("day", Integer, key=True),  # ordinal, in the workspace's zone
    c("added", Integer),
    c("removed", Integer),
    c("n", Integer),  # who had it when the day's last change was done
    derived=True,
)
customer_stage = table(
    "customer_stage",
    c("customer_id", Text, key=True, personal=True),
    c("model_id", Text, key=True),
    c("stage", Text),
    c("since_us", BigInteger),
    c("version", Integer),
    Index("customer_stage_stage", "model_id", "stage"),
    derived=True,
)
approval = table(
    "approval",
    c("kind", Text, key=True),
    c("id", Text, key=True),
    c("version", Integer, key=True),
    c("at_us", BigInteger, key=True),
    c("step", Text),  # proposed | approved | rejected
    c("by", Text),
    c("note", Text),
)

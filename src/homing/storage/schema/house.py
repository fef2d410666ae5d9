"""What does the workspace itself keep? The stream's place, definitions, users and keys."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Column, Index, Integer, LargeBinary, Text

from homing.storage.schema.tables import c, table

# -- the stream's place -----------------------------------------------------------------------------------------------
consumer = table("consumer", c("name", Text, key=True), c("log_offset", BigInteger), c("updated_us", BigInteger))
outbox = table(
    "outbox",
    Column("seq", Integer, primary_key=True, autoincrement=True, info={"personal": False}),
    c("event_id", Text),
    c("body", LargeBinary, personal=True),
)
timer = table(
    "timer",
    c("kind", Text, key=True),
    c("key", Text, key=True),
    c("due_us", BigInteger),
    c("customer_id", Text, personal=True),
    Index("timer_due", "due_us"),
    derived=True,
)

# -- definitions ------------------------------------------------------------------------------------------------------
definition = table(
    "definition",
    c("kind", Text, key=True),
    c("id", Text, key=True),
    c("version", Integer, key=True),
    c("document", JSON),
    c("created_us", BigInteger),
    c("created_by", Text),
)
definition_head = table(
    "definition_head",
    c("kind", Text, key=True),
    c("id", Text, key=True),
    c("version", Integer),  # the newest
    c("live_version", Integer, null=True),  # the one that was published last
    c("status", Text),  # draft | live | paused | deleted
    c("updated_us", BigInteger),
)

# -- doors ------------------------------------------------------------------------------------------------------------
user = table(
    "user",
    c("user_id", Text, key=True),
    c("email", Text),
    c("name", Text),
    c("role", Text),  # owner | editor | viewer
    c("password_hash", Text),
    c("created_us", BigInteger),
    Index("user_email", "email", unique=True),
)
session = table(
    "session",
    c("token_hash", Text, key=True),
    c("user_id", Text),
    c("created_us", BigInteger),
    c("expires_us", BigInteger),
)
api_key = table(
    "api_key",
    c("key_id", Text, key=True),
    c("kind", Text),  # write | admin
    c("name", Text),
    c("key_hash", Text),
    c("prefix", Text),
    c("created_us", BigInteger),
    c("revoked_us", BigInteger, null=True),
    Index("api_key_hash", "key_hash", unique=True),
)
secret = table("secret", c("name", Text, key=True), c("value", Text))
audit = table(
    "audit",
    Column("seq", Integer, primary_key=True, autoincrement=True, info={"personal": False}),
    c("at_us", BigInteger),
    c("actor", Text),
    c("action", Text),
    c("target", Text),
    c("details", JSON),
)

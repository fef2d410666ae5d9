"""What is kept of acting? Who waits where in a journey, and every message that was decided."""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Index, Integer, Text

from homing.storage.schema.tables import c, table

assignment = table(
    "assignment",
    c("experiment", Text, key=True),
    c("customer_id", Text, key=True, personal=True),
    c("arm", Text),  # control | treated | the name of a split's arm
    c("at_us", BigInteger),
    derived=True,
)
journey_visit = table(
    "journey_visit",
    c("visit_id", Text, key=True),
    c("journey_id", Text),
    c("version", Integer),
    c("customer_id", Text, personal=True),
    c("node", Text),
    c("state", Text),  # waiting | done | exited
    c("entered_us", BigInteger),
    c("since_us", BigInteger),
    c("reason", Text, null=True),
    c("vars", JSON, personal=True),
    Index("journey_visit_customer", "customer_id"),
    Index("journey_visit_state", "journey_id", "state"),
    derived=True,
)
send = table(
    "send",
    c("send_key", Text, key=True),
    c("journey_id", Text),
    c("version", Integer),
    c("node", Text),
    c("campaign_id", Text, null=True),
    c("visit_id", Text),
    c("customer_id", Text, personal=True),
    c("channel", Text),
    c("purpose", Text),
    c("content_id", Text),
    c("address", Text, null=True, personal=True),
    c("status", Text),  # refused | queued | handing | accepted | delivered | bounced | failed | unknown
    c("reason", Text, null=True),
    c("vars", JSON, personal=True),
    c("decided_us", BigInteger),
    c("next_try_us", BigInteger),
    c("attempts", Integer),
    c("handing_us", BigInteger, null=True),
    c("accepted_us", BigInteger, null=True),
    c("opened_us", BigInteger, null=True),
    c("clicked_us", BigInteger, null=True),
    c("logged", Integer),  # 1 once the outcome stands in the log as an event
    c("changed_us", BigInteger),
    Index("send_status", "status", "next_try_us"),
    Index("send_customer", "customer_id", "decided_us"),
    Index("send_changed", "changed_us"),
)
message = table(
    "message",
    c("send_key", Text, key=True),
    c("subject", Text, personal=True),
    c("html", Text, personal=True),
    c("text", Text, personal=True),
    c("headers", JSON, personal=True),
    c("rendered_us", BigInteger),
)

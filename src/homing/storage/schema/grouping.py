"""What is kept of records that may be one person, and of households and accounts that several customers make up?"""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Float, Index, Integer, Text

from homing.storage.schema.tables import c, table

# -- records without a shared key -------------------------------------------------------------------------------------
link_run = table(
    "link_run",
    c("run_id", Text, key=True),
    c("started_us", BigInteger),
    c("finished_us", BigInteger, null=True),
    c("status", Text),  # running | done | failed | interrupted
    c("step", Text),  # read | train | compare | collect | keep
    c("share", Float),  # of the work that is done, 0 .. 1
    c("made_by", Text),
    c("asked", JSON),  # sources, thresholds, whether likely pairs were accepted at once
    c("plan", JSON),  # what each column was taken for, the blocking rules, the counts
    c("records", Integer),
    c("accepted", Integer),
    c("review", Integer),
    c("error", Text, null=True),
)
link_pair = table(
    "link_pair",
    c("pair_id", Text, key=True),
    c("run_id", Text),
    c("customer_a", Text, personal=True),
    c("customer_b", Text, personal=True),
    c("probability", Float),
    c("prior", Float),  # evidence in bits before anything was compared
    c("weights", JSON),  # comparison -> evidence in bits
    c("why", Text),  # likely | grey | cut
    c("status", Text),  # open | accepted | rejected | impossible
    c("decided_us", BigInteger, null=True),
    c("decided_by", Text, null=True),
    Index("link_pair_open", "status", "probability", "pair_id"),
)
link_answer = table(
    "link_answer",
    c("pair_id", Text, key=True),
    c("customer_a", Text, personal=True),
    c("customer_b", Text, personal=True),
    c("answer", Text),  # linked | not_linked
    c("probability", Float, null=True),
    c("made_by", Text),
    c("event_id", Text),
    c("at_us", BigInteger),
    Index("link_answer_a", "customer_a"),
    Index("link_answer_b", "customer_b"),
    derived=True,
)

# -- households and accounts ------------------------------------------------------------------------------------------
group_entity = table(
    "group_entity",
    c("kind", Text, key=True),  # household | account
    c("group_id", Text, key=True),
    c("traits", JSON, personal=True),  # of an account: what its `group` events said, {name: [value, happened_us]}
    c("why", Text),  # the rule that made a household; `group` for an account
    c("size", Integer),
    c("since_us", BigInteger),
    c("changed_us", BigInteger),
    derived=True,
)
group_member = table(
    "group_member",
    c("kind", Text, key=True),
    c("group_id", Text, key=True),
    c("customer_id", Text, key=True, personal=True),
    c("since_us", BigInteger),
    c("last_us", BigInteger),
    Index("group_member_customer", "customer_id"),
    derived=True,
)
group_key = table(
    "group_key",
    c("rule", Text, key=True),
    c("key", Text, key=True),  # a fingerprint of what customers share; what it is is not kept
    c("customer_id", Text, key=True, personal=True),
    Index("group_key_customer", "customer_id"),
    derived=True,
)

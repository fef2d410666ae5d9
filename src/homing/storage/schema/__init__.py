"""Which tables does the state hold, and which columns are about a person?

Every table is declared here once. Each column is marked personal or not, so export and erasure are complete by
construction: `personal_tables()` is what they walk. Derived tables can be dropped and rebuilt from the log.
"""

from homing.storage.schema.acting import (
    assignment,
    journey_visit,
    message,
    send,
)
from homing.storage.schema.collecting import (
    OF_SOURCE,
    catalogue_entry,
    catalogue_field,
    exchange_rate,
    import_run,
    rejected,
    source_cursor,
    source_quality,
)
from homing.storage.schema.grouping import group_entity, group_key, group_member, link_answer, link_pair, link_run
from homing.storage.schema.house import (
    api_key,
    audit,
    consumer,
    definition,
    definition_head,
    outbox,
    secret,
    session,
    timer,
    user,
)
from homing.storage.schema.joining import identifier_block, identity_link, identity_separation
from homing.storage.schema.learned import model_version
from homing.storage.schema.marks import approval, customer_stage, customer_tag, tag_day
from homing.storage.schema.people import (
    computed_run,
    consent,
    customer,
    identifier,
    identifier_move,
    identity_conflict,
    identity_edge,
    merge,
    product_category,
    segment_build,
    segment_member,
    segment_state,
    suppression,
    trait_state,
)
from homing.storage.schema.tables import derived_tables, metadata, personal_tables

__all__ = [
    "OF_SOURCE",
    "api_key",
    "approval",
    "assignment",
    "audit",
    "catalogue_entry",
    "catalogue_field",
    "computed_run",
    "consent",
    "consumer",
    "customer",
    "customer_stage",
    "customer_tag",
    "definition",
    "definition_head",
    "derived_tables",
    "exchange_rate",
    "group_entity",
    "group_key",
    "group_member",
    "identifier",
    "identifier_block",
    "identifier_move",
    "identity_conflict",
    "identity_edge",
    "identity_link",
    "identity_separation",
    "import_run",
    "journey_visit",
    "link_answer",
    "link_pair",
    "link_run",
    "merge",
    "message",
    "metadata",
    "model_version",
    "outbox",
    "personal_tables",
    "product_category",
    "rejected",
    "secret",
    "segment_build",
    "segment_member",
    "segment_state",
    "send",
    "session",
    "source_cursor",
    "source_quality",
    "suppression",
    "tag_day",
    "timer",
    "trait_state",
    "user",
]

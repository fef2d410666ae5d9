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
)
from homing.storage.schema.tables import derived_tables, metadata, personal_tables

__all__ = [
    "OF_SOURCE",
    "api_key",
    "assignment",
    "audit",
    "catalogue_entry",
    "catalogue_field",
    "computed_run",
    "consent",
    "consumer",
    "customer",
    "definition",
    "definition_head",
    "derived_tables",
    "exchange_rate",
    "identifier",
    "identifier_move",
    "identity_conflict",
    "identity_edge",
    "import_run",
    "journey_visit",
    "merge",
    "message",
    "metadata",
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
    "timer",
    "user",
]

"""What is kept of models? Every version that was learned: its card, and what scoring needs.

Like a definition a version is made by somebody at a time; a replay of the log does not make it again, training does.
"""

from __future__ import annotations

from sqlalchemy import JSON, BigInteger, Index, Integer, LargeBinary, Text

from homing.storage.schema.tables import c, table

model_version = table(
    "model_version",
    c("kind", Text, key=True),
    c("id", Text, key=True),
    c("version", Integer, key=True),
    c("document", JSON),  # as it was learned from
    c("as_of_us", BigInteger),
    c("created_us", BigInteger),
    c("created_by", Text),
    c("card", JSON),
    c("artefact", LargeBinary, personal=True),  # JSON; may hold features of some customers, without their names
    c("scored_us", BigInteger, null=True),  # as of when its scores were written to customers last
    c("detail", JSON),  # how its scores are used: the segment made of them
    Index("model_version_created", "created_us"),
)

"""A customer's conflicts are found by an index, and those over a value that does not link are no longer open."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"

INDEXES = (("identity_conflict_customer", "customer_id"), ("identity_conflict_other", "other"))

MOOT = """
UPDATE identity_conflict SET status = 'unlinked', settled_by = b.made_by, settled_us = b.at_us FROM identifier_block b
WHERE identity_conflict.status = 'open' AND b.status IN ('blocked', 'shared')
  AND json_extract(details, '$.id[0]') = b.type AND json_extract(details, '$.id[1]') = b.value
"""


def upgrade() -> None:
    """Apply."""
    for name, column in INDEXES:
        op.create_index(name, "identity_conflict", [column])
    op.execute(MOOT)


def downgrade() -> None:
    """Take back."""
    for name, _ in INDEXES:
        op.drop_index(name, "identity_conflict")

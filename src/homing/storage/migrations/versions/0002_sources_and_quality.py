"""Sources with their place, rejected rows that can be sent again, quality, the catalogue, exchange rates."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

TABLES = ("exchange_rate", "catalogue_field", "catalogue_entry", "source_quality", "source_cursor")


def upgrade() -> None:
    """Apply."""
    _columns()
    op.create_table(
        "source_cursor",
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False),
        sa.Column("updated_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("source_id"),
    )
    op.create_table(
        "source_quality",
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.Column("day_us", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("warned", sa.Integer(), nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("parts", sa.JSON(), nullable=False),
        sa.Column("findings", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("source_id", "day_us"),
    )
    op.create_table(
        "catalogue_entry",
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("updated_us", sa.BigInteger(), nullable=False),
        sa.Column("updated_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("dataset", "field"),
    )
    op.create_table(
        "catalogue_field",
        sa.Column("dataset", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("found", sa.JSON(), nullable=False),
        sa.Column("first_us", sa.BigInteger(), nullable=False),
        sa.Column("last_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("dataset", "field"),
    )
    op.create_table(
        "exchange_rate",
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("per", sa.Text(), nullable=False),
        sa.Column("rate", sa.Float(), nullable=False),
        sa.Column("source_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("day", "currency", "per"),
    )


def downgrade() -> None:
    """Take back."""
    for table in TABLES:
        op.drop_table(table)
    op.drop_index("import_source", "import_run")
    op.drop_index("import_started", "import_run")
    for column in ("done", "total", "source_id"):
        op.drop_column("import_run", column)
    op.drop_index("rejected_source", "rejected")
    for column in ("settled_us", "status", "shape"):
        op.drop_column("rejected", column)


def _columns() -> None:
    op.add_column("rejected", sa.Column("shape", sa.Text(), nullable=False, server_default=""))
    op.add_column("rejected", sa.Column("status", sa.Text(), nullable=False, server_default="open"))
    op.add_column("rejected", sa.Column("settled_us", sa.BigInteger(), nullable=True))
    op.create_index("rejected_source", "rejected", ["source_id", "at_us"])
    op.add_column("import_run", sa.Column("source_id", sa.Text(), nullable=False, server_default="file"))
    op.add_column("import_run", sa.Column("total", sa.Integer(), nullable=True))
    op.add_column("import_run", sa.Column("done", sa.Integer(), nullable=False, server_default="0"))
    op.create_index("import_started", "import_run", ["started_us"])
    op.create_index("import_source", "import_run", ["source_id", "started_us"])

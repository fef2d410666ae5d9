"""Who a customer is, what is known and said of them: identity by hand, traits and tags that are defined."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

TABLES: tuple[str, ...] = (
    "group_key",
    "group_member",
    "group_entity",
    "link_answer",
    "link_pair",
    "link_run",
    "model_version",
    "trait_state",
    "approval",
    "customer_stage",
    "tag_day",
    "customer_tag",
    "identifier_block",
    "identity_separation",
    "identity_link",
)

COLUMNS = (  # what tables of before have besides
    ("identifier", "rivals"), ("merge", "undone_offset"), ("merge", "undone_event"), ("identity_conflict", "other"),
    ("identity_conflict", "status"), ("identity_conflict", "settled_us"), ("identity_conflict", "settled_by"),
)  # fmt: skip


def upgrade() -> None:
    """Apply."""
    _models()
    _traits()
    _tags()
    _identity()
    _linking()
    _groups()


def downgrade() -> None:
    """Take back."""
    op.drop_index("identity_conflict_status", "identity_conflict")
    for table, column in COLUMNS:
        op.drop_column(table, column)
    for table in TABLES:
        op.drop_table(table)


def _traits() -> None:
    op.create_table(
        "trait_state",
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id"),
    )


def _tags() -> None:
    op.create_table(
        "customer_tag",
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("tag_id", sa.Text(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("given_us", sa.BigInteger(), nullable=False),
        sa.Column("until_us", sa.BigInteger(), nullable=True),
        sa.Column("lapsed", sa.Boolean(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.Column("batch", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("log_offset", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "tag_id"),
    )
    op.create_index("customer_tag_tag", "customer_tag", ["tag_id", "lapsed"])
    op.create_table(
        "tag_day",
        sa.Column("tag_id", sa.Text(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("removed", sa.Integer(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tag_id", "day"),
    )
    op.create_table(
        "customer_stage",
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("model_id", sa.Text(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("since_us", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("customer_id", "model_id"),
    )
    op.create_index("customer_stage_stage", "customer_stage", ["model_id", "stage"])
    op.create_table(
        "approval",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "id", "version", "at_us"),
    )


def _identity() -> None:
    op.create_table(
        "identity_link",
        sa.Column("link_id", sa.Text(), nullable=False),
        sa.Column("log_offset", sa.BigInteger(), nullable=False),
        sa.Column("a_type", sa.Text(), nullable=False),
        sa.Column("a_value", sa.Text(), nullable=False),
        sa.Column("b_type", sa.Text(), nullable=False),
        sa.Column("b_value", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("probability", sa.Float(), nullable=True),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("ended_offset", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("link_id"),
    )
    op.create_index("identity_link_a", "identity_link", ["a_value"])
    op.create_index("identity_link_b", "identity_link", ["b_value"])
    op.create_table(
        "identity_separation",
        sa.Column("separation_id", sa.Text(), nullable=False),
        sa.Column("log_offset", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("one", sa.JSON(), nullable=False),
        sa.Column("other", sa.JSON(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("ended_offset", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("separation_id"),
    )
    op.create_table(
        "identifier_block",
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("customers", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("lifted_us", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("type", "value"),
    )
    op.create_index("identifier_block_at", "identifier_block", ["at_us"])
    op.add_column("identifier", sa.Column("rivals", sa.JSON(), nullable=True))
    op.add_column("merge", sa.Column("undone_offset", sa.BigInteger(), nullable=True))
    op.add_column("merge", sa.Column("undone_event", sa.Text(), nullable=True))
    op.add_column("identity_conflict", sa.Column("other", sa.Text(), nullable=True))
    op.add_column("identity_conflict", sa.Column("status", sa.Text(), nullable=False, server_default="open"))
    op.add_column("identity_conflict", sa.Column("settled_us", sa.BigInteger(), nullable=True))
    op.add_column("identity_conflict", sa.Column("settled_by", sa.Text(), nullable=True))
    op.create_index("identity_conflict_status", "identity_conflict", ["status", "at_us", "conflict_id"])


def _models() -> None:
    op.create_table(
        "model_version",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("as_of_us", sa.BigInteger(), nullable=False),
        sa.Column("created_us", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("card", sa.JSON(), nullable=False),
        sa.Column("artefact", sa.LargeBinary(), nullable=False),
        sa.Column("scored_us", sa.BigInteger(), nullable=True),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "id", "version"),
    )
    op.create_index("model_version_created", "model_version", ["created_us"])


def _linking() -> None:
    op.create_table(
        "link_run",
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("started_us", sa.BigInteger(), nullable=False),
        sa.Column("finished_us", sa.BigInteger(), nullable=True),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("share", sa.Float(), nullable=False),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("plan", sa.JSON(), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("review", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("run_id"),
    )
    op.create_table(
        "link_pair",
        sa.Column("pair_id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("customer_a", sa.Text(), nullable=False),
        sa.Column("customer_b", sa.Text(), nullable=False),
        sa.Column("probability", sa.Float(), nullable=False),
        sa.Column("prior", sa.Float(), nullable=False),
        sa.Column("weights", sa.JSON(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("decided_us", sa.BigInteger(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("pair_id"),
    )
    op.create_index("link_pair_open", "link_pair", ["status", "probability", "pair_id"])
    op.create_table(
        "link_answer",
        sa.Column("pair_id", sa.Text(), nullable=False),
        sa.Column("customer_a", sa.Text(), nullable=False),
        sa.Column("customer_b", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("probability", sa.Float(), nullable=True),
        sa.Column("made_by", sa.Text(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("at_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("pair_id"),
    )
    op.create_index("link_answer_a", "link_answer", ["customer_a"])
    op.create_index("link_answer_b", "link_answer", ["customer_b"])


def _groups() -> None:
    op.create_table(
        "group_entity",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("group_id", sa.Text(), nullable=False),
        sa.Column("traits", sa.JSON(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("since_us", sa.BigInteger(), nullable=False),
        sa.Column("changed_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "group_id"),
    )
    op.create_table(
        "group_member",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("group_id", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("since_us", sa.BigInteger(), nullable=False),
        sa.Column("last_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "group_id", "customer_id"),
    )
    op.create_index("group_member_customer", "group_member", ["customer_id"])
    op.create_table(
        "group_key",
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("rule", "key", "customer_id"),
    )
    op.create_index("group_key_customer", "group_key", ["customer_id"])

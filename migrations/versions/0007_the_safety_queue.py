"""The safety queue, crisis lines, senders that pause

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql


revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "safety_contact",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("school_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("phone_index", sa.LargeBinary(), nullable=True),
        sa.Column("by_email", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_safety_contact_school_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_safety_contact_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_safety_contact")),
        sa.UniqueConstraint("staff_id", name=op.f("uq_safety_contact_staff_id")),
    )
    with op.batch_alter_table("safety_contact", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_safety_contact_school_id"), ["school_id"], unique=False)

    op.create_table(
        "safety_alert",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("school_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("conversation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("inbox_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("tier", sa.String(), nullable=False),
        sa.Column("kinds", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("rules", sa.LargeBinary(), nullable=True),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pages", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("next_page_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acknowledged_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("assigned_to", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.CheckConstraint("outcome IN ('handled', 'false_alarm')", name=op.f("ck_safety_alert_outcome")),
        sa.CheckConstraint("tier IN ('urgent', 'concern', 'need')", name=op.f("ck_safety_alert_tier")),
        sa.ForeignKeyConstraint(
            ["acknowledged_by"], ["staff.id"], name=op.f("fk_safety_alert_acknowledged_by")
        ),
        sa.ForeignKeyConstraint(["assigned_to"], ["staff.id"], name=op.f("fk_safety_alert_assigned_to")),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversation.id"], name=op.f("fk_safety_alert_conversation_id")
        ),
        sa.ForeignKeyConstraint(["inbox_id"], ["inbox.id"], name=op.f("fk_safety_alert_inbox_id")),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_safety_alert_school_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_safety_alert")),
        sa.UniqueConstraint("inbox_id", name=op.f("uq_safety_alert_inbox_id")),
    )
    with op.batch_alter_table("safety_alert", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_safety_alert_conversation_id"), ["conversation_id"], unique=False
        )
        batch_op.create_index(
            "ix_safety_alert_open",
            ["school_id", "due_at"],
            unique=False,
            sqlite_where=sa.text("settled_at IS NULL"),
            postgresql_where=sa.text("settled_at IS NULL"),
        )
        batch_op.create_index(
            "ix_safety_alert_paging",
            ["next_page_at"],
            unique=False,
            sqlite_where=sa.text("next_page_at IS NOT NULL"),
            postgresql_where=sa.text("next_page_at IS NOT NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_safety_alert_school_id_settled_at"), ["school_id", "settled_at"], unique=False
        )

    op.create_table(
        "safety_page",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("ref", sa.String(), nullable=False),
        sa.Column("alert_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("way", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('ready', 'sending', 'sent', 'failed')", name=op.f("ck_safety_page_state")
        ),
        sa.CheckConstraint("way IN ('text', 'email')", name=op.f("ck_safety_page_way")),
        sa.ForeignKeyConstraint(["alert_id"], ["safety_alert.id"], name=op.f("fk_safety_page_alert_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_safety_page_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_safety_page")),
        sa.UniqueConstraint("ref", name=op.f("uq_safety_page_ref")),
    )
    with op.batch_alter_table("safety_page", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_safety_page_alert_id"), ["alert_id"], unique=False)
        batch_op.create_index(
            "ix_safety_page_open",
            ["at"],
            unique=False,
            sqlite_where=sa.text("state IN ('ready', 'sending')"),
            postgresql_where=sa.text("state IN ('ready', 'sending')"),
        )

    op.create_table(
        "safety_step",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("alert_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
        sa.Column("to_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["alert_id"], ["safety_alert.id"], name=op.f("fk_safety_step_alert_id")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_safety_step_staff_id")),
        sa.ForeignKeyConstraint(["to_id"], ["staff.id"], name=op.f("fk_safety_step_to_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_safety_step")),
    )
    with op.batch_alter_table("safety_step", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_safety_step_alert_id"), ["alert_id"], unique=False)

    op.add_column("school", sa.Column("emergency_number", sa.String(), nullable=False, server_default="911"))
    op.add_column("school", sa.Column("crisis_line", sa.String(), nullable=False, server_default="988"))
    op.add_column("school", sa.Column("crisis_texts", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("sender", sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("sender", "paused_at")
    op.drop_column("school", "crisis_texts")
    op.drop_column("school", "crisis_line")
    op.drop_column("school", "emergency_number")
    with op.batch_alter_table("safety_step", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_safety_step_alert_id"))

    op.drop_table("safety_step")
    with op.batch_alter_table("safety_page", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_safety_page_open",
            sqlite_where=sa.text("state IN ('ready', 'sending')"),
            postgresql_where=sa.text("state IN ('ready', 'sending')"),
        )
        batch_op.drop_index(batch_op.f("ix_safety_page_alert_id"))

    op.drop_table("safety_page")
    with op.batch_alter_table("safety_alert", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_safety_alert_school_id_settled_at"))
        batch_op.drop_index(
            "ix_safety_alert_paging",
            sqlite_where=sa.text("next_page_at IS NOT NULL"),
            postgresql_where=sa.text("next_page_at IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_safety_alert_open",
            sqlite_where=sa.text("settled_at IS NULL"),
            postgresql_where=sa.text("settled_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_safety_alert_conversation_id"))

    op.drop_table("safety_alert")
    with op.batch_alter_table("safety_contact", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_safety_contact_school_id"))

    op.drop_table("safety_contact")

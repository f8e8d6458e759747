"""Pictures that families send, WhatsApp's approved templates, and how a text travelled.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
WAITING = sa.text("state = 'waiting'")


def upgrade() -> None:
    op.create_table(
        "media",
        sa.Column("id", ID, nullable=False),
        sa.Column("inbox_id", ID, nullable=False),
        sa.Column("number", ID, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("content_type", sa.String(), nullable=True),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("size", ID, nullable=True),
        sa.Column("attempts", ID, nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'kept', 'refused', 'failed', 'erased')", name=op.f("ck_media_state")
        ),
        sa.ForeignKeyConstraint(["inbox_id"], ["inbox.id"], name=op.f("fk_media_inbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media")),
        sa.UniqueConstraint("inbox_id", "number", name=op.f("uq_media_inbox_id_number")),
    )
    op.create_index("ix_media_waiting", "media", ["next_at"], sqlite_where=WAITING, postgresql_where=WAITING)
    op.create_table(
        "whatsapp_template",
        sa.Column("id", ID, nullable=False),
        sa.Column("content_sid", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("wording", sa.String(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_whatsapp_template")),
        sa.UniqueConstraint("content_sid", name=op.f("uq_whatsapp_template_content_sid")),
    )
    op.add_column("conversation", sa.Column("answers_to", ID, nullable=True))
    op.add_column("inbox", sa.Column("came_by", sa.String(), nullable=True))
    op.add_column("outbox", sa.Column("way", sa.String(), nullable=True))
    op.add_column("outbox", sa.Column("content_sid", sa.String(), nullable=True))


def downgrade() -> None:
    op.drop_column("outbox", "content_sid")
    op.drop_column("outbox", "way")
    op.drop_column("inbox", "came_by")
    op.drop_column("conversation", "answers_to")
    op.drop_table("whatsapp_template")
    op.drop_index("ix_media_waiting", "media")
    op.drop_table("media")

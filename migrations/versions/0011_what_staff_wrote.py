"""What staff wrote is found without reading everything the bot says: summaries ask for a month of it.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_STAFF = sa.text("kind = 'staff'")


def upgrade() -> None:
    op.create_index(
        "ix_outbox_staff",
        "outbox",
        ["created_at", "conversation_id"],
        sqlite_where=_STAFF,
        postgresql_where=_STAFF,
    )


def downgrade() -> None:
    op.drop_index("ix_outbox_staff", "outbox")

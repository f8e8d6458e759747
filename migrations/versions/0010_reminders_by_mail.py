"""Reminders of the promise clock go by mail too, where a mail server is set.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("staff_nudge", sa.Column("mail_after", sa.DateTime(timezone=True), nullable=True))
    op.add_column("staff_nudge", sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("staff_nudge") as table:
        table.drop_column("mailed_at")
        table.drop_column("mail_after")

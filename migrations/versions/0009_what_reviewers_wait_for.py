"""What waits for a reviewer is found without looking through every text.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_inbox_unread", "inbox", ["id"], "body_en IS NULL AND language <> 'en'"),
    ("ix_outbox_withheld", "outbox", ["reason", "id"], "state = 'withheld'"),
    ("ix_translation_machine", "translation", ["target_language", "id"], "origin = 'machine'"),
)


def upgrade() -> None:
    for name, table, columns, where in INDEXES:
        op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def downgrade() -> None:
    for name, table, _columns, _where in reversed(INDEXES):
        op.drop_index(name, table_name=table)

"""Whose words a translation came from, a family's own correction, how its text was read, what is critical at a school.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

from bot.store.base import Json
from bot.store.columns import SealedBytes

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

PLACED = ("translation", "wording_correction")


def upgrade() -> None:
    for table in PLACED:
        with op.batch_alter_table(table) as batch_op:
            batch_op.add_column(sa.Column("conversation_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite")))
            batch_op.create_foreign_key(
                f"fk_{table}_conversation_id", "conversation", ["conversation_id"], ["id"]
            )
            batch_op.create_index(f"ix_{table}_conversation_id", ["conversation_id"])
    with op.batch_alter_table("wording_correction") as batch_op:
        batch_op.add_column(sa.Column("said_by", sa.String(), nullable=False, server_default="staff"))
        batch_op.add_column(sa.Column("line", sa.String()))
    with op.batch_alter_table("inbox") as batch_op:
        batch_op.add_column(sa.Column("read_as", SealedBytes()))
    with op.batch_alter_table("school") as batch_op:
        batch_op.add_column(sa.Column("uncritical_topics", Json, nullable=False, server_default="[]"))
        batch_op.add_column(sa.Column("critical_words", Json, nullable=False, server_default="[]"))


def downgrade() -> None:
    with op.batch_alter_table("school") as batch_op:
        batch_op.drop_column("critical_words")
        batch_op.drop_column("uncritical_topics")
    with op.batch_alter_table("inbox") as batch_op:
        batch_op.drop_column("read_as")
    with op.batch_alter_table("wording_correction") as batch_op:
        batch_op.drop_column("line")
        batch_op.drop_column("said_by")
    for table in reversed(PLACED):
        with op.batch_alter_table(table) as batch_op:
            batch_op.drop_index(f"ix_{table}_conversation_id")
            batch_op.drop_constraint(f"fk_{table}_conversation_id", type_="foreignkey")
            batch_op.drop_column("conversation_id")

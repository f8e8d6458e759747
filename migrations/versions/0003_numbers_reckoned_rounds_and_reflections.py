"""Numbers reckoned once a day, rounds of input and what their prompts are told, reflections of staff.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def _id() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "reckoned",
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("numbers", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("question", name=op.f("pk_reckoned")),
    )
    op.create_table(
        "staff_reflection",
        sa.Column("id", _id(), nullable=False),
        sa.Column("staff_id", _id(), nullable=False),
        sa.Column("learned", sa.LargeBinary(), nullable=False),
        sa.Column("next_step", sa.LargeBinary(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_staff_reflection_staff_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_reflection")),
    )
    op.create_index(op.f("ix_staff_reflection_staff_id_at"), "staff_reflection", ["staff_id", "at"])
    op.create_table(
        "input_round",
        sa.Column("id", _id(), nullable=False),
        sa.Column("school_id", _id(), nullable=False),
        sa.Column("section_id", _id(), nullable=True),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("opened_by", _id(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ideas_prompt_id", _id(), nullable=False),
        sa.Column("vote_prompt_id", _id(), nullable=True),
        sa.Column("told_prompt_id", _id(), nullable=True),
        sa.Column("options", sa.LargeBinary(), nullable=True),
        sa.Column("ledger_id", _id(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["school_id"], ["school.id"], name=op.f("fk_input_round_school_id")),
        sa.ForeignKeyConstraint(["section_id"], ["section.id"], name=op.f("fk_input_round_section_id")),
        sa.ForeignKeyConstraint(["opened_by"], ["staff.id"], name=op.f("fk_input_round_opened_by")),
        sa.ForeignKeyConstraint(
            ["ideas_prompt_id"], ["prompt.id"], name=op.f("fk_input_round_ideas_prompt_id")
        ),
        sa.ForeignKeyConstraint(
            ["vote_prompt_id"], ["prompt.id"], name=op.f("fk_input_round_vote_prompt_id")
        ),
        sa.ForeignKeyConstraint(
            ["told_prompt_id"], ["prompt.id"], name=op.f("fk_input_round_told_prompt_id")
        ),
        sa.ForeignKeyConstraint(["ledger_id"], ["said_and_done.id"], name=op.f("fk_input_round_ledger_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_input_round")),
    )
    op.create_index(op.f("ix_input_round_school_id_opened_at"), "input_round", ["school_id", "opened_at"])
    with op.batch_alter_table("prompt") as batch_op:
        batch_op.add_column(sa.Column("told", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("prompt") as batch_op:
        batch_op.drop_column("told")
    op.drop_index(op.f("ix_input_round_school_id_opened_at"), table_name="input_round")
    op.drop_table("input_round")
    op.drop_index(op.f("ix_staff_reflection_staff_id_at"), table_name="staff_reflection")
    op.drop_table("staff_reflection")
    op.drop_table("reckoned")

"""How staff come in, and what reviewers say: counted tries, accounts elsewhere, second steps, phones, questions.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(astext_type=sa.Text()), "postgresql")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table('sign_in_window',
    sa.Column('mark', sa.LargeBinary(), nullable=False),
    sa.Column('seconds', ID, nullable=False),
    sa.Column('begins_at', INSTANT, nullable=False),
    sa.Column('tries', ID, nullable=False),
    sa.PrimaryKeyConstraint('mark', 'seconds', 'begins_at', name=op.f('pk_sign_in_window'))
    )
    op.create_index(op.f('ix_sign_in_window_begins_at'), 'sign_in_window', ['begins_at'], unique=False)
    op.create_table('second_step',
    sa.Column('id', ID, nullable=False),
    sa.Column('staff_id', ID, nullable=False),
    sa.Column('secret', sa.LargeBinary(), nullable=False),
    sa.Column('begun_at', INSTANT, nullable=False),
    sa.Column('confirmed_at', INSTANT, nullable=True),
    sa.Column('last_step', sa.BigInteger(), nullable=False),
    sa.Column('recovery', JSON, nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_second_step_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_second_step')),
    sa.UniqueConstraint('staff_id', name=op.f('uq_second_step_staff_id'))
    )
    op.create_table('staff_identity',
    sa.Column('issuer', sa.String(), nullable=False),
    sa.Column('subject', sa.String(), nullable=False),
    sa.Column('staff_id', ID, nullable=False),
    sa.Column('at', INSTANT, nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_staff_identity_staff_id')),
    sa.PrimaryKeyConstraint('issuer', 'subject', name=op.f('pk_staff_identity')),
    sa.UniqueConstraint('staff_id', 'issuer', name=op.f('uq_staff_identity_staff_id_issuer'))
    )
    op.create_table('staff_phone',
    sa.Column('id', ID, nullable=False),
    sa.Column('staff_id', ID, nullable=False),
    sa.Column('phone', sa.LargeBinary(), nullable=False),
    sa.Column('phone_index', sa.LargeBinary(), nullable=False),
    sa.Column('code', sa.LargeBinary(), nullable=True),
    sa.Column('code_until', INSTANT, nullable=True),
    sa.Column('confirmed_at', INSTANT, nullable=True),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_staff_phone_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff_phone')),
    sa.UniqueConstraint('staff_id', name=op.f('uq_staff_phone_staff_id'))
    )
    op.create_index(op.f('ix_staff_phone_phone_index'), 'staff_phone', ['phone_index'], unique=False)
    op.create_table('review_question',
    sa.Column('id', ID, nullable=False),
    sa.Column('school_id', ID, nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('item_id', sa.BigInteger(), nullable=False),
    sa.Column('conversation_id', ID, nullable=True),
    sa.Column('asked_by', ID, nullable=False),
    sa.Column('asked_of', ID, nullable=True),
    sa.Column('question', sa.LargeBinary(), nullable=False),
    sa.Column('asked_at', INSTANT, nullable=False),
    sa.Column('answer', sa.LargeBinary(), nullable=True),
    sa.Column('answered_by', ID, nullable=True),
    sa.Column('answered_at', INSTANT, nullable=True),
    sa.ForeignKeyConstraint(['answered_by'], ['staff.id'], name=op.f('fk_review_question_answered_by')),
    sa.ForeignKeyConstraint(['asked_by'], ['staff.id'], name=op.f('fk_review_question_asked_by')),
    sa.ForeignKeyConstraint(['asked_of'], ['staff.id'], name=op.f('fk_review_question_asked_of')),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], name=op.f('fk_review_question_conversation_id')),
    sa.ForeignKeyConstraint(['school_id'], ['school.id'], name=op.f('fk_review_question_school_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_review_question'))
    )
    op.create_index(op.f('ix_review_question_conversation_id'), 'review_question', ['conversation_id'], unique=False)
    op.create_index(op.f('ix_review_question_kind_item_id'), 'review_question', ['kind', 'item_id'], unique=False)
    op.create_index(op.f('ix_review_question_school_id_answered_at'), 'review_question', ['school_id', 'answered_at'], unique=False)
    op.create_table('review_rejection',
    sa.Column('id', ID, nullable=False),
    sa.Column('school_id', ID, nullable=False),
    sa.Column('kind', sa.String(), nullable=False),
    sa.Column('item_id', sa.BigInteger(), nullable=False),
    sa.Column('conversation_id', ID, nullable=True),
    sa.Column('staff_id', ID, nullable=False),
    sa.Column('author_id', ID, nullable=True),
    sa.Column('reason', sa.LargeBinary(), nullable=False),
    sa.Column('at', INSTANT, nullable=False),
    sa.Column('seen_at', INSTANT, nullable=True),
    sa.ForeignKeyConstraint(['author_id'], ['staff.id'], name=op.f('fk_review_rejection_author_id')),
    sa.ForeignKeyConstraint(['conversation_id'], ['conversation.id'], name=op.f('fk_review_rejection_conversation_id')),
    sa.ForeignKeyConstraint(['school_id'], ['school.id'], name=op.f('fk_review_rejection_school_id')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_review_rejection_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_review_rejection'))
    )
    op.create_index(op.f('ix_review_rejection_author_id_seen_at'), 'review_rejection', ['author_id', 'seen_at'], unique=False)
    op.create_index(op.f('ix_review_rejection_conversation_id'), 'review_rejection', ['conversation_id'], unique=False)
    op.create_index(op.f('ix_review_rejection_kind_item_id'), 'review_rejection', ['kind', 'item_id'], unique=False)


def downgrade() -> None:
    op.drop_index(op.f('ix_review_rejection_kind_item_id'), table_name='review_rejection')
    op.drop_index(op.f('ix_review_rejection_conversation_id'), table_name='review_rejection')
    op.drop_index(op.f('ix_review_rejection_author_id_seen_at'), table_name='review_rejection')
    op.drop_table('review_rejection')
    op.drop_index(op.f('ix_review_question_school_id_answered_at'), table_name='review_question')
    op.drop_index(op.f('ix_review_question_kind_item_id'), table_name='review_question')
    op.drop_index(op.f('ix_review_question_conversation_id'), table_name='review_question')
    op.drop_table('review_question')
    op.drop_index(op.f('ix_staff_phone_phone_index'), table_name='staff_phone')
    op.drop_table('staff_phone')
    op.drop_table('staff_identity')
    op.drop_table('second_step')
    op.drop_index(op.f('ix_sign_in_window_begins_at'), table_name='sign_in_window')
    op.drop_table('sign_in_window')

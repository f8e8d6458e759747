"""Alembic's entry. The connection comes from `bot.store.migrate`, never from a file."""

import sqlalchemy as sa
from alembic import context

from bot.store.columns import SealedBytes, Utc
from bot.store.tables import metadata


def render_item(kind, item, autogen_context):
    """Write our column types as plain ones: a migration must not change when our code does."""
    if kind == "type" and isinstance(item, Utc):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, SealedBytes):
        return "sa.LargeBinary()"
    if kind == "type" and isinstance(item, sa.JSON):
        return "sa.JSON().with_variant(postgresql.JSONB(), 'postgresql')"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_item=render_item,
    render_as_batch=True,
    transaction_per_migration=False,
)
context.run_migrations()

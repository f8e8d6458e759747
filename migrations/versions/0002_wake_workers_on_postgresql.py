"""procrastinate's own tables, which wake workers on PostgreSQL; SQLite has none (workers look every few milliseconds).

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    # The schema of procrastinate 3.10, as the installed package carries it; constraints.txt pins the package, and a
    # newer one brings its own migrations, to be added here as the next revision.
    from procrastinate.schema import SchemaManager

    with connection.connection.cursor() as cursor:
        cursor.execute(SchemaManager.get_schema())


DROP = """
DO $$
DECLARE item record;
BEGIN
    FOR item IN SELECT format('DROP TABLE IF EXISTS %I CASCADE', tablename) AS sql
        FROM pg_tables WHERE schemaname = current_schema() AND tablename LIKE 'procrastinate\\_%' LOOP
        EXECUTE item.sql;
    END LOOP;
    FOR item IN SELECT format('DROP FUNCTION IF EXISTS %s CASCADE', p.oid::regprocedure) AS sql
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname = current_schema() AND p.proname LIKE 'procrastinate\\_%' LOOP
        EXECUTE item.sql;
    END LOOP;
    FOR item IN SELECT format('DROP TYPE IF EXISTS %I CASCADE', t.typname) AS sql
        FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace
        WHERE n.nspname = current_schema() AND t.typname LIKE 'procrastinate\\_%' AND t.typtype IN ('e', 'c') LOOP
        EXECUTE item.sql;
    END LOOP;
END $$
"""


def downgrade() -> None:
    connection = op.get_bind()
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(DROP.replace("%", "%%"))

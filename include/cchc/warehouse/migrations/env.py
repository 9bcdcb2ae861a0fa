"""Alembic environment: runs on the connection its caller hands over."""

from alembic import context

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, version_table_schema="public", version_table="cchc_version", transactional_ddl=True
)
with context.begin_transaction():
    context.run_migrations()

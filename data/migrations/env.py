"""Alembic's entry: run the migrations on the connection that `data.database` hands over."""

from alembic import context

from data.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"], target_metadata=METADATA, transaction_per_migration=False
)
context.run_migrations()

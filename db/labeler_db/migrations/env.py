"""Runs the migrations on the engine that `labeler_db.migrate` hands over."""

from alembic import context
from sqlalchemy import Engine

from labeler_db.models import Base

engine: Engine = context.config.attributes["engine"]

with engine.connect().execution_options(writes=True) as connection:
    context.configure(
        connection=connection, target_metadata=Base.metadata, render_as_batch=True, transaction_per_migration=True
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()

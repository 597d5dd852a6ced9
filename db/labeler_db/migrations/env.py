"""Runs the migrations on the engine that `labeler_db.migrate` hands over: all of them in one transaction, or none."""

from alembic import context
from sqlalchemy import Engine

from labeler_db.models import Base

engine: Engine = context.config.attributes["engine"]

with engine.connect().execution_options(writes=True) as connection:
    raw = connection.connection.driver_connection
    assert raw is not None
    # Rebuilding a table drops the old one, which would delete every row that refers to it. Only outside a transaction can this be set.
    raw.execute("PRAGMA foreign_keys=OFF")
    try:
        with connection.begin():
            context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True)
            context.run_migrations()
            orphan = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
            if orphan is not None:
                raise RuntimeError(f"the migration left a row of {orphan[0]} that refers to nothing")
    finally:
        raw.execute("PRAGMA foreign_keys=ON")

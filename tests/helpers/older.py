"""Projects as an older program left them."""

from pathlib import Path

from alembic import command

from labeler.services.project import DATABASE
from labeler_db import migrate
from labeler_db.engine import make_engine


def older(folder: Path) -> Path:
    """Takes the project in `folder` back to the first revision; returns `folder`."""
    engine = make_engine(folder / DATABASE)
    command.downgrade(migrate.config(engine), migrate.revisions()[0])
    engine.dispose()
    return folder

"""A number that grows with whatever a version would hold, so that freezing what has not changed need not read it all

Triggers keep it: no program that writes to the file goes around them. Whoever rebuilds one of these tables must make its triggers anew.

Revision ID: 0004
Revises: 0003
"""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

WATCHED = {
    "images": "upright_sha256, format, width, height, state, doubts, writer_id, group_id",
    "boxes": "image_id, class_id, x, y, w, h",
    "writers": "split",
    "groups": "split",
    "classes": "name",
}


def upgrade() -> None:
    op.execute(
        "CREATE TABLE content (id INTEGER NOT NULL, changes INTEGER NOT NULL, CONSTRAINT pk_content PRIMARY KEY (id))"
    )
    op.execute("INSERT INTO content (id, changes) VALUES (1, 0)")
    op.execute("ALTER TABLE versions ADD COLUMN as_of INTEGER")
    for table, columns in WATCHED.items():
        for event in ("INSERT", "DELETE", f"UPDATE OF {columns}"):
            op.execute(
                f"CREATE TRIGGER {_name(table, event)} AFTER {event} ON {table}"
                " BEGIN UPDATE content SET changes = changes + 1; END"
            )


def downgrade() -> None:
    for table, columns in WATCHED.items():
        for event in ("INSERT", "DELETE", f"UPDATE OF {columns}"):
            op.execute(f"DROP TRIGGER {_name(table, event)}")
    with op.batch_alter_table("versions") as batch_op:
        batch_op.drop_column("as_of")
    op.drop_table("content")


def _name(table: str, event: str) -> str:
    return f"content_after_{event.split()[0].lower()}_of_{table}"

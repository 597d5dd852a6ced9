"""How far a suggestion was sized to the person's habit, and an index that finds the pages a habit is learnt from

Revision ID: 0005
Revises: 0004
"""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

INDEX = "ix_images_source_reviewed_with_reviewed_at"


def upgrade() -> None:
    op.execute("ALTER TABLE suggestions ADD COLUMN margin DOUBLE DEFAULT '0' NOT NULL")
    op.drop_index("ix_images_source", "images")
    op.create_index(INDEX, "images", ["source", "reviewed_with", "reviewed_at"])


def downgrade() -> None:
    op.drop_index(INDEX, "images")
    op.create_index("ix_images_source", "images", ["source"])
    with op.batch_alter_table("suggestions") as batch_op:
        batch_op.drop_column("margin")

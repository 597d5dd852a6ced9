"""Which model's suggestions a review was made with

Revision ID: 0002
Revises: 0001
"""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # SQLite adds a column with its reference in one statement only; rebuilding the table would copy every row.
    op.execute(
        "ALTER TABLE images ADD COLUMN reviewed_with INTEGER "
        "CONSTRAINT fk_images_reviewed_with_models REFERENCES models (id)"
    )
    op.execute("UPDATE images SET reviewed_with = suggested_by WHERE state = 'reviewed'")


def downgrade() -> None:
    with op.batch_alter_table("images") as batch_op:
        batch_op.drop_column("reviewed_with")

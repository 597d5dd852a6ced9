"""Why a person must look at an image whose labels were made without one

Revision ID: 0003
Revises: 0002
"""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE images ADD COLUMN doubts JSON")


def downgrade() -> None:
    with op.batch_alter_table("images") as batch_op:
        batch_op.drop_column("doubts")

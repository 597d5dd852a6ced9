"""Initial schema

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "blobs",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_blobs")),
    )
    op.create_table(
        "classes",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_classes")),
        sa.UniqueConstraint("name", name=op.f("uq_classes_name")),
    )
    op.create_table(
        "groups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("split", sa.String(), nullable=True),
        sa.Column("split_by", sa.String(), nullable=True),
        sa.CheckConstraint("split IN ('train', 'val', 'test')", name=op.f("ck_groups_split")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_groups")),
    )
    op.create_table(
        "settings",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_settings")),
    )
    op.create_table(
        "versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("classes", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_versions")),
        sa.UniqueConstraint("name", name=op.f("uq_versions_name")),
    )
    with op.batch_alter_table("versions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_versions_hash"), ["hash"], unique=False)

    op.create_table(
        "writers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("split", sa.String(), nullable=True),
        sa.Column("split_by", sa.String(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("split IN ('train', 'val', 'test')", name=op.f("ck_writers_split")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_writers")),
        sa.UniqueConstraint("code", name=op.f("uq_writers_code")),
    )
    op.create_table(
        "models",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("arch", sa.String(), nullable=False),
        sa.Column("imgsz", sa.Integer(), nullable=False),
        sa.Column("classes", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("weights_sha256", sa.String(length=64), nullable=True),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("version_id", sa.Integer(), nullable=True),
        sa.Column("run_id", sa.Integer(), nullable=True),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.Column("metrics", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["models.id"], name=op.f("fk_models_parent_id_models")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.id"], name=op.f("fk_models_run_id_runs"), use_alter=True),
        sa.ForeignKeyConstraint(["version_id"], ["versions.id"], name=op.f("fk_models_version_id_versions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_models")),
        sa.UniqueConstraint("name", name=op.f("uq_models_name")),
    )
    op.create_table(
        "images",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("upright_sha256", sa.String(length=64), nullable=False),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("prompt", sa.String(), nullable=True),
        sa.Column("fingerprint", sa.BigInteger(), nullable=False),
        sa.Column("writer_id", sa.Integer(), nullable=True),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(), server_default="new", nullable=False),
        sa.Column("suggested_by", sa.Integer(), nullable=True),
        sa.Column("uncertainty", sa.Float(), nullable=True),
        sa.Column("added_at", sa.DateTime(), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint("state IN ('new', 'suggested', 'reviewed')", name=op.f("ck_images_state")),
        sa.CheckConstraint("(writer_id IS NULL) <> (group_id IS NULL)", name=op.f("ck_images_writer_or_group")),
        sa.CheckConstraint("width > 0 AND height > 0", name=op.f("ck_images_size")),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_images_group_id_groups")),
        sa.ForeignKeyConstraint(["sha256"], ["blobs.sha256"], name=op.f("fk_images_sha256_blobs")),
        sa.ForeignKeyConstraint(["suggested_by"], ["models.id"], name=op.f("fk_images_suggested_by_models")),
        sa.ForeignKeyConstraint(["upright_sha256"], ["blobs.sha256"], name=op.f("fk_images_upright_sha256_blobs")),
        sa.ForeignKeyConstraint(["writer_id"], ["writers.id"], name=op.f("fk_images_writer_id_writers")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_images")),
        sa.UniqueConstraint("sha256", name=op.f("uq_images_sha256")),
    )
    with op.batch_alter_table("images", schema=None) as batch_op:
        batch_op.create_index("ix_images_fingerprint", ["fingerprint"], unique=False)
        batch_op.create_index("ix_images_group_id", ["group_id"], unique=False)
        batch_op.create_index("ix_images_source", ["source"], unique=False)
        batch_op.create_index("ix_images_state_id", ["state", "id"], unique=False)
        batch_op.create_index("ix_images_uncertainty_id", ["uncertainty", "id"], unique=False)
        batch_op.create_index("ix_images_upright_sha256", ["upright_sha256"], unique=False)
        batch_op.create_index("ix_images_writer_id", ["writer_id"], unique=False)

    op.create_table(
        "promotions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("previous_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["model_id"], ["models.id"], name=op.f("fk_promotions_model_id_models")),
        sa.ForeignKeyConstraint(["previous_id"], ["models.id"], name=op.f("fk_promotions_previous_id_models")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promotions")),
    )
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("folder", sa.String(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=True),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("pid", sa.Integer(), nullable=True),
        sa.Column("pid_started", sa.Double(), nullable=True),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["parent_id"], ["models.id"], name=op.f("fk_runs_parent_id_models")),
        sa.ForeignKeyConstraint(["version_id"], ["versions.id"], name=op.f("fk_runs_version_id_versions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_runs")),
    )
    op.create_table(
        "edits",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("image_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("merge_key", sa.String(), nullable=True),
        sa.Column("state", sa.String(), server_default=sa.text("'applied'"), nullable=False),
        sa.Column("annotator", sa.String(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("state IN ('applied', 'undone', 'dropped')", name=op.f("ck_edits_state")),
        sa.ForeignKeyConstraint(["image_id"], ["images.id"], name=op.f("fk_edits_image_id_images"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_edits")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("edits", schema=None) as batch_op:
        batch_op.create_index("ix_edits_image_id", ["image_id"], unique=False)
        batch_op.create_index("ix_edits_state_id", ["state", "id"], unique=False)

    op.create_table(
        "ink",
        sa.Column("image_id", sa.Integer(), nullable=False),
        sa.Column("strokes", sa.JSON(), nullable=False),
        sa.Column("settings", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["image_id"], ["images.id"], name=op.f("fk_ink_image_id_images"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("image_id", name=op.f("pk_ink")),
    )
    op.create_table(
        "suggestions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("image_id", sa.Integer(), nullable=False),
        sa.Column("model_id", sa.Integer(), nullable=False),
        sa.Column("class_id", sa.Integer(), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("x", sa.Double(), nullable=False),
        sa.Column("y", sa.Double(), nullable=False),
        sa.Column("w", sa.Double(), nullable=False),
        sa.Column("h", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["class_id"], ["classes.id"], name=op.f("fk_suggestions_class_id_classes")),
        sa.ForeignKeyConstraint(
            ["image_id"], ["images.id"], name=op.f("fk_suggestions_image_id_images"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["model_id"], ["models.id"], name=op.f("fk_suggestions_model_id_models")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggestions")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("suggestions", schema=None) as batch_op:
        batch_op.create_index("ix_suggestions_image_id", ["image_id"], unique=False)
        batch_op.create_index("ix_suggestions_model_id", ["model_id"], unique=False)

    op.create_table(
        "thumbnails",
        sa.Column("image_id", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["image_id"], ["images.id"], name=op.f("fk_thumbnails_image_id_images"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("image_id", name=op.f("pk_thumbnails")),
    )
    op.create_table(
        "version_images",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("image_id", sa.Integer(), nullable=True),
        sa.Column("upright_sha256", sa.String(length=64), nullable=False),
        sa.Column("format", sa.String(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("split", sa.String(), nullable=False),
        sa.Column("writer", sa.String(), nullable=True),
        sa.Column("boxes", sa.JSON(), nullable=False),
        sa.CheckConstraint("split IN ('train', 'val', 'test')", name=op.f("ck_version_images_split")),
        sa.ForeignKeyConstraint(
            ["image_id"], ["images.id"], name=op.f("fk_version_images_image_id_images"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["versions.id"], name=op.f("fk_version_images_version_id_versions"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_version_images")),
        sa.UniqueConstraint("version_id", "upright_sha256", name=op.f("uq_version_images_version_id_upright_sha256")),
    )
    with op.batch_alter_table("version_images", schema=None) as batch_op:
        batch_op.create_index("ix_version_images_image_id", ["image_id"], unique=False)

    op.create_table(
        "boxes",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("image_id", sa.Integer(), nullable=False),
        sa.Column("class_id", sa.Integer(), nullable=False),
        sa.Column("x", sa.Double(), nullable=False),
        sa.Column("y", sa.Double(), nullable=False),
        sa.Column("w", sa.Double(), nullable=False),
        sa.Column("h", sa.Double(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("suggestion_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("w > 0 AND h > 0", name=op.f("ck_boxes_size")),
        sa.ForeignKeyConstraint(["class_id"], ["classes.id"], name=op.f("fk_boxes_class_id_classes")),
        sa.ForeignKeyConstraint(["image_id"], ["images.id"], name=op.f("fk_boxes_image_id_images"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["suggestion_id"], ["suggestions.id"], name=op.f("fk_boxes_suggestion_id_suggestions")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_boxes")),
        sa.UniqueConstraint("suggestion_id", name=op.f("uq_boxes_suggestion_id")),
    )
    with op.batch_alter_table("boxes", schema=None) as batch_op:
        batch_op.create_index("ix_boxes_class_id", ["class_id"], unique=False)
        batch_op.create_index("ix_boxes_image_id", ["image_id"], unique=False)

    op.create_table(
        "rejections",
        sa.Column("suggestion_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["suggestion_id"],
            ["suggestions.id"],
            name=op.f("fk_rejections_suggestion_id_suggestions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("suggestion_id", name=op.f("pk_rejections")),
    )


def downgrade() -> None:
    op.drop_table("rejections")
    with op.batch_alter_table("boxes", schema=None) as batch_op:
        batch_op.drop_index("ix_boxes_image_id")
        batch_op.drop_index("ix_boxes_class_id")

    op.drop_table("boxes")
    with op.batch_alter_table("version_images", schema=None) as batch_op:
        batch_op.drop_index("ix_version_images_image_id")

    op.drop_table("version_images")
    op.drop_table("thumbnails")
    with op.batch_alter_table("suggestions", schema=None) as batch_op:
        batch_op.drop_index("ix_suggestions_model_id")
        batch_op.drop_index("ix_suggestions_image_id")

    op.drop_table("suggestions")
    op.drop_table("ink")
    with op.batch_alter_table("edits", schema=None) as batch_op:
        batch_op.drop_index("ix_edits_state_id")
        batch_op.drop_index("ix_edits_image_id")

    op.drop_table("edits")
    op.drop_table("runs")
    op.drop_table("promotions")
    with op.batch_alter_table("images", schema=None) as batch_op:
        batch_op.drop_index("ix_images_writer_id")
        batch_op.drop_index("ix_images_upright_sha256")
        batch_op.drop_index("ix_images_uncertainty_id")
        batch_op.drop_index("ix_images_state_id")
        batch_op.drop_index("ix_images_source")
        batch_op.drop_index("ix_images_group_id")
        batch_op.drop_index("ix_images_fingerprint")

    op.drop_table("images")
    op.drop_table("models")
    op.drop_table("writers")
    with op.batch_alter_table("versions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_versions_hash"))

    op.drop_table("versions")
    op.drop_table("settings")
    op.drop_table("groups")
    op.drop_table("classes")
    op.drop_table("blobs")

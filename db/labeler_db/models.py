"""The tables. Boxes and suggestions are floats in pixels of the upright image, top-left origin; times are UTC."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    DateTime,
    Float,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def utcnow() -> datetime:
    """The time now, in UTC."""
    return datetime.now(UTC)


class UtcDateTime(TypeDecorator[datetime]):
    """SQLite drops time zones: keep UTC inside, give UTC back."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return value.astimezone(UTC).replace(tzinfo=None) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        return value.replace(tzinfo=UTC) if value is not None else None


class Base(DeclarativeBase):
    """Every table of a project."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {
        dict[str, Any]: JSON,
        list[Any]: JSON,
        datetime: UtcDateTime,
    }


class SettingRow(Base):
    """One fact of the project as JSON, by key."""

    __tablename__ = "settings"
    key: Mapped[str] = mapped_column(String, primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)


class ClassRow(Base):
    """A class a box may hold. In the default project id n is digit n."""

    __tablename__ = "classes"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(unique=True)


class WriterRow(Base):
    """The person whose hand wrote images, by a pseudonymous code.

    The split is the writer's, so it can never differ between their images.
    """

    __tablename__ = "writers"
    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    note: Mapped[str] = mapped_column(default="")
    split: Mapped[str | None]
    split_by: Mapped[str | None]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    __table_args__ = (CheckConstraint("split IN ('train', 'val', 'test')", name="split"),)


class GroupRow(Base):
    """Near-duplicate images without a writer share a group and its split, as a writer's images share the writer's."""

    __tablename__ = "groups"
    id: Mapped[int] = mapped_column(primary_key=True)
    split: Mapped[str | None]
    split_by: Mapped[str | None]
    __table_args__ = (CheckConstraint("split IN ('train', 'val', 'test')", name="split"),)


class BlobRow(Base):
    """Bytes, stored once per SHA-256."""

    __tablename__ = "blobs"
    sha256: Mapped[str] = mapped_column(String(64), primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class ImageRow(Base):
    """One picture. `sha256` names the original bytes, `upright_sha256` the bytes that everything looks at and exports.

    Exactly one of writer and group says which split it is in. `reviewed_with` is the model whose suggestions lay on the page
    when a person marked it reviewed: a newer one that looks later had no part in that review.
    """

    __tablename__ = "images"
    id: Mapped[int] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(ForeignKey("blobs.sha256"), unique=True)
    upright_sha256: Mapped[str] = mapped_column(ForeignKey("blobs.sha256"))
    format: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    name: Mapped[str]
    source: Mapped[str] = mapped_column(default="")
    kind: Mapped[str] = mapped_column(default="picture")
    prompt: Mapped[str | None]
    fingerprint: Mapped[int] = mapped_column(BigInteger)
    writer_id: Mapped[int | None] = mapped_column(ForeignKey("writers.id"))
    group_id: Mapped[int | None] = mapped_column(ForeignKey("groups.id"))
    state: Mapped[str] = mapped_column(default="new", server_default="new")
    suggested_by: Mapped[int | None] = mapped_column(ForeignKey("models.id"))
    uncertainty: Mapped[float | None] = mapped_column(Float)
    added_at: Mapped[datetime] = mapped_column(default=utcnow)
    reviewed_at: Mapped[datetime | None]
    doubts: Mapped[list[Any] | None] = mapped_column(JSON(none_as_null=True))
    reviewed_with: Mapped[int | None] = mapped_column(ForeignKey("models.id"))
    __table_args__ = (
        CheckConstraint("state IN ('new', 'suggested', 'reviewed')", name="state"),
        CheckConstraint("(writer_id IS NULL) <> (group_id IS NULL)", name="writer_or_group"),
        CheckConstraint("width > 0 AND height > 0", name="size"),
        Index("ix_images_state_id", "state", "id"),
        Index("ix_images_writer_id", "writer_id"),
        Index("ix_images_group_id", "group_id"),
        Index("ix_images_source_reviewed_with_reviewed_at", "source", "reviewed_with", "reviewed_at"),
        Index("ix_images_fingerprint", "fingerprint"),
        Index("ix_images_uncertainty_id", "uncertainty", "id"),
        Index("ix_images_upright_sha256", "upright_sha256"),
    )


class ThumbnailRow(Base):
    """A small JPEG of the upright image."""

    __tablename__ = "thumbnails"
    image_id: Mapped[int] = mapped_column(ForeignKey("images.id", ondelete="CASCADE"), primary_key=True)
    data: Mapped[bytes] = mapped_column(LargeBinary)


class InkRow(Base):
    """The strokes of an image drawn on the pad, as JSON: lists of points (x, y, t, pressure) in pixels of the image."""

    __tablename__ = "ink"
    image_id: Mapped[int] = mapped_column(ForeignKey("images.id", ondelete="CASCADE"), primary_key=True)
    strokes: Mapped[list[Any]]
    settings: Mapped[dict[str, Any]]


class ModelRow(Base):
    """Weights with their history.

    Files lie in `models/<sha256>.onnx` and, where training is possible, `models/<weights_sha256>.pt`.
    """

    __tablename__ = "models"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    origin: Mapped[str]
    arch: Mapped[str]
    imgsz: Mapped[int]
    classes: Mapped[list[Any]]
    sha256: Mapped[str] = mapped_column(String(64))
    weights_sha256: Mapped[str | None] = mapped_column(String(64))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("models.id"))
    version_id: Mapped[int | None] = mapped_column(ForeignKey("versions.id"))
    run_id: Mapped[int | None] = mapped_column(ForeignKey("runs.id", use_alter=True))
    settings: Mapped[dict[str, Any]] = mapped_column(default=dict)
    metrics: Mapped[dict[str, Any]] = mapped_column(default=dict)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)


class PromotionRow(Base):
    """Each change of the current model: the newest row says which model suggests."""

    __tablename__ = "promotions"
    id: Mapped[int] = mapped_column(primary_key=True)
    model_id: Mapped[int] = mapped_column(ForeignKey("models.id"))
    previous_id: Mapped[int | None] = mapped_column(ForeignKey("models.id"))
    kind: Mapped[str]
    reason: Mapped[str] = mapped_column(default="")
    by: Mapped[str] = mapped_column(default="")
    at: Mapped[datetime] = mapped_column(default=utcnow)


class SuggestionRow(Base):
    """A model's box with a score. Immutable once written; nobody's word yet.

    `margin` is how much further than the model's own box this one reaches on each side, as a share of the longer side of that one.
    """

    __tablename__ = "suggestions"
    id: Mapped[int] = mapped_column(primary_key=True)
    image_id: Mapped[int] = mapped_column(ForeignKey("images.id", ondelete="CASCADE"))
    model_id: Mapped[int] = mapped_column(ForeignKey("models.id"))
    class_id: Mapped[int] = mapped_column(ForeignKey("classes.id"))
    score: Mapped[float]
    x: Mapped[float]
    y: Mapped[float]
    w: Mapped[float]
    h: Mapped[float]
    margin: Mapped[float] = mapped_column(default=0.0, server_default="0")
    __table_args__ = (
        Index("ix_suggestions_image_id", "image_id"),
        Index("ix_suggestions_model_id", "model_id"),
        {"sqlite_autoincrement": True},
    )


class RejectionRow(Base):
    """A person said no to a suggestion."""

    __tablename__ = "rejections"
    suggestion_id: Mapped[int] = mapped_column(ForeignKey("suggestions.id", ondelete="CASCADE"), primary_key=True)


class BoxRow(Base):
    """A rectangle with a class that a person stands behind. At most one box comes from a suggestion."""

    __tablename__ = "boxes"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    image_id: Mapped[int] = mapped_column(ForeignKey("images.id", ondelete="CASCADE"))
    class_id: Mapped[int] = mapped_column(ForeignKey("classes.id"))
    x: Mapped[float]
    y: Mapped[float]
    w: Mapped[float]
    h: Mapped[float]
    origin: Mapped[str]
    suggestion_id: Mapped[int | None] = mapped_column(ForeignKey("suggestions.id"), unique=True)
    __table_args__ = (
        CheckConstraint("w > 0 AND h > 0", name="size"),
        Index("ix_boxes_image_id", "image_id"),
        Index("ix_boxes_class_id", "class_id"),
    )


class EditRow(Base):
    """The edit log: each row one step, `before` and `after` as JSON.

    `undone` steps can be redone; `dropped` ones were overtaken by a new edit.
    """

    __tablename__ = "edits"
    id: Mapped[int] = mapped_column(primary_key=True)
    image_id: Mapped[int] = mapped_column(ForeignKey("images.id", ondelete="CASCADE"))
    text: Mapped[str]
    before: Mapped[dict[str, Any]]
    after: Mapped[dict[str, Any]]
    merge_key: Mapped[str | None]
    state: Mapped[str] = mapped_column(default="applied", server_default="applied")
    annotator: Mapped[str] = mapped_column(default="")
    seconds: Mapped[float] = mapped_column(default=0.0)
    at: Mapped[datetime] = mapped_column(default=utcnow)
    __table_args__ = (
        CheckConstraint("state IN ('applied', 'undone', 'dropped')", name="state"),
        Index("ix_edits_state_id", "state", "id"),
        Index("ix_edits_image_id", "image_id"),
        {"sqlite_autoincrement": True},
    )


class ContentRow(Base):
    """One row, whose number grows whenever something changes that a version would hold: triggers see to it, see migration 0004."""

    __tablename__ = "content"
    id: Mapped[int] = mapped_column(primary_key=True)
    changes: Mapped[int]


class VersionRow(Base):
    """A frozen data set. Two versions with one hash hold the same data.

    `as_of` is the content's number when freezing last found just this.
    """

    __tablename__ = "versions"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(unique=True)
    hash: Mapped[str] = mapped_column(String(64), index=True)
    note: Mapped[str] = mapped_column(default="")
    classes: Mapped[list[Any]]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    as_of: Mapped[int | None]


class VersionImageRow(Base):
    """One image as it was when the version was frozen."""

    __tablename__ = "version_images"
    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("versions.id", ondelete="CASCADE"))
    image_id: Mapped[int | None] = mapped_column(ForeignKey("images.id", ondelete="SET NULL"))
    upright_sha256: Mapped[str] = mapped_column(String(64))
    format: Mapped[str]
    width: Mapped[int]
    height: Mapped[int]
    split: Mapped[str]
    writer: Mapped[str | None]
    boxes: Mapped[list[Any]]
    __table_args__ = (
        UniqueConstraint("version_id", "upright_sha256"),
        CheckConstraint("split IN ('train', 'val', 'test')", name="split"),
        Index("ix_version_images_image_id", "image_id"),
    )


class RunRow(Base):
    """One training: its request, where its folder lies under `runs/`, and how it ended."""

    __tablename__ = "runs"
    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str]
    folder: Mapped[str]
    version_id: Mapped[int | None] = mapped_column(ForeignKey("versions.id"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("models.id"))
    pid: Mapped[int | None]
    pid_started: Mapped[float | None]
    request: Mapped[dict[str, Any]]
    result: Mapped[dict[str, Any]] = mapped_column(default=dict)
    reason: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    ended_at: Mapped[datetime | None]

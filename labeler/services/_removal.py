"""Takes images out of the project with all that hangs on them: within a transaction that the caller owns."""

from collections.abc import Sequence

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from labeler.services._rows import chunks
from labeler_db.models import (
    BlobRow,
    BoxRow,
    EditRow,
    GroupRow,
    ImageRow,
    InkRow,
    RejectionRow,
    SuggestionRow,
    ThumbnailRow,
    VersionImageRow,
)


def remove_images(session: Session, image_ids: Sequence[int]) -> set[str]:
    """Delete images with their boxes, suggestions, ink, thumbnails, edits and, where nothing else needs them, their bytes.

    Versions keep their frozen boxes, and the bytes of what is frozen stay; returns the hashes of the bytes that went.
    """
    gone: set[str] = set()
    for part in chunks(image_ids):
        hashes = session.execute(select(ImageRow.sha256, ImageRow.upright_sha256).where(ImageRow.id.in_(part))).all()
        groups = list(
            session.scalars(select(ImageRow.group_id).where(ImageRow.id.in_(part), ImageRow.group_id.is_not(None)))
        )
        suggestions = select(SuggestionRow.id).where(SuggestionRow.image_id.in_(part))
        session.execute(delete(BoxRow).where(BoxRow.image_id.in_(part)))
        session.execute(delete(RejectionRow).where(RejectionRow.suggestion_id.in_(suggestions)))
        for table in (SuggestionRow, EditRow, InkRow, ThumbnailRow):
            session.execute(delete(table).where(table.image_id.in_(part)))
        session.execute(update(VersionImageRow).where(VersionImageRow.image_id.in_(part)).values(image_id=None))
        session.execute(delete(ImageRow).where(ImageRow.id.in_(part)))
        used = select(ImageRow.group_id).where(ImageRow.group_id.is_not(None))
        session.execute(delete(GroupRow).where(GroupRow.id.in_(groups), GroupRow.id.not_in(used)))
        gone |= _drop_bytes(session, {sha for pair in hashes for sha in pair})
    return gone


def _drop_bytes(session: Session, hashes: set[str]) -> set[str]:
    """Delete the bytes that no image and no version needs any more."""
    gone = set()
    for sha in hashes:
        images = select(func.count(ImageRow.id)).where(or_(ImageRow.sha256 == sha, ImageRow.upright_sha256 == sha))
        frozen = select(func.count(VersionImageRow.id)).where(VersionImageRow.upright_sha256 == sha)
        if not session.scalar(images) and not session.scalar(frozen):
            session.execute(delete(BlobRow).where(BlobRow.sha256 == sha))
            gone.add(sha)
    return gone

"""The orders in which a list of images can come, as SQL: each says in its own way how much a look at a page is worth."""

from sqlalchemy import Select, and_, func, select

from labeler.core.boxes import ReviewState
from labeler.core.filters import Order
from labeler_db.models import BoxRow, ImageRow, SuggestionRow


def ordered(query: Select[int], order: Order) -> Select[int]:
    """The query for image ids in this order; ties by id."""
    match order:
        case Order.NAME:
            return query.order_by(ImageRow.name, ImageRow.id)
        case Order.UNCERTAIN:
            return query.order_by(ImageRow.uncertainty.desc().nulls_last(), ImageRow.id)
        case Order.DISAGREES:
            return _by_disagreement(query)
        case Order.COVERAGE:
            return _by_coverage(query)
        case Order.ADDED:
            return query.order_by(ImageRow.id)


def _by_disagreement(query: Select[int]) -> Select[int]:
    """Pages with boxes first, those where most of the last model's suggestions did not become a box of their class before the others."""
    kept = and_(BoxRow.suggestion_id == SuggestionRow.id, BoxRow.class_id == SuggestionRow.class_id)
    differs = (
        select(SuggestionRow.image_id, (func.count() - func.count(BoxRow.id)).label("count"))
        .join(ImageRow, and_(ImageRow.id == SuggestionRow.image_id, ImageRow.suggested_by == SuggestionRow.model_id))
        .outerjoin(BoxRow, kept)
        .group_by(SuggestionRow.image_id)
        .subquery()
    )
    boxed = select(BoxRow.image_id).distinct().subquery()
    return (
        query.outerjoin(differs, differs.c.image_id == ImageRow.id)
        .outerjoin(boxed, boxed.c.image_id == ImageRow.id)
        .order_by(boxed.c.image_id.is_(None), func.coalesce(differs.c.count, 0).desc(), ImageRow.id)
    )


def _by_coverage(query: Select[int]) -> Select[int]:
    """Pages not reviewed first, in turns: of each writer the next one, writers with the fewest reviewed pages first.

    Within a turn those with the digit first that the fewest boxes have. A writer's reviewed pages take the first turns, so that the next
    one's turn is as late as they are many.
    """
    reviewed = ImageRow.state == str(ReviewState.REVIEWED)
    whose = (ImageRow.writer_id, ImageRow.group_id)
    turns = select(
        ImageRow.id,
        func.row_number().over(partition_by=whose, order_by=(reviewed.desc(), ImageRow.id)).label("turn"),
    ).subquery()
    boxes = select(BoxRow.class_id, func.count().label("count")).group_by(BoxRow.class_id).subquery()
    rarest = (
        select(SuggestionRow.image_id, func.min(func.coalesce(boxes.c.count, 0)).label("boxes"))
        .outerjoin(boxes, boxes.c.class_id == SuggestionRow.class_id)
        .group_by(SuggestionRow.image_id)
        .subquery()
    )
    return (
        query.join(turns, turns.c.id == ImageRow.id)
        .outerjoin(rarest, rarest.c.image_id == ImageRow.id)
        .order_by(reviewed, turns.c.turn, rarest.c.boxes.asc().nulls_last(), ImageRow.id)
    )

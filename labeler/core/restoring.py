"""The edit that gives a page the boxes of a frozen version again. Pure."""

from collections import Counter
from collections.abc import Sequence

from labeler.core.boxes import Box, ClassRect, new_box
from labeler.core.edits import Edit, Side
from labeler.core.pages import Page
from labeler.core.versions import freeze_boxes


def restore(page: Page, frozen: Sequence[ClassRect], text: str) -> Edit:
    """Boxes that the version does not know go, as if deleted by hand; those that are missing come; what is equal stays as it is.

    The class ids of `frozen` are the project's. Whether the page is reviewed stays as it is.
    """
    wanted = Counter(frozen)
    gone: list[Box] = []
    for box in page.boxes:
        (as_frozen,) = freeze_boxes([(box.class_id, box)])
        if wanted[as_frozen]:
            wanted[as_frozen] -= 1
        else:
            gone.append(box)
    fresh = tuple(new_box(rect, rect.class_id) for rect in wanted.elements())
    rejected = frozenset(b.suggestion_id for b in gone if b.suggestion_id is not None)
    return Edit(page.image.id, text, Side(tuple(gone)), Side(fresh, rejected))

"""Which cursor says what a press would do."""

from PySide6.QtCore import Qt

from labeler.core.hit import Hit, Part

_SHAPES = {
    Part.BODY: Qt.CursorShape.SizeAllCursor,
    Part.LEFT: Qt.CursorShape.SizeHorCursor,
    Part.RIGHT: Qt.CursorShape.SizeHorCursor,
    Part.TOP: Qt.CursorShape.SizeVerCursor,
    Part.BOTTOM: Qt.CursorShape.SizeVerCursor,
    Part.TOP_LEFT: Qt.CursorShape.SizeFDiagCursor,
    Part.BOTTOM_RIGHT: Qt.CursorShape.SizeFDiagCursor,
    Part.TOP_RIGHT: Qt.CursorShape.SizeBDiagCursor,
    Part.BOTTOM_LEFT: Qt.CursorShape.SizeBDiagCursor,
}


def cursor_over(found: Hit | None, *, drawing: bool, space: bool, panning: bool) -> Qt.CursorShape:
    """The cursor over what a press would grab."""
    if panning:
        return Qt.CursorShape.ClosedHandCursor
    if space:
        return Qt.CursorShape.OpenHandCursor
    if drawing and found is None:
        return Qt.CursorShape.CrossCursor
    return _SHAPES[found.part] if found else Qt.CursorShape.ArrowCursor

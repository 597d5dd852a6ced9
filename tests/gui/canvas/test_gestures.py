"""The mouse on the canvas: selecting, moving, resizing, drawing, panning, and giving up in the middle of it."""

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QNativeGestureEvent, QPointingDevice, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from labeler.core.boxes import Box, Rect
from labeler.core.hit import handles
from labeler.core.pages import Page, replace
from labeler.gui.canvas.canvas import Canvas
from tests.gui.canvas.conftest import ALT, CONTROL, GUESS, MIDDLE, ONE, PAGE, SHIFT, TWO, Hand

Placed = list[dict[object, Rect]]


def wheel(canvas: Canvas, at: QPoint, *, up: int, keys: Qt.KeyboardModifier) -> None:
    place = QPointF(at)
    event = QWheelEvent(
        place, canvas.mapToGlobal(place), QPoint(), QPoint(0, up), Qt.MouseButton.NoButton, keys, Qt.ScrollPhase.NoScrollPhase, False
    )  # fmt: skip
    QApplication.sendEvent(canvas, event)


def near(rect: Rect, other: Rect, slack: float = 0.6) -> bool:
    return all(abs(getattr(rect, k) - getattr(other, k)) <= slack for k in ("x", "y", "w", "h"))


def test_a_click_selects_and_a_click_on_paper_selects_nothing(canvas: Canvas, hand: Hand) -> None:
    hand.click(70, 80)
    assert canvas.selection == ("one",)
    hand.click(85, 205)
    assert canvas.selection == (GUESS.id,)
    hand.click(350, 250)
    assert canvas.selection == ()


def test_shift_click_adds_and_takes_away(canvas: Canvas, hand: Hand) -> None:
    hand.click(70, 80)
    hand.click(240, 90, SHIFT)
    assert canvas.selection == ("one", "two")
    hand.click(70, 80, SHIFT)
    assert canvas.selection == ("two",)


def test_a_rubber_band_selects_what_it_touches_and_shift_keeps_the_rest(canvas: Canvas, hand: Hand) -> None:
    hand.drag((20, 160), (80, 200))
    assert canvas.selection == (GUESS.id,)
    hand.drag((150, 20), (220, 100), SHIFT)
    assert canvas.selection == (GUESS.id, "two")
    hand.drag((10, 10), (390, 290))
    assert set(canvas.selection) == {"one", "two", GUESS.id}


def test_a_drag_moves_everything_selected_and_reports_once(canvas: Canvas, hand: Hand, placed: Placed) -> None:
    canvas.select(["one", "two"])
    hand.drag((70, 80), (90, 95))
    assert len(placed) == 1
    assert near(placed[0]["one"], Rect(60, 55, 60, 80))
    assert near(placed[0]["two"], Rect(220, 75, 80, 60))


def test_an_unselected_box_is_selected_and_moved_in_one_drag(canvas: Canvas, hand: Hand, placed: Placed) -> None:
    hand.drag((240, 90), (250, 100))
    assert canvas.selection == ("two",)
    assert near(placed[0]["two"], Rect(210, 70, 80, 60))


def test_a_click_within_a_selection_leaves_only_the_clicked_one(canvas: Canvas, hand: Hand, placed: Placed) -> None:
    canvas.select(["one", "two"])
    hand.click(240, 90)
    assert canvas.selection == ("two",)
    assert not placed


def test_a_wobbling_click_moves_nothing(canvas: Canvas, hand: Hand, placed: Placed) -> None:
    hand.drag((70, 80), (71, 80))
    assert not placed


def test_a_handle_resizes_and_an_edge_of_any_box_too(canvas: Canvas, hand: Hand, placed: Placed) -> None:
    canvas.select(["one"])
    hand.drag((100, 120), (120, 140))
    assert near(placed[-1]["one"], Rect(40, 40, 80, 100))
    hand.drag((280, 90), (300, 90))
    assert near(placed[-1]["two"], Rect(200, 60, 100, 60))


@pytest.mark.parametrize("scale", [0.25, 0.5, 1.0, 8.0, 30.0])
def test_every_handle_works_at_any_zoom(canvas: Canvas, hand: Hand, placed: Placed, scale: float) -> None:
    small = replace(PAGE, boxes=(replace(ONE, w=12, h=16), TWO))
    canvas.show_page(small, canvas.scene.picture)
    canvas.zoom(scale / canvas.view.scale)
    canvas.select(["one"])
    for handle in handles(Rect(40, 40, 12, 16), canvas.view.scale):
        canvas.reveal(Rect(40, 40, 12, 16))
        far = 30 / canvas.view.scale
        x, y = handle.part.value
        hand.drag((handle.x, handle.y), (handle.x + x * far, handle.y + y * far), ALT)
        there = placed[-1]["one"]
        assert (there.w > 12.5) == (x != 0)
        assert (there.h > 16.5) == (y != 0)


def test_edges_snap_to_the_border_of_the_page_unless_alt_is_held(canvas: Canvas, hand: Hand, placed: Placed) -> None:
    hand.drag((70, 80), (32, 80))
    assert placed[-1]["one"].x == 0
    hand.drag((70, 80), (32, 80), ALT)
    assert placed[-1]["one"].x == pytest.approx(2, abs=0.6)


def test_escape_in_the_middle_of_a_drag_changes_nothing(canvas: Canvas, hand: Hand, placed: Placed) -> None:
    hand.press(70, 80)
    hand.move(120, 120)
    assert canvas.scene.lifted
    assert canvas.cancel_gesture()
    hand.move(150, 150)
    hand.release(150, 150)
    assert not placed
    assert not canvas.scene.lifted


def test_draw_mode_draws_by_dragging_and_stays_on(canvas: Canvas, hand: Hand, drawn: list[Rect]) -> None:
    canvas.set_drawing(True)
    hand.drag((300, 200), (340, 260))
    hand.drag((60, 60), (90, 100))  # over a box too
    assert near(drawn[0], Rect(300, 200, 40, 60))
    assert near(drawn[1], Rect(60, 60, 30, 40))
    assert canvas.drawing


def test_two_clicks_draw_and_a_second_click_in_place_gives_up(canvas: Canvas, hand: Hand, drawn: list[Rect]) -> None:
    canvas.set_drawing(True)
    hand.click(300, 200)
    hand.move(320, 220)
    hand.click(350, 240)
    assert near(drawn[0], Rect(300, 200, 50, 40))
    hand.click(300, 200)
    hand.click(300, 200)
    assert len(drawn) == 1


def test_a_click_on_ink_gives_the_box_that_is_found(canvas: Canvas, hand: Hand, drawn: list[Rect]) -> None:
    asked: list[tuple[float, float]] = []

    def find(x: float, y: float) -> Rect:
        asked.append((x, y))
        return Rect(300, 200, 20, 30)

    canvas.find_ink = find
    canvas.set_drawing(True)
    hand.click(310, 215)
    assert drawn == [Rect(300, 200, 20, 30)]
    assert asked[0] == pytest.approx((310, 215), abs=0.6)
    hand.click(310, 215, ALT)  # alt: a corner, not ink
    hand.click(330, 235)
    assert near(drawn[1], Rect(310, 215, 20, 20))


def test_handles_of_the_selected_box_win_over_drawing(
    canvas: Canvas, hand: Hand, placed: Placed, drawn: list[Rect]
) -> None:
    canvas.set_drawing(True)
    canvas.select(["one"])
    hand.drag((100, 120), (130, 130))
    assert near(placed[0]["one"], Rect(40, 40, 90, 90))
    assert not drawn


def test_while_drawing_a_mere_click_on_a_handle_is_meant_for_the_ink_beside_it(
    canvas: Canvas, hand: Hand, placed: Placed, drawn: list[Rect]
) -> None:
    canvas.find_ink = lambda _x, _y: Rect(102, 115, 20, 30)
    canvas.set_drawing(True)
    canvas.select(["one"])
    hand.click(102, 120)
    assert drawn == [Rect(102, 115, 20, 30)]
    assert not placed
    hand.drag((100, 120), (130, 130), ALT)
    assert not placed, "with Alt a drag draws, also from a handle"
    assert near(drawn[1], Rect(100, 120, 30, 10))


def test_while_drawing_the_pointer_says_where_a_drag_would_resize(canvas: Canvas, hand: Hand) -> None:
    canvas.set_drawing(True)
    canvas.select(["one"])
    hand.move(100, 120)
    assert canvas.cursor().shape() is Qt.CursorShape.SizeFDiagCursor
    hand.move(250, 250)
    assert canvas.cursor().shape() is Qt.CursorShape.CrossCursor


def test_clicking_again_selects_what_lies_beneath(canvas: Canvas, hand: Hand) -> None:
    inner, outer = Box(310, 210, 20, 20, 3, "inner"), Box(300, 200, 60, 60, 4, "outer")
    canvas.set_page(replace(PAGE, boxes=(*PAGE.boxes, outer, inner)))
    for expected in ("inner", "outer", "inner"):
        hand.click(320, 220)
        assert canvas.selection == (expected,)


@pytest.mark.parametrize("how", ["middle", "space"])
def test_dragging_with_the_middle_button_or_with_space_pans(
    canvas: Canvas, hand: Hand, how: str, placed: Placed
) -> None:
    canvas.zoom(3)
    before = canvas.view
    canvas.set_space(how == "space")
    start = before.to_image(400, 300)
    at = hand.at(*start)
    end = before.to_image(at.x() + 30, at.y() - 20)
    hand.press(*start, button=MIDDLE if how == "middle" else Qt.MouseButton.LeftButton)
    hand.move(*end)
    assert (canvas.view.x - before.x, canvas.view.y - before.y) == pytest.approx((30, -20), abs=1)
    assert not placed


def test_control_and_the_wheel_zoom_to_the_pointer(canvas: Canvas, hand: Hand) -> None:
    at = hand.at(70, 80)
    wheel(canvas, at, up=120, keys=CONTROL)
    assert canvas.view.scale > 2
    assert hand.at(70, 80) == at


def test_the_wheel_alone_pans(canvas: Canvas) -> None:
    canvas.zoom(4)
    before = canvas.view
    wheel(canvas, QPoint(400, 300), up=-120, keys=Qt.KeyboardModifier.NoModifier)
    assert canvas.view.y < before.y
    wheel(canvas, QPoint(400, 300), up=-120, keys=SHIFT)
    assert canvas.view.x < before.x


def test_a_pinch_on_a_trackpad_zooms_at_its_place(canvas: Canvas, hand: Hand) -> None:
    at = QPointF(hand.at(70, 80))
    device = QPointingDevice.primaryPointingDevice()
    kind = Qt.NativeGestureType.ZoomNativeGesture
    event = QNativeGestureEvent(kind, device, 2, at, at, canvas.mapToGlobal(at), 0.25, QPointF())
    QApplication.sendEvent(canvas, event)
    assert canvas.view.scale == pytest.approx(2.5)
    assert hand.at(70, 80) == at.toPoint()


def test_hidden_boxes_cannot_be_grabbed(canvas: Canvas, hand: Hand) -> None:
    canvas.set_hidden(True)
    hand.click(70, 80)
    assert canvas.selection == ()


def test_a_listener_may_show_the_edited_page_or_another_one(qtbot: QtBot, canvas: Canvas, hand: Hand) -> None:
    def show(where: dict[str, Rect]) -> None:
        canvas.set_page(Page(PAGE.image, (ONE.placed(where["one"]), TWO), (GUESS,)))

    canvas.placed.connect(show)
    hand.drag((70, 80), (90, 95))
    assert canvas.selection == ("one",)
    assert near(canvas.scene.where(0), Rect(60, 55, 60, 80))
    canvas.drawn.connect(lambda _rect: canvas.show_page(PAGE, None))
    canvas.set_drawing(True)
    hand.drag((300, 200), (340, 260))
    assert canvas.scene.drawn is None


def test_a_page_read_anew_keeps_the_view_and_what_is_left_of_the_selection(canvas: Canvas) -> None:
    canvas.zoom(3)
    view = canvas.view
    canvas.select(["one", "two"])
    canvas.set_page(replace(PAGE, boxes=(TWO,)))
    assert canvas.selection == ("two",)
    assert canvas.view == view


def test_a_canvas_without_a_page_takes_gestures_calmly(canvas: Canvas, hand: Hand) -> None:
    canvas.show_page(None, None)
    hand.drag((10, 10), (50, 50))
    canvas.zoom(2)
    canvas.fit()
    assert canvas.selection == ()

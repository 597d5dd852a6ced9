"""What the canvas paints, checked on its pixels: layers where they belong, patches and pans equal to painting everything again."""

import random

import numpy as np
import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QImage

from labeler.core.boxes import Box, Rect, Suggestion
from labeler.core.pages import replace
from labeler.gui import theme
from labeler.gui.canvas.canvas import Canvas
from labeler.gui.canvas.scene import DENSE_FROM
from tests.gui.canvas.conftest import GUESS, ONE, PAGE, Hand, Paint


def colour(picture: QImage, at: QPoint) -> QColor:
    return picture.pixelColor(at)


def near_colour(a: QColor, b: QColor, slack: int = 40) -> bool:
    return max(abs(a.red() - b.red()), abs(a.green() - b.green()), abs(a.blue() - b.blue())) <= slack


def assert_alike(one: QImage, other: QImage) -> None:
    """The same pixels, but for traces of a soft line's end that the rasteriser rounds differently at the border of a patch."""
    a, b = (np.frombuffer(i.constBits(), np.uint8).reshape(i.height(), -1).astype(int) for i in (one, other))
    differ = np.abs(a - b)
    assert differ.max() <= 40
    assert np.count_nonzero(differ) <= 100


def painted_anew(canvas: Canvas) -> QImage:
    canvas._repaint_all()
    return canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)


def test_a_box_is_a_line_of_its_class_with_a_filled_chip_above(canvas: Canvas, hand: Hand, shot: Paint) -> None:
    picture = shot()
    blue = theme.class_colour(1)
    assert near_colour(colour(picture, hand.at(40, 80)), blue)
    assert near_colour(colour(picture, hand.at(70, 80)), QColor("white"), 2)
    above = hand.at(40, 40) + QPoint(2, -6)
    assert near_colour(colour(picture, above), blue)


def test_a_suggestion_is_dashed_and_hatched_and_its_chip_is_not_filled(canvas: Canvas, hand: Hand, shot: Paint) -> None:
    picture = shot()
    left, top = hand.at(60, 180).x(), hand.at(60, 180).y()
    line = [near_colour(picture.pixelColor(left, top + n), theme.class_colour(7), 60) for n in range(20, 80)]
    assert 0.3 < sum(line) / len(line) < 0.8
    corner = hand.at(110, 230) + QPoint(-4, -4)
    hatch = [picture.pixelColor(corner.x() + n, corner.y()) for n in range(-8, 4)]
    assert any(near_colour(c, theme.class_colour(7), 90) for c in hatch)
    chip = picture.pixelColor(left + 3, top - 4)
    assert not near_colour(chip, theme.class_colour(7))


def test_selected_boxes_are_shaded_and_have_white_handles(canvas: Canvas, hand: Hand, shot: Paint) -> None:
    canvas.select(["one"])
    picture = shot()
    assert not near_colour(colour(picture, hand.at(70, 60)), QColor("white"), 8)
    assert near_colour(colour(picture, hand.at(40, 40)), QColor("white"), 3)


def test_hiding_leaves_the_picture_alone(canvas: Canvas, hand: Hand, shot: Paint) -> None:
    canvas.set_hidden(True)
    assert near_colour(colour(shot(), hand.at(40, 80)), QColor("white"), 2)
    canvas.set_hidden(False)
    assert near_colour(colour(shot(), hand.at(40, 80)), theme.class_colour(1))


def test_pixels_are_plain_and_gridded_when_much_enlarged(canvas: Canvas, hand: Hand, shot: Paint) -> None:
    paper = canvas.scene.picture.levels[0]  # type: ignore[union-attr]
    paper.setPixelColor(150, 150, QColor("black"))
    canvas.zoom(10)
    canvas.reveal(Rect(140, 140, 20, 20))
    canvas._repaint_all()
    picture = shot()
    scale = canvas.view.scale
    x, y = canvas.view.to_screen(150.5, 150.5)
    assert near_colour(picture.pixelColor(round(x), round(y)), QColor("black"), 2)
    assert near_colour(picture.pixelColor(round(x + scale), round(y)), QColor("white"), 2)
    assert not near_colour(picture.pixelColor(round(x + scale * 1.5), round(y)), QColor("white"), 20)


@pytest.mark.parametrize("zoom", [1.0, 1.7, 2.7, 9.0])
def test_panning_and_patching_show_what_painting_everything_shows(canvas: Canvas, shot: Paint, zoom: float) -> None:
    rng = random.Random(3)
    canvas.zoom(zoom)
    shot()
    page = PAGE
    for step in range(12):
        canvas.pan_by(rng.uniform(-90, 90), rng.uniform(-70, 70))
        if step % 3 == 0:
            box = Box(rng.uniform(0, 350), rng.uniform(0, 250), 30, 40, step % 10, f"new-{step}")
            page = replace(page, boxes=(*page.boxes, box))
            canvas.set_page(page)
        if step % 4 == 1:
            canvas.select([page.boxes[-1].id])
        assert_alike(shot(), painted_anew(canvas))


def test_a_removed_box_leaves_no_trace(canvas: Canvas, shot: Paint) -> None:
    canvas.select(["one", GUESS.id])
    canvas.set_page(replace(PAGE, boxes=PAGE.boxes[1:], suggestions=()))
    assert_alike(shot(), painted_anew(canvas))


def test_a_given_up_drag_leaves_no_trace(canvas: Canvas, hand: Hand, shot: Paint) -> None:
    hand.press(70, 80)
    hand.move(200, 200)
    assert near_colour(colour(shot(), hand.at(40, 60)), QColor("white"), 2)
    canvas.cancel_gesture()
    assert_alike(shot(), painted_anew(canvas))
    assert near_colour(colour(shot(), hand.at(40, 60)), theme.class_colour(ONE.class_id))


def test_many_boxes_are_painted_with_plain_lines_and_all_are_there(canvas: Canvas, hand: Hand, shot: Paint) -> None:
    rng = random.Random(1)
    count = DENSE_FROM + 100
    boxes = tuple(Box(rng.uniform(0, 390), rng.uniform(0, 290), 8, 8, n % 10, f"b{n}") for n in range(count))
    guesses = tuple(Suggestion(rng.uniform(0, 390), rng.uniform(0, 290), 8, 8, 1, 0.5, n, 1) for n in range(9))
    canvas.show_page(replace(PAGE, boxes=boxes, suggestions=guesses), canvas.scene.picture)
    picture = shot()
    assert canvas.scene.dense
    last = boxes[-1]
    assert near_colour(colour(picture, hand.at(last.x + last.w, last.y + 6)), theme.class_colour(last.class_id), 30)


def test_the_dark_theme_changes_what_lies_around_the_page_only(canvas: Canvas, shot: Paint, qapp: object) -> None:
    light = shot().pixelColor(2, 2)
    theme.apply(qapp, "dark")  # type: ignore[arg-type]
    dark = shot()
    assert near_colour(light, QColor(theme.LIGHT.canvas), 2)
    assert near_colour(dark.pixelColor(2, 2), QColor(theme.DARK.canvas), 2)


def test_chips_of_crowded_suggestions_cover_scores_of_their_neighbours_never_digits(
    canvas: Canvas, hand: Hand, shot: Paint
) -> None:
    left, right = Suggestion(100, 200, 7, 30, 1, 0.84, 11, 1), Suggestion(108, 200, 20, 30, 3, 0.88, 12, 1)

    def digits(*shown: Suggestion) -> dict[int, list[QColor]]:
        canvas.set_page(replace(PAGE, boxes=(), suggestions=shown))
        picture, places = shot(), [QPoint(x, y) for x in range(10) for y in range(-14, -2)]
        return {s.id: [picture.pixelColor(hand.at(s.x, s.y) + p) for p in places] for s in shown}

    alone = digits(left) | digits(right)
    for order in ((left, right), (right, left)):
        for number, seen in digits(*order).items():
            assert all(near_colour(a, b, 20) for a, b in zip(seen, alone[number], strict=True))


def test_the_chip_of_a_box_whose_corner_is_out_of_sight_comes_into_sight_when_it_is_hovered_over(
    canvas: Canvas, hand: Hand, shot: Paint
) -> None:
    canvas.zoom(8)
    x, y = canvas.view.to_screen(ONE.x, ONE.y)
    canvas.pan_by(-200 - x, -200 - y)
    corner = [QPoint(x, y) for x in range(6, 14) for y in range(6, 16)]
    blue = theme.class_colour(ONE.class_id)
    assert not any(near_colour(shot().pixelColor(p), blue) for p in corner)
    hand.move(ONE.x + 40, ONE.y + 40)
    assert any(near_colour(shot().pixelColor(p), blue) for p in corner)

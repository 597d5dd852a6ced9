"""The pad: what pen, finger and mouse write is what is kept, palms write nothing, and what is painted fills exactly its box."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPointF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from labeler.core import ink
from labeler.core.boxes import Rect
from labeler.core.ink import NO_PRESSURE, Pen, Stroke, stroke
from labeler.core.ink_render import Look, Paper
from labeler.gui.widgets import pad_input, pad_paint
from labeler.gui.widgets.pad import Pad, Tool
from labeler.gui.widgets.pad_paint import Mark
from tests.core.test_ink import HEIGHT, SCALES, WIDTH, on_page, random_ink
from tests.helpers import pen

ZIGZAG = stroke([(100 + 20 * n, 200 + 60 * (n % 2), n / 100, 0.3 + 0.05 * n) for n in range(10)])
LINE = stroke([(300, 300, 0, 0.5), (500, 320, 0.1, 0.6), (700, 300, 0.2, 0.7)])


@pytest.fixture
def pad(qtbot: QtBot) -> Pad:
    made = Pad()
    qtbot.addWidget(made)
    made.resize(1280, 560)
    made.show()
    qtbot.waitExposed(made)
    return made


@pytest.fixture(scope="module")
def screen() -> Callable[[], object]:
    return QTest.createTouchDevice


def shown(pad: Pad) -> np.ndarray:
    """The pad as it looks, (h, w) grey."""
    image = pad.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    flat = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return flat[:, : image.width()].copy()


def darkness(pad: Pad) -> int:
    return int((shown(pad)[4:-4, 4:-4] < 128).sum())


@pytest.mark.parametrize("scale", SCALES)
@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=220, deadline=None)
def test_the_box_from_ink_is_the_extent_of_what_the_pad_paints_within_one_pixel(scale: float, seed: int) -> None:
    strokes, width = random_ink(seed)
    image = QImage(round(WIDTH * scale), round(HEIGHT * scale), QImage.Format.Format_Grayscale8)
    image.setDevicePixelRatio(scale)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for one in strokes:
        pad_paint.paint_line(painter, pad_paint.prepare(ink.outline(one.points, width)), QColor(0, 0, 0))
    painter.end()
    flat = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())[:, : image.width()]
    rows, columns = np.flatnonzero((flat < 200).any(axis=1)), np.flatnonzero((flat < 200).any(axis=0))
    found = np.array([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1])
    assert np.abs(found - on_page(strokes, width, scale)).max() <= 1.0 + scale * pad_paint.WIDTH_STEP / 2


def test_what_a_pen_writes_is_kept_with_its_pressure(pad: Pad) -> None:
    pen.write(pad, [ZIGZAG, LINE])
    assert pad.device == "pen"
    assert len(pad.strokes) == 2
    for kept, written in zip(pad.strokes, (ZIGZAG, LINE), strict=True):
        assert kept.xy == pytest.approx(written.xy, abs=1e-6)
        assert kept.points[:, 3] == pytest.approx(written.points[:, 3])
        assert (np.diff(kept.points[:, 2]) >= 0).all()
    assert pad.strokes[1].start >= pad.strokes[0].end


def test_what_is_painted_while_writing_is_what_is_painted_afterwards(pad: Pad) -> None:
    pen.write(pad, [ZIGZAG, LINE])
    live = shown(pad)
    pad.set_page(pad.page, pad.look)
    assert np.array_equal(live, shown(pad))


def test_a_mouse_and_a_finger_write_without_pressure(pad: Pad) -> None:
    points = [(100.0, 100.0), (150.0, 180.0), (220.0, 120.0)]
    pen.mouse(pad, points)
    assert pad.device == "mouse"
    pen.finger(pad, points, QTest.createTouchDevice())
    assert pad.device == "touch"
    assert len(pad.strokes) == 2
    for kept in pad.strokes:
        assert set(kept.points[:, 3]) == {NO_PRESSURE}
        assert kept.xy[0] == pytest.approx(points[0], abs=1)


def test_a_palm_writes_nothing_while_the_pen_is_near(pad: Pad, monkeypatch: pytest.MonkeyPatch) -> None:
    device = QTest.createTouchDevice()
    pen.write(pad, [ZIGZAG])
    pen.finger(pad, [(400, 400), (420, 420)], device)
    assert len(pad.strokes) == 1
    monkeypatch.setattr(pad_input, "PALM_S", -1.0)
    pen.finger(pad, [(400, 400), (420, 420)], device)
    assert len(pad.strokes) == 2


def test_a_finger_that_is_writing_gives_way_to_the_pen(pad: Pad) -> None:
    device = QTest.createTouchDevice()
    QTest.touchEvent(pad, device).press(0, pad.from_page(QPointF(300, 300)).toPoint(), pad).commit()
    QTest.touchEvent(pad, device).move(0, pad.from_page(QPointF(340, 330)).toPoint(), pad).commit()
    pen.write(pad, [ZIGZAG])
    QTest.touchEvent(pad, device).release(0, pad.from_page(QPointF(340, 330)).toPoint(), pad).commit()
    assert len(pad.strokes) == 1
    assert pad.strokes[0].xy[0] == pytest.approx(ZIGZAG.xy[0])


def test_two_fingers_are_no_writing(pad: Pad) -> None:
    device = QTest.createTouchDevice()
    first, second = pad.from_page(QPointF(300, 300)).toPoint(), pad.from_page(QPointF(600, 300)).toPoint()
    QTest.touchEvent(pad, device).press(0, first, pad).commit()
    QTest.touchEvent(pad, device).stationary(0).press(1, second, pad).commit()
    QTest.touchEvent(pad, device).release(0, first, pad).release(1, second, pad).commit()
    assert pad.strokes == ()
    assert darkness(pad) == 0


def test_a_hovering_pen_writes_nothing(pad: Pad) -> None:
    for x in range(100, 200, 10):
        pen.tablet(pad, QEvent.Type.TabletMove, QPointF(x, 200), 0.0)
    assert pad.strokes == ()
    assert darkness(pad) == 0


def test_the_other_end_of_the_pen_erases_the_strokes_it_touches_as_one_step(pad: Pad) -> None:
    pen.write(pad, [ZIGZAG, LINE])
    pen.write(pad, [stroke([(100, 230), (500, 318)])], kind=pen.Kind.Eraser)
    assert pad.strokes == ()
    assert darkness(pad) == 0
    pad.undo()
    assert len(pad.strokes) == 2
    assert darkness(pad) > 500


def test_the_eraser_tool_erases_too_and_misses_what_it_does_not_touch(pad: Pad) -> None:
    pen.write(pad, [ZIGZAG, LINE])
    pad.tool = Tool.ERASER
    pen.mouse(pad, [(500, 320), (505, 322)])
    assert len(pad.strokes) == 1
    assert len(pad.board.past) == 3
    pen.mouse(pad, [(900, 500), (905, 505)])
    assert len(pad.board.past) == 3


def test_undo_redo_and_clear_go_exactly_where_the_page_was(pad: Pad) -> None:
    empty = shown(pad)
    pen.write(pad, [ZIGZAG])
    one = shown(pad)
    pen.write(pad, [LINE])
    two = shown(pad)
    pad.clear()
    assert np.array_equal(shown(pad), empty)
    pad.undo()
    assert np.array_equal(shown(pad), two)
    pad.undo()
    assert np.array_equal(shown(pad), one)
    pad.undo()
    assert np.array_equal(shown(pad), empty)
    pad.undo()
    for _ in range(4):
        pad.redo()
    assert pad.strokes == ()


def test_ink_stays_where_it_is_on_the_page_when_the_window_grows(pad: Pad, qtbot: QtBot) -> None:
    pen.write(pad, [ZIGZAG])
    before = pad.strokes
    pad.resize(640, 400)
    assert pad.scale == pytest.approx(0.5)
    assert pad.strokes == before
    pen.write(pad, [LINE])
    assert pad.strokes[1].xy == pytest.approx(LINE.xy, abs=1e-6)
    assert darkness(pad) > 200


def test_what_is_drawn_beyond_the_page_runs_along_its_edge(pad: Pad) -> None:
    pen.mouse(pad, [(1200, 500), (1500, 700), (1200, 700)])
    assert pad.strokes[0].xy.max(axis=0).tolist() == [1280, 560]


def test_marks_are_shown_over_the_ink_and_taken_away_again(pad: Pad) -> None:
    before = shown(pad)
    pad.show_marks([Mark(Rect(400, 200, 80, 120), "7 · 98%", 7)])
    with_marks = shown(pad)
    assert (with_marks != before).sum() > 300
    pad.show_marks(())
    assert np.array_equal(shown(pad), before)


@pytest.mark.parametrize("paper", Paper)
def test_a_page_shows_its_paper_and_keeps_the_ink(pad: Pad, paper: Paper) -> None:
    pen.write(pad, [ZIGZAG])
    pad.set_page(QSize(1000, 1000), Look(paper))
    assert pad.scale == pytest.approx(0.56)
    assert len(pad.strokes) == 1
    assert ((shown(pad) > 128) & (shown(pad) < 240)).any() or paper is Paper.PLAIN


def test_hiding_the_pad_ends_the_stroke(pad: Pad) -> None:
    at = pad.from_page(QPointF(300, 300))
    pen.tablet(pad, QEvent.Type.TabletPress, at, 0.5)
    pen.tablet(pad, QEvent.Type.TabletMove, at + QPointF(30, 30), 0.5)
    assert pad.is_down
    pad.hide()
    assert not pad.is_down
    assert len(pad.strokes) == 1


def test_another_pen_redraws_what_is_there(pad: Pad) -> None:
    pen.write(pad, [ZIGZAG])
    thin = darkness(pad)
    pad.set_pen(Pen(14))
    assert darkness(pad) > 1.5 * thin


def test_a_fresh_page_has_no_history(pad: Pad) -> None:
    pen.write(pad, [ZIGZAG])
    pad.start_page([Stroke(LINE.points)])
    pad.undo()
    assert len(pad.strokes) == 1
    pen.write(pad, [ZIGZAG])
    assert pad.strokes[1].start > LINE.end

"""The plots: round axis values, and pictures that show what they were given."""

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from labeler.gui import theme
from labeler.gui.widgets.bars import Bar, Columns, Shares
from labeler.gui.widgets.chart import Chart, Series, nice_above, ticks
from labeler.gui.widgets.confusion import Confusion
from labeler.gui.widgets.stacks import Stack, Stacks

AMOUNTS = st.floats(1e-6, 1e9)


@given(low=st.floats(-1e6, 1e6), span=AMOUNTS, count=st.integers(1, 20))
def test_ticks_lie_within_evenly_and_are_not_too_many(low: float, span: float, count: int) -> None:
    high = low + span
    if high - low < span / 2:  # lost in rounding
        return
    found = ticks(low, high, count)
    step = (high - low) / count
    assert len(found) <= count + 1
    assert all(low - step * 0.01 <= value <= high + step * 0.01 for value in found)
    gaps = [b - a for a, b in itertools.pairwise(found)]
    assert all(math.isclose(gap, gaps[0], rel_tol=1e-6, abs_tol=1e-9) for gap in gaps)


@given(value=AMOUNTS)
def test_the_axis_ends_just_above_the_data(value: float) -> None:
    top = nice_above(value)
    assert value * (1 - 1e-6) <= top <= value * 1.6


def picture(widget: QWidget, width: int = 320, height: int = 200) -> QImage:
    widget.resize(width, height)
    return widget.grab().toImage()


def has(image: QImage, colour: QColor) -> bool:
    return any(image.pixelColor(x, y) == colour for x in range(image.width()) for y in range(image.height()))


def test_a_line_rises_where_its_values_rise(qtbot: QtBot) -> None:
    chart = Chart(top=1.0)
    qtbot.addWidget(chart)
    chart.set_series([Series("mAP50", ((1, 0.1), (2, 0.5), (3, 0.9)), 0)])
    image = picture(chart)
    colour = theme.class_colour(0)
    places = [
        (x, y)
        for x in range(60, image.width() - 14)
        for y in range(30, image.height())
        if image.pixelColor(x, y) == colour
    ]
    left = min(places)[1]
    right = max(places)[1]
    assert right < left - 60


def test_a_value_that_is_none_breaks_the_line_and_stops_nothing(qtbot: QtBot) -> None:
    chart = Chart()
    qtbot.addWidget(chart)
    chart.set_series([Series("loss", ((1, math.nan), (2, 4.0), (3, math.inf), (4, 2.0)), 1)])
    assert has(picture(chart), theme.class_colour(1))


def test_the_values_under_the_mouse_are_shown(qtbot: QtBot) -> None:
    chart = Chart(top=1.0)
    qtbot.addWidget(chart)
    chart.set_series([Series("mAP50", ((1, 0.1), (9, 0.9)), 0)])
    chart.resize(320, 200)
    chart.show()
    before = chart.grab().toImage()
    qtbot.mouseMove(chart, QPoint(160, 100))
    qtbot.waitUntil(lambda: chart.grab().toImage() != before)


@pytest.mark.parametrize("series", [[], [Series("x", (), 0)]])
def test_an_empty_chart_says_why(qtbot: QtBot, series: list[Series]) -> None:
    chart = Chart(empty="Nothing yet")
    qtbot.addWidget(chart)
    chart.set_series(series)
    assert chart.series == ()
    blank = Chart()
    qtbot.addWidget(blank)
    assert picture(chart) != picture(blank)


def test_columns_are_as_high_as_their_counts(qtbot: QtBot) -> None:
    red, blue = QColor("#ff0000"), QColor("#0000ff")
    plot = Columns()
    qtbot.addWidget(plot)
    plot.set_bars([Bar("a", 10, red), Bar("b", 5, blue)])
    image = picture(plot, 200, 260)
    high = [sum(image.pixelColor(x, y) == colour for y in range(260)) for x, colour in ((50, red), (150, blue))]
    assert high[0] == pytest.approx(2 * high[1], abs=4)
    assert "a: 10" in plot.accessibleDescription()


def test_shares_are_as_wide_as_their_counts(qtbot: QtBot) -> None:
    red, blue = QColor("#ff0000"), QColor("#0000ff")
    plot = Shares()
    qtbot.addWidget(plot)
    plot.set_bars([Bar("a", 3, red), Bar("b", 1, blue)])
    image = picture(plot, 400, 80)
    wide = [sum(image.pixelColor(x, 7) == colour for x in range(400)) for colour in (red, blue)]
    assert wide == [pytest.approx(300, abs=8), pytest.approx(100, abs=8)]


def test_a_part_has_the_colour_it_has_everywhere(qtbot: QtBot) -> None:
    plot = Stacks()
    qtbot.addWidget(plot)
    plot.resize(300, 240)
    colours = set()
    for named in ({"validation": "amber"}, None):
        plot.set_stacks(["validation"], [Stack("7", (4.0,))], colours=named)
        colours.add(plot.grab().toImage().pixelColor(160, 180).name())
    assert colours == {QColor(theme.current().amber).name(), theme.class_colour(0).name()}


def test_plots_of_nothing_draw_nothing(qtbot: QtBot) -> None:
    for plot in (Columns(), Shares(), Confusion()):
        qtbot.addWidget(plot)
        assert not picture(plot).isNull()


def test_the_confusion_matrix_names_what_is_mixed_up(qtbot: QtBot) -> None:
    matrix = Confusion()
    qtbot.addWidget(matrix)
    matrix.set_matrix(["0", "1"], [[5, 2, 1], [0, 7, 0], [3, 0, 0]])
    assert matrix._words(0, 1) == "2 × 0 taken for 1"
    assert matrix._words(0, 2) == "1 × missed a 0"
    assert matrix._words(2, 0) == "3 × imagined a 0 where there is no digit"
    assert not picture(matrix).isNull()

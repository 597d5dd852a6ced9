"""The statistics on the data page: counted from the project, cut as asked, saved as picture, drawing and numbers."""

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from labeler.core.distributions import Histogram
from labeler.gui.main_window import MainWindow
from labeler.gui.pages.data import DataPage
from labeler.gui.widgets.spreads import HistogramPlot, PlaceMap, described
from labeler.services import splitting
from labeler.services.project import Project
from tests.gui.conftest import OpenWindow
from tests.helpers.fake_detector import add_labelled


@pytest.fixture
def labelled(new_project: Callable[[str], Project]) -> Path:
    """Two labelled pages by each of eleven writers."""
    project = new_project("числа")
    add_labelled(project, writers=11)
    splitting.assign(project)
    project.close()
    return project.folder


def opened(qtbot: QtBot, window: MainWindow) -> DataPage:
    assert window.workspace is not None
    page = window.workspace.pages["data"]
    assert isinstance(page, DataPage)
    page.show_section("statistics")
    qtbot.waitUntil(lambda: len(page.statistics.digits.stacks) == 10)
    return page


def test_digits_are_counted_and_cut_as_asked(qtbot: QtBot, open_window: OpenWindow, labelled: Path) -> None:
    page = opened(qtbot, open_window(labelled)).statistics
    assert sum(s.total for s in page.digits.stacks) == 44
    assert page.digits.numbers()[0] == ["Class", "training", "validation", "test"]
    page.part.setCurrentIndex(2)
    head = page.digits.numbers()[0]
    assert len(head) == 10  # eight writers and the rest as one
    assert head[-1] == "3 others"
    assert sum(s.total for s in page.digits.stacks) == 44


def test_progress_and_agreement_are_by_day(qtbot: QtBot, open_window: OpenWindow, labelled: Path) -> None:
    page = opened(qtbot, open_window(labelled)).statistics
    assert [y for _, y in page.progress.series[0].points][-1] == 22
    assert page.agreement.series == ()  # nobody suggested
    assert "edits on" in page.cards["progress"].note.text()


def test_everything_is_saved_in_three_forms(
    qtbot: QtBot, open_window: OpenWindow, labelled: Path, tmp_path: Path
) -> None:
    page = opened(qtbot, open_window(labelled)).statistics
    files = page.save_all(tmp_path / "графики")
    assert len(files) == 15
    assert all(f.stat().st_size > 0 for f in files)
    with (tmp_path / "графики" / "digits.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert sum(int(n) for row in rows[1:] for n in row[1:]) == 44
    assert (tmp_path / "графики" / "places.svg").read_text(encoding="utf-8").startswith("<?xml")


def test_a_histogram_and_a_map_paint_what_they_hold(qtbot: QtBot) -> None:
    plot, places = HistogramPlot(unit="px"), PlaceMap()
    for widget in (plot, places):
        qtbot.addWidget(widget)
        widget.resize(400, 240)
        assert not widget.grab().isNull()  # nothing to show yet
    plot.set_histogram(Histogram((0.0, 10.0, 20.0), (3, 1)))
    places.set_density(np.array([[0, 2], [1, 0]]))
    assert plot.numbers()[1:] == [[0.0, 10.0, 3], [10.0, 20.0, 1]]
    assert places.numbers()[1:] == [[1, 0, 2], [2, 1, 0]]
    picture = plot.grab().toImage()
    low, high = picture.pixelColor(120, 120), picture.pixelColor(320, 60)
    assert low.name() == "#2f62d9"
    assert high.name() != "#2f62d9"


def test_sizes_are_described_in_words() -> None:
    assert described([]) == ""
    assert described([10.0] * 50 + [20.0] * 49 + [90.0]) == "Half are below 15; 90 of 100 lie between 10 and 20."

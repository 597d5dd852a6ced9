"""What the desk says about the page in front, and why it asks for a person."""

from dataclasses import replace

import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from labeler.core.boxes import ReviewState
from labeler.core.doubts import Doubt, Kind
from labeler.core.pages import Image
from labeler.gui.widgets.elided import Elided
from labeler.gui.widgets.page_facts import PageFacts

IMAGE = Image(1, "a-rather-long-name-of-a-scanned-page-0042.jpg", 800, 600, ReviewState.SUGGESTED, "scans", "s17")
DOUBTED = replace(IMAGE, prompt="1 2 3", doubts=(Doubt(Kind.COUNT, asked="1 2 3"),))


@pytest.fixture
def facts(qtbot: QtBot) -> PageFacts:
    made = PageFacts()
    qtbot.addWidget(made)
    made.resize(220, 300)
    made.show()
    return made


def texts(facts: PageFacts) -> str:
    return "\n".join(part.text() for part in facts.findChildren(QLabel) if part.isVisible())


def test_a_page_that_waits_for_a_person_says_why_and_what_to_do(facts: PageFacts) -> None:
    facts.show_image(IMAGE)
    assert not facts.doubts.isVisible()
    facts.show_image(DOUBTED)
    assert "do not make as many digits as 1 2 3" in texts(facts)
    assert "Ctrl+Return then marks the page reviewed" in texts(facts)
    facts.show_image(replace(DOUBTED, state=ReviewState.REVIEWED))
    assert not facts.doubts.isVisible()


def test_facts_that_are_not_there_take_no_line(facts: PageFacts) -> None:
    facts.show_image(IMAGE)
    assert "Prompt" not in texts(facts)
    facts.show_image(DOUBTED)
    assert "Prompt" in texts(facts)


@pytest.mark.parametrize(("margin", "said"), [(0.05, "+10 %, like yours"), (-0.03, "−6 %, like yours"), (0.002, None)])
def test_suggestions_made_larger_or_smaller_are_told(facts: PageFacts, margin: float, said: str | None) -> None:
    facts.show_image(IMAGE, margin=margin)
    assert said in texts(facts) if said else "%" not in texts(facts)


def test_long_names_give_way_and_can_be_read_in_the_tooltip(facts: PageFacts) -> None:
    facts.show_image(IMAGE)
    name = facts.name
    assert isinstance(name, Elided)
    assert name.toolTip() == IMAGE.name
    assert name.width() < name.fontMetrics().horizontalAdvance(IMAGE.name)
    assert facts.minimumSizeHint().width() <= 220

"""Colours, style sheet and icons: nothing unresolved, nothing missing, readable in both themes."""

import re
from pathlib import Path

import pytest
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from labeler.core.assets import resources
from labeler.gui import appearance, icons, theme
from labeler.gui.theme import DARK, LIGHT, Theme
from tests.conftest import ROOT

SOURCES = sorted((ROOT / "labeler" / "gui").rglob("*.py"))
NAMED = re.compile(r'(?:icon=|icons\.(?:put|pixmap|icon|put_picture)\([^,()]*,?\s*|tool\(|empty_state\(\s*)"([a-z_]+)"')


def luminance(colour: str) -> float:
    """Relative luminance after WCAG 2."""
    parts = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in QColor(colour).getRgbF()[:3]]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def contrast(one: str, two: str) -> float:
    """Contrast ratio after WCAG 2, from 1 to 21."""
    light, dark = sorted((luminance(one), luminance(two)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("look", [LIGHT, DARK], ids=["light", "dark"])
def test_the_style_sheet_has_every_colour_and_arrow(look: Theme) -> None:
    sheet = theme.style_sheet(look)
    assert "@" not in sheet.replace("labeler.gui.theme", "").split("*/", 1)[1]
    for file in re.findall(r'url\("(.+?)"\)', sheet):
        assert Path(file).is_file()


@pytest.mark.parametrize("look", [LIGHT, DARK], ids=["light", "dark"])
def test_text_is_readable_on_its_ground(look: Theme) -> None:
    for ground in (look.window, look.panel, look.raised, look.sunken):
        assert contrast(look.text, ground) >= 7
        assert contrast(look.muted, ground) >= 4.5
    assert contrast(look.on_accent, look.accent) >= 4.5
    assert contrast(look.accent, look.selection) >= 3
    assert contrast(look.danger, look.panel) >= 4.5
    assert contrast(look.text, look.danger_soft) >= 7


@pytest.mark.parametrize(("dark", "ground"), [(False, "#ffffff"), (True, DARK.panel)], ids=["paper", "dark panel"])
def test_class_colours_differ_and_stand_out(dark: bool, ground: str) -> None:
    colours = [theme.class_colour(n, dark=dark).name() for n in range(10)]
    assert len(set(colours)) == 10
    assert min(contrast(c, ground) for c in colours) >= 3
    assert theme.class_colour(17, dark=dark).isValid()


def test_every_icon_that_is_named_is_there() -> None:
    named = {name for file in SOURCES for name in NAMED.findall(file.read_text(encoding="utf-8"))}
    assert len(named) > 20
    there = {file.stem for file in (resources() / "icons").glob("*.svg")}
    assert named <= there


@pytest.mark.parametrize("name", sorted(file.stem for file in (resources() / "icons").glob("*.svg")))
def test_every_icon_draws(name: str) -> None:
    picture = icons.pixmap(name, 20, colour="#336699", ratio=2).toImage()
    assert picture.width() == 40
    assert any(picture.pixelColor(x, y).alpha() for x in range(40) for y in range(40))


def test_icons_take_the_themes_colour(qtbot: QtBot) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    top = QWidget()
    qtbot.addWidget(top)
    push, picture = QPushButton(parent=top), QLabel(parent=top)
    icons.put(push, "plus")
    icons.put_picture(picture, "plus", 20)
    before = push.icon().pixmap(20).toImage(), picture.pixmap().toImage()
    theme.apply(app, "dark")
    icons.retint(top)
    after = push.icon().pixmap(20).toImage(), picture.pixmap().toImage()
    assert before[0] != after[0]
    assert before[1] != after[1]


def test_the_theme_is_applied_to_what_is_there_already(qtbot: QtBot) -> None:
    top = QWidget()
    qtbot.addWidget(top)
    top.show()
    for choice, look in (("dark", DARK), ("light", LIGHT)):
        appearance.set_theme(choice)
        assert top.palette().window().color().name() == look.window


def test_the_environment_can_force_a_theme(monkeypatch: pytest.MonkeyPatch) -> None:
    app = QApplication.instance()
    assert isinstance(app, QApplication)
    monkeypatch.setenv("LABELER_THEME", "dark")
    assert theme.apply(app, "light") is DARK

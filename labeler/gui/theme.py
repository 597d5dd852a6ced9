"""Colours, spacing and type of the window, light and dark, and the colours of the classes. Owns the application's palette and style sheet.

A widget that paints itself asks `current()` while painting; Qt sends it a palette change when the theme changes, which repaints it.
"""

import os
import re
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from labeler.core.assets import resources

SPACE = 8
"""The grid: gaps and margins are multiples of half of this, in device-independent pixels."""
RADIUS = 6
RAIL_WIDTH = 76


@dataclass(frozen=True, slots=True)
class Theme:
    """The colours of one appearance, as #rrggbb."""

    dark: bool
    window: str
    panel: str
    raised: str
    sunken: str
    hover: str
    line: str
    strong_line: str
    text: str
    muted: str
    faint: str
    accent: str
    accent_hover: str
    on_accent: str
    selection: str
    danger: str
    danger_soft: str
    warning: str
    warning_soft: str
    success: str
    amber: str
    green: str
    info_soft: str
    canvas: str


LIGHT = Theme(
    dark=False, window="#f5f6f8", panel="#ffffff", raised="#ffffff", sunken="#eef0f3", hover="#eceef2", line="#e1e4e9",
    strong_line="#c9ced6", text="#1b1f24", muted="#5d6673", faint="#98a1ad", accent="#2f62d9", accent_hover="#2553bd",
    on_accent="#ffffff", selection="#dfe8fd", danger="#c0322b", danger_soft="#fbe9e7", warning="#9a6200",
    warning_soft="#fdf2dc", success="#1c7c4c", amber="#e3a02f", green="#2f9e6b", info_soft="#e8effd", canvas="#e6e8ec",
)  # fmt: skip
DARK = Theme(
    dark=True, window="#16181b", panel="#1c1f23", raised="#24282d", sunken="#121417", hover="#2a2e34", line="#2e3339",
    strong_line="#454c55", text="#e7e9ec", muted="#a0a8b3", faint="#6c7581", accent="#7ba2ff", accent_hover="#97b6ff",
    on_accent="#0d1526", selection="#283b66", danger="#ff8a80", danger_soft="#3d2322", warning="#f2b95a",
    warning_soft="#3a2e18", success="#62cf96", amber="#e0ad4e", green="#57b884", info_soft="#202c47", canvas="#0e1012",
)  # fmt: skip

# After Okabe and Ito (2008) and Tol (2021), darkened to stand out on paper and lightened to stand out on a dark panel.
_ON_PAPER = (
    "#0072b2", "#d55e00", "#008a64", "#b0448c", "#a87900", "#1f93d1", "#86204f", "#66761a", "#3b2a9a", "#50565e",
)  # fmt: skip
_ON_DARK = (
    "#4fa8e0", "#f2813a", "#35c79b", "#e08bc0", "#e6b93c", "#8ad4ff", "#e0668f", "#b7c657", "#a396f5", "#b8bdc4",
)  # fmt: skip
_GOLDEN_ANGLE = 137.508


class _State:
    """The appearance in use and what was asked for."""

    theme = LIGHT
    choice = "system"


def current() -> Theme:
    """The theme in use."""
    return _State.theme


def class_colour(class_id: int, *, dark: bool = False) -> QColor:
    """The colour of a class: on paper (the canvas, in either theme), or with `dark` on a dark panel."""
    colours = _ON_DARK if dark else _ON_PAPER
    if 0 <= class_id < len(colours):
        return QColor(colours[class_id])
    return QColor.fromHsvF((class_id * _GOLDEN_ANGLE % 360.0) / 360.0, 0.6, 0.95 if dark else 0.6)


def apply(app: QApplication, choice: str | None = None) -> Theme:
    """Dress the application: `choice` is "system", "light" or "dark"; without it the last choice again. `LABELER_THEME` overrides it."""
    _State.choice = choice or _State.choice
    wanted = os.environ.get("LABELER_THEME") or _State.choice
    hints = app.styleHints()
    forced = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark}.get(wanted, Qt.ColorScheme.Unknown)
    if wanted != "system" or hints.colorScheme() is not Qt.ColorScheme.Unknown:
        hints.setColorScheme(forced)
    dark = wanted == "dark" or (wanted == "system" and hints.colorScheme() is Qt.ColorScheme.Dark)
    _State.theme = DARK if dark else LIGHT
    if app.style().objectName().lower() != "fusion":
        app.setStyle(QStyleFactory.create("Fusion"))
    app.setPalette(_palette(_State.theme))
    app.setStyleSheet(style_sheet(_State.theme))
    return _State.theme


def follow(app: QApplication) -> bool:
    """Change with the system while the choice is "system"; returns whether it changed."""
    dark = app.styleHints().colorScheme() is Qt.ColorScheme.Dark
    if _State.choice != "system" or os.environ.get("LABELER_THEME") or dark == _State.theme.dark:
        return False
    apply(app)
    return True


def font(*, size: float = 0.0, bold: bool = False) -> QFont:
    """The system's font, `size` points larger than usual."""
    result = QApplication.font()
    result.setPointSizeF(result.pointSizeF() + size)
    if bold:
        result.setWeight(QFont.Weight.DemiBold)
    return result


def style_sheet(theme: Theme) -> str:
    """The style sheet with the theme's colours in place of `@name`, and its arrows in place of `@icon_name`."""
    source = (resources() / "app.qss").read_text(encoding="utf-8")
    arrows, shade = (resources() / "icons" / "arrows").as_posix(), "dark" if theme.dark else "light"
    source = re.sub(r"@icon_(\w+)", lambda match: f'"{arrows}/{match[1]}_{shade}.svg"', source)
    return re.sub(r"@(\w+)", lambda match: str(getattr(theme, match[1])), source)


def _palette(theme: Theme) -> QPalette:
    roles = QPalette.ColorRole
    palette = QPalette()
    for role, colour in {
        roles.Window: theme.window, roles.WindowText: theme.text, roles.Base: theme.panel, roles.AlternateBase: theme.window,
        roles.Text: theme.text, roles.PlaceholderText: theme.faint, roles.Button: theme.raised, roles.ButtonText: theme.text,
        roles.BrightText: theme.danger, roles.ToolTipBase: theme.raised, roles.ToolTipText: theme.text,
        roles.Highlight: theme.accent, roles.HighlightedText: theme.on_accent, roles.Link: theme.accent,
        roles.LinkVisited: theme.accent, roles.Light: theme.hover, roles.Midlight: theme.line, roles.Mid: theme.line,
        roles.Dark: theme.strong_line, roles.Shadow: theme.sunken, roles.Accent: theme.accent,
    }.items():  # fmt: skip
        palette.setColor(role, QColor(colour))
    for role in (roles.WindowText, roles.Text, roles.ButtonText):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(theme.faint))
    return palette

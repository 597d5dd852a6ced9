"""Icons: our own 20×20 stroke drawings, tinted with the theme. Owns the cache of tinted pictures."""

from functools import lru_cache

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QAction, QGuiApplication, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QAbstractButton, QLabel, QWidget

from labeler.core.assets import resources
from labeler.gui import theme

SIZES = (16, 20)
_PROPERTY = "icon_name"


def icon(name: str, *, colour: str | None = None) -> QIcon:
    """The icon in the theme's text colour (or `colour`), muted where disabled, in the accent colour where checked."""
    now = theme.current()
    return _icon(name, colour or now.muted, now.faint, colour or now.accent, _ratios())


def pixmap(name: str, size: int, *, colour: str, ratio: float = 1.0) -> QPixmap:
    """One picture of an icon, `size` device-independent pixels wide, sharp at `ratio`."""
    return _draw(_renderer(name, colour), size, ratio)


def put(target: QAbstractButton | QAction, name: str) -> None:
    """Give a button or action an icon that changes with the theme."""
    target.setProperty(_PROPERTY, name)
    target.setIcon(icon(name, colour=_colour_for(target)))


def put_picture(label: QLabel, name: str, size: int) -> None:
    """Show an icon in a label, in a faint colour that changes with the theme."""
    label.setProperty(_PROPERTY, name)
    label.setProperty("icon_size", size)
    label.setPixmap(pixmap(name, size, colour=theme.current().faint, ratio=label.devicePixelRatioF()))


def retint(top: QWidget) -> None:
    """Give every icon below `top` the colours of the theme in use."""
    for button in top.findChildren(QAbstractButton):
        if name := button.property(_PROPERTY):
            put(button, name)
    for action in top.findChildren(QAction):
        if name := action.property(_PROPERTY):
            put(action, name)
    for label in top.findChildren(QLabel):
        if name := label.property(_PROPERTY):
            put_picture(label, name, label.property("icon_size"))


def _colour_for(target: QAbstractButton | QAction) -> str | None:
    return theme.current().on_accent if target.property("primary") else None


def _ratios() -> tuple[float, ...]:
    """The device pixel ratios of the screens there are."""
    return tuple(sorted({1.0, *(screen.devicePixelRatio() for screen in QGuiApplication.screens())}))


@lru_cache(maxsize=512)
def _icon(name: str, normal: str, disabled: str, checked: str, ratios: tuple[float, ...]) -> QIcon:
    result = QIcon()
    for colour, mode, state in (
        (normal, QIcon.Mode.Normal, QIcon.State.Off),
        (disabled, QIcon.Mode.Disabled, QIcon.State.Off),
        (checked, QIcon.Mode.Normal, QIcon.State.On),
    ):
        renderer = _renderer(name, colour)
        for size in SIZES:
            for ratio in ratios:
                result.addPixmap(_draw(renderer, size, ratio), mode, state)
    return result


def _renderer(name: str, colour: str) -> QSvgRenderer:
    return QSvgRenderer(QByteArray(_source(name).replace("currentColor", colour).encode()))


def _draw(renderer: QSvgRenderer, size: int, ratio: float) -> QPixmap:
    picture = QPixmap(QSize(round(size * ratio), round(size * ratio)))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    return picture


@lru_cache(maxsize=128)
def _source(name: str) -> str:
    return (resources() / "icons" / f"{name}.svg").read_text(encoding="utf-8")

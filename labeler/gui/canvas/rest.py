"""The pixmap of everything at rest: painted anew when the zoom changes, shifted by a pan, patched where an edit changed it."""

import math

from PySide6.QtCore import QRect, QRectF, QSize
from PySide6.QtGui import QPainter, QPixmap

from labeler.core.boxes import Rect
from labeler.gui.canvas.paint import AT_REST, paint
from labeler.gui.canvas.scene import DENSE_FROM, Scene
from labeler.gui.canvas.view import View


class RestLayer:
    """Belongs to one canvas. `forget` says what is no longer true, `refreshed` makes it true again and returns the pixmap."""

    def __init__(self) -> None:
        self._pixmap = QPixmap()
        self._view: View | None = None
        self._stale: list[tuple[Rect, View]] = []

    def forget(self) -> None:
        """Everything has changed."""
        self._view = None

    def forget_areas(self, areas: list[Rect], view: View) -> None:
        """These areas of the screen, as `view` shows it, have changed."""
        self._stale += [(area, view) for area in areas]

    def refreshed(self, scene: Scene) -> QPixmap:
        """The pixmap, the size of the widget, showing the scene's layers at rest."""
        size = QSize(math.ceil(scene.width * scene.ratio), math.ceil(scene.height * scene.ratio))
        if self._pixmap.size() != size or self._pixmap.devicePixelRatio() != scene.ratio:
            self._pixmap = QPixmap(size)
            self._pixmap.setDevicePixelRatio(scene.ratio)
            self._view = None
        if self._view is None or self._view.scale != scene.view.scale:
            self._paint_all(scene)
        else:
            self._shift(scene, self._view)
            self._patch(scene, [_shifted(area, view, scene.view) for area, view in self._stale])
        self._view, self._stale = scene.view, []
        return self._pixmap

    def _paint_all(self, scene: Scene) -> None:
        whole = Rect(0, 0, scene.width, scene.height)
        scene.dense = len(scene.visible(whole)) > DENSE_FROM
        self._patch(scene, [whole])

    def _shift(self, scene: Scene, old: View) -> None:
        dx, dy = round((scene.view.x - old.x) * scene.ratio), round((scene.view.y - old.y) * scene.ratio)
        if not dx and not dy:
            return
        size = self._pixmap.size()
        if abs(dx) >= size.width() or abs(dy) >= size.height():
            self._paint_all(scene)
            return
        self._pixmap.scroll(dx, dy, QRect(0, 0, size.width(), size.height()))
        self._patch(scene, _uncovered(scene, dx / scene.ratio, dy / scene.ratio))

    def _patch(self, scene: Scene, areas: list[Rect]) -> None:
        whole = QRectF(0, 0, scene.width, scene.height)
        for area in areas:
            clip = QRectF(area.x, area.y, area.w, area.h).toAlignedRect().intersected(whole.toAlignedRect())
            if clip.isEmpty():
                continue
            painter = QPainter(self._pixmap)
            painter.setClipRect(clip)
            paint(AT_REST, painter, scene, Rect(clip.x(), clip.y(), clip.width(), clip.height()))
            painter.end()


def _shifted(area: Rect, old: View, new: View) -> Rect:
    return Rect(area.x + new.x - old.x, area.y + new.y - old.y, area.w, area.h)


def _uncovered(scene: Scene, dx: float, dy: float) -> list[Rect]:
    """The strips of the widget that a shift brings into sight."""
    strips = []
    if dx:
        strips.append(Rect(0 if dx > 0 else scene.width + dx, 0, abs(dx), scene.height))
    if dy:
        strips.append(Rect(0, 0 if dy > 0 else scene.height + dy, scene.width, abs(dy)))
    return strips

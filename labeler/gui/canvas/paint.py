"""Painting a scene, as ordered tuples of layers: `AT_REST` is kept in a pixmap between edits, `LIVE` is painted every time.

Each layer is a function of painter, scene and the area of the screen that is wanted, to which the painter is clipped. Keeps nothing.
"""

from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPixmap

from labeler.core.boxes import Rect, Suggestion, as_array, grown
from labeler.core.hit import handles
from labeler.gui import theme
from labeler.gui.canvas import frames
from labeler.gui.canvas.chips import box_chip, suggestion_chip
from labeler.gui.canvas.items import Indices
from labeler.gui.canvas.scene import CHIP_HEIGHT, GRID_FROM, MARGIN, Scene

Layer = Callable[[QPainter, Scene, Rect], None]
HANDLE_SIDE = 8.0
CHIPS_FROM = 15.0
"""Screen pixels a box is high before it shows its chip without being hovered over or selected: on less, chips would hide the ink."""
INSIDE = 4.0
HATCH = 11.0
"""Screen pixels of the hatched corner of a suggestion."""
_GRID = QColor(128, 128, 128, 70)
_DASHES = [3.0, 2.0]


def paint(layers: Iterable[Layer], painter: QPainter, scene: Scene, area: Rect) -> None:
    """Every layer of a scene, each with the painter as it was."""
    for layer in layers:
        painter.save()
        layer(painter, scene, area)
        painter.restore()


def backdrop(painter: QPainter, scene: Scene, area: Rect) -> None:
    """What lies around the page, and the page's own edge."""
    painter.fillRect(_qrect(area), QColor(theme.current().canvas))
    if scene.page is not None:
        on = _qrect(scene.view.on_screen(scene.page))
        painter.setPen(QPen(QColor(theme.current().strong_line), 1))
        painter.setBrush(QBrush(QColor(theme.current().panel)))
        painter.drawRect(on.adjusted(-1, -1, 0, 0))


def picture(painter: QPainter, scene: Scene, area: Rect) -> None:
    """The picture: smooth when reduced, in plain pixels when much enlarged."""
    if scene.picture is None or scene.page is None:
        return
    level = scene.picture.level(scene.device_scale)
    if scene.device_scale < 2.0:
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, scene.device_scale != 1.0)
        painter.drawImage(_qrect(scene.view.on_screen(scene.page)), level, QRectF(level.rect()))
        return
    # Enlarged, only the pixels in sight are handed over: the rest would be numbers too large for the rasteriser.
    seen = scene.view.on_image(area)
    left, top = max(np.floor(seen.x), 0.0), max(np.floor(seen.y), 0.0)
    right, bottom = min(np.ceil(seen.right), scene.page.w), min(np.ceil(seen.bottom), scene.page.h)
    if right > left and bottom > top:
        part = Rect(float(left), float(top), float(right - left), float(bottom - top))
        painter.drawImage(_qrect(scene.view.on_screen(part)), level, _qrect(part))


def pixel_grid(painter: QPainter, scene: Scene, area: Rect) -> None:
    """Lines between the pixels of the picture, when they are large enough to tell apart."""
    if scene.page is None or scene.device_scale < GRID_FROM:
        return
    on = scene.view.on_screen(scene.page)
    left, top = max(on.x, area.x), max(on.y, area.y)
    right, bottom = min(on.right, area.right), min(on.bottom, area.bottom)
    x0, y0 = scene.view.to_image(left, top)
    x1, y1 = scene.view.to_image(right, bottom)
    columns = [scene.view.to_screen(x, 0)[0] for x in range(int(np.ceil(x0)), int(x1) + 1)]
    rows = [scene.view.to_screen(0, y)[1] for y in range(int(np.ceil(y0)), int(y1) + 1)]
    painter.setPen(_cosmetic(scene, _GRID, 1 / scene.ratio))
    painter.drawLines([QLineF(x, top, x, bottom) for x in columns] + [QLineF(left, y, right, y) for y in rows])


def items_at_rest(painter: QPainter, scene: Scene, area: Rect) -> None:
    """Boxes, then suggestions, then what is selected of them, then every chip."""
    seen = scene.visible(area)
    if not len(seen):
        return
    chosen = seen[np.isin(seen, scene.selected)] if scene.selected else seen[:0]
    plain = seen[~np.isin(seen, chosen)] if len(chosen) else seen
    for group in (plain, chosen):
        _outlines(painter, scene, group, selected=group is chosen)
    large = plain[scene.items.rects[plain, 3] * scene.view.scale >= CHIPS_FROM]
    for group in (large, chosen):
        painter.save()
        _chips(painter, scene, group)
        painter.restore()


def hover(painter: QPainter, scene: Scene, _area: Rect) -> None:
    """A shade over what a press would grab, and its chip above all others."""
    if scene.hovered is None or scene.hovered in scene.lifted or scene.hide_boxes or scene.hovered >= len(scene.items):
        return
    colour = theme.class_colour(int(scene.items.class_ids[scene.hovered]))
    on = scene.view.on_screen(scene.where(scene.hovered))
    painter.fillRect(_qrect(on), _with_alpha(colour, 48))
    if on.y >= CHIP_HEIGHT and on.x >= 0:
        _chips(painter, scene, np.array([scene.hovered], dtype=np.intp))
    else:  # where the box's corner is out of sight, its chip comes into sight
        thing = scene.items.things[scene.hovered]
        per_cent = int(thing.score * 100) if isinstance(thing, Suggestion) else -1
        place = QPointF(max(on.x, 0.0) + INSIDE, max(on.y, 0.0) + INSIDE)
        painter.drawPixmap(place, _chip(scene, thing.class_id, per_cent))


def lifted(painter: QPainter, scene: Scene, _area: Rect) -> None:
    """Items in the middle of a gesture, where they are now."""
    for index, rect in scene.lifted.items():
        colour = theme.class_colour(int(scene.items.class_ids[index]))
        _frame(painter, scene, rect, colour, len(scene.lifted) > HANDLES_LIMIT)
    if len(scene.lifted) == 1:
        (rect,) = scene.lifted.values()
        _tag(painter, scene, rect)


def grips(painter: QPainter, scene: Scene, _area: Rect) -> None:
    """The handles of what is selected."""
    if scene.hide_boxes:
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(theme.LIGHT.accent), 1.5))
    painter.setBrush(QBrush(Qt.GlobalColor.white))
    half = HANDLE_SIDE / 2
    for index in scene.grabbable:
        for handle in handles(scene.where(index), scene.view.scale):
            x, y = scene.view.to_screen(handle.x, handle.y)
            painter.drawRoundedRect(QRectF(x - half, y - half, HANDLE_SIDE, HANDLE_SIDE), 2, 2)


def drawing(painter: QPainter, scene: Scene, _area: Rect) -> None:
    """The box being drawn, with its size."""
    if scene.drawn is not None:
        _frame(painter, scene, scene.drawn, theme.class_colour(scene.next_class), False)
        _tag(painter, scene, scene.drawn)


def rubber_band(painter: QPainter, scene: Scene, _area: Rect) -> None:
    """The band that selects what it touches."""
    if scene.band is not None:
        colour = QColor(theme.LIGHT.accent)
        on = _qrect(scene.view.on_screen(scene.band))
        painter.fillRect(on, _with_alpha(colour, 36))
        painter.setPen(_cosmetic(scene, colour, 1))
        painter.drawRect(on)


def crosshair(painter: QPainter, scene: Scene, _area: Rect) -> None:
    """Lines through the pointer while drawing, and the class that the next box will have."""
    if scene.crosshair is None:
        return
    x, y = (round(v) + 0.5 for v in scene.crosshair)
    lines = [QLineF(x, 0, x, scene.height), QLineF(0, y, scene.width, y)]
    painter.setPen(_cosmetic(scene, frames.HALO, 3))
    painter.drawLines(lines)
    painter.setPen(_cosmetic(scene, QColor(theme.LIGHT.accent), 1))
    painter.drawLines(lines)
    if scene.next_class < len(scene.class_names):
        chip = box_chip(scene.next_class, scene.class_names[scene.next_class], scene.ratio)
        painter.drawPixmap(QPointF(x + 6.5, y + 6.5), chip)


AT_REST: tuple[Layer, ...] = (backdrop, picture, pixel_grid, items_at_rest)
LIVE: tuple[Layer, ...] = (hover, lifted, grips, drawing, rubber_band, crosshair)
HANDLES_LIMIT = 40


def live_areas(scene: Scene) -> list[Rect]:
    """The parts of the screen that the live layers may paint on."""
    areas = []
    if scene.hovered is not None and scene.hovered < len(scene.items):
        areas.append(scene.bounds(scene.where(scene.hovered)))
    if scene.lifted:
        areas.append(_hull([scene.bounds(r) for r in scene.lifted.values()]))
    areas += [scene.bounds(scene.where(i)) for i in scene.grabbable]
    if scene.drawn is not None:
        areas.append(grown(scene.bounds(scene.drawn), 60))
    if scene.band is not None:
        areas.append(grown(scene.view.on_screen(scene.band), 2))
    if scene.crosshair is not None:
        x, y = scene.crosshair
        areas += [Rect(x - 3, 0, 7, scene.height), Rect(0, y - 3, scene.width, 7), Rect(x, y, 60, CHIP_HEIGHT + 10)]
    return areas


def _outlines(painter: QPainter, scene: Scene, group: Indices, *, selected: bool) -> None:
    if not len(group):
        return
    boxes, suggestions = group[group < scene.items.boxes], group[group >= scene.items.boxes]
    painter.save()
    if scene.dense:
        painter.translate(scene.view.x, scene.view.y)
        painter.scale(scene.view.scale, scene.view.scale)
        _thin(painter, scene, boxes, tint=selected)
        _thin(painter, scene, suggestions, tint=selected, dashed=True)
    else:
        _framed(painter, scene, boxes, frames.draw_solid, selected=selected)
        _framed(painter, scene, suggestions, frames.draw_striped, selected=selected)
    painter.restore()
    if not scene.dense:
        _hatch(painter, scene, suggestions)


def _thin(painter: QPainter, scene: Scene, group: Indices, *, tint: bool, dashed: bool = False) -> None:
    """Lines one device pixel wide, in one call a class: what thousands of boxes can afford."""
    for class_id, members in _by_class(scene, group):
        colour = theme.class_colour(class_id)
        pen = QPen(colour, 1)
        pen.setCosmetic(True)
        if dashed:
            pen.setDashPattern(_DASHES)
        painter.setPen(pen)
        painter.setBrush(QBrush(_with_alpha(colour, 40)) if tint else QBrush())
        painter.drawRects([scene.items.shapes[i] for i in members])


def _framed(
    painter: QPainter,
    scene: Scene,
    group: Indices,
    draw: Callable[[QPainter, npt.NDArray[np.int64], int, QColor], None],
    *,
    selected: bool,
) -> None:
    if not len(group):
        return
    width = 3 if selected else 2
    painter.save()
    painter.translate(scene.view.x, scene.view.y)
    frames.draw_halos(painter, frames.on_page(scene.items.rects[group], scene.view), width)
    for class_id, members in _by_class(scene, group):
        corners, colour = frames.on_page(scene.items.rects[members], scene.view), theme.class_colour(class_id)
        if selected:
            frames.draw_shades(painter, corners, _with_alpha(colour, 40))
        draw(painter, corners, width, colour)
    painter.restore()


def _hatch(painter: QPainter, scene: Scene, group: Indices) -> None:
    """Three strokes across the lower right corner of each suggestion: a mark that does not need colour."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for class_id, members in _by_class(scene, group):
        lines = []
        for i in members:
            on = scene.view.on_screen(scene.where(i))
            reach = min(HATCH, on.w / 2, on.h / 2)
            lines += [
                QLineF(on.right - reach * t, on.bottom, on.right, on.bottom - reach * t) for t in (1.0, 0.67, 0.33)
            ]
        painter.setPen(QPen(theme.class_colour(class_id), 1.25))
        painter.drawLines(lines)


def _chips(painter: QPainter, scene: Scene, group: Indices) -> None:
    """Each chip stands above its box's left edge, or below the box where the page begins. What one covers of another is its score."""
    if not len(group):
        return
    group = group[np.argsort(scene.items.rects[group, 0], kind="stable")]
    painter.translate(scene.view.x, scene.view.y)
    corners = frames.on_page(scene.items.rects[group], scene.view)
    left, above, below = corners[:, 0] - 1, corners[:, 1] - CHIP_HEIGHT - 1, corners[:, 3] + 2
    top = np.where(above < -CHIP_HEIGHT, below, above)
    draw, things, boxes = painter.drawPixmap, scene.items.things, scene.items.boxes
    made: dict[tuple[int, int], QPixmap] = {}
    for index, x, y in zip(group.tolist(), left.tolist(), top.tolist(), strict=True):
        thing = things[index]
        kind = thing.class_id, (int(thing.score * 100) if index >= boxes else -1)
        if kind not in made:
            made[kind] = _chip(scene, *kind)
        draw(x, y, made[kind])


def _chip(scene: Scene, class_id: int, per_cent: int) -> QPixmap:
    name = scene.class_names[class_id] if class_id < len(scene.class_names) else "?"
    if per_cent < 0:
        return box_chip(class_id, name, scene.ratio)
    return suggestion_chip(class_id, name, per_cent, scene.ratio)


def _frame(painter: QPainter, scene: Scene, rect: Rect, colour: QColor, plain: bool) -> None:
    """A frame in the middle of a gesture."""
    painter.save()
    painter.translate(scene.view.x, scene.view.y)
    corners = frames.on_page(as_array([rect]), scene.view)
    frames.draw_shades(painter, corners, _with_alpha(colour, 30))
    if not plain:
        frames.draw_halos(painter, corners, 3)
    frames.draw_solid(painter, corners, 1 if plain else 3, colour)
    painter.restore()


def _tag(painter: QPainter, scene: Scene, rect: Rect) -> None:
    """The size in pixels of the image, below the rectangle."""
    on = scene.view.on_screen(rect)
    text = f"{rect.w:.0f} × {rect.h:.0f}"
    font = painter.font()
    font.setPixelSize(11)
    painter.setFont(font)
    width = painter.fontMetrics().horizontalAdvance(text) + 10
    place = QRectF(on.x + on.w / 2 - width / 2, on.bottom + MARGIN / 2, width, CHIP_HEIGHT + 2)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.LIGHT.accent))
    painter.drawRoundedRect(place, 4, 4)
    painter.setPen(QColor(theme.LIGHT.on_accent))
    painter.drawText(place, Qt.AlignmentFlag.AlignCenter, text)


def _by_class(scene: Scene, group: Indices) -> list[tuple[int, list[int]]]:
    if not len(group):
        return []
    classes = scene.items.class_ids[group]
    order = np.argsort(classes, kind="stable")
    found, starts = np.unique(classes[order], return_index=True)
    parts = np.split(group[order], starts[1:])
    return [(int(c), part.tolist()) for c, part in zip(found, parts, strict=True)]


def _cosmetic(scene: Scene, colour: QColor, width: float) -> QPen:
    """A pen `width` screen pixels wide at any zoom; Qt counts such a pen's width in device pixels."""
    pen = QPen(colour, width * scene.ratio)
    pen.setCosmetic(True)
    pen.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    return pen


def _with_alpha(colour: QColor, alpha: int) -> QColor:
    return QColor(colour.red(), colour.green(), colour.blue(), alpha)


def _qrect(rect: Rect) -> QRectF:
    return QRectF(rect.x, rect.y, rect.w, rect.h)


def _hull(rects: list[Rect]) -> Rect:
    left, top = min(r.x for r in rects), min(r.y for r in rects)
    return Rect(left, top, max(r.right for r in rects) - left, max(r.bottom for r in rects) - top)

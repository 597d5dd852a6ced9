"""Composes one page: paper, layout, hand, distractors, camera. The one door to this package.

Owns the mixture of page kinds. A page is a pure function of its random generator and its sources.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from labeler.training.synth import camera, distractors, layout, paper
from labeler.training.synth.hands import Glyph, Hand
from labeler.training.synth.ink import Blot, Matrix, blot, place, project
from labeler.training.synth.paper import Canvas, Generator
from labeler.training.synth.writings import Sign, Writing


@dataclass(frozen=True, slots=True)
class Page:
    """A picture (blue, green, red; uint8) and its digits: (n, 5) rows of class, x1, y1, x2, y2 in pixels."""

    image: Canvas
    boxes: NDArray[np.float64]
    kind: str = ""
    """For a made page, which of `KINDS` it is."""


@dataclass(frozen=True, slots=True)
class Sources:
    """The hands to draw from, each list as likely as its weight says, and recorded marks that are no digit."""

    hands: Sequence[Sequence[Hand]] = ()
    weights: Sequence[float] = ()
    marks: Sequence[Glyph] = ()
    writings: Sequence[Writing] = ()
    """Recorded pages: digits among words, as people write them."""


@dataclass(slots=True)
class _Desk:
    """The page being written: it collects ink and the bounds of each digit."""

    canvas: Canvas
    matrix: Matrix
    rng: Generator
    colour: NDArray[np.float64]
    opacity: float
    pencil: bool
    boxes: list[tuple[float, ...]] = field(default_factory=list)
    """Digits so far."""

    def write(self, glyph: Glyph, *, x: float, y: float, height: float, pen: float) -> Blot | None:
        """Inks a glyph with its centre at x, y of the page; returns what reached the canvas."""
        turn = float(self.rng.normal(0, 0.03))
        at = place(x - glyph.aspect * height / 2, y - height / 2, height, turn=turn)
        pressure = np.exp(self.rng.normal(0, 0.16, 7)) if self.rng.random() < 0.5 else None
        size = (self.canvas.shape[1], self.canvas.shape[0])
        done = blot(glyph, self.matrix @ at, pen=pen, size=size, pressure=pressure)
        if done is not None:
            self.ink(done)
        return done

    def digit(self, glyph: Glyph, digit: int, *, x: float, y: float, height: float, pen: float) -> None:
        """Inks a digit and notes its box, unless too little of it is on the canvas."""
        done = self.write(glyph, x=x, y=y, height=height, pen=pen)
        bounds = done.bounds() if done is not None and done.kept > 0.35 else None
        if bounds is not None and min(bounds[2] - bounds[0], bounds[3] - bounds[1]) >= 2:
            self.boxes.append((float(digit), *(float(v) for v in bounds)))

    def ink(self, done: Blot) -> None:
        """Colours the canvas where `done` covers it."""
        h, w = done.mask.shape
        region = self.canvas[done.y : done.y + h, done.x : done.x + w]
        alpha = done.mask.astype(np.float32) * (self.opacity / 255.0)
        if self.pencil:
            alpha = alpha * self.rng.uniform(0.55, 1.0, alpha.shape).astype(np.float32)
        alpha = alpha[:, :, None]
        region[:] = (region * (1 - alpha) + self.colour.astype(np.float32) * alpha).astype(np.uint8)


KINDS = {"photo": 0.43, "scan": 0.13, "cheque": 0.12, "pad": 0.26, "board": 0.06}
"""Kinds of page and how often each is made."""
WRITING_KINDS = {"photo": 0.35, "scan": 0.2, "pad": 0.4, "board": 0.05}


def make_page(
    rng: Generator, sources: Sources, *, size: int = 416, kind: str | None = None, letters: float = 0.0
) -> Page:
    """One page whose longer side is `size` pixels, of a kind in `KINDS` or of any.

    About the share `letters` of what would be digits are letters and signs instead.
    """
    kind = kind or str(rng.choice(list(KINDS), p=list(KINDS.values())))
    width, height = _shape(kind, size, rng)
    matrix = _view(kind, width, height, rng)
    desk = _lay_out_desk(kind, width, height, matrix, rng)
    plan = _plan(kind, width, height, rng)
    hand = _pick_hand(sources, rng)
    _distract(desk, kind, sources, rng, before=True)
    if rng.random() >= 0.06:
        _fill(desk, _with_letters(plan, letters, rng), hand, rng, sources)
    _distract(desk, kind, sources, rng, before=False)
    return _finished(desk, kind, rng)


def make_writing(rng: Generator, sources: Sources, *, size: int = 416) -> Page:
    """One page on which a piece of a recorded writing stands, in another pen on another paper; `sources` must have writings.

    Half the time another hand writes its digits. Words and digits keep their places: that is what tells an O from a 0.
    """
    kind = str(rng.choice(list(WRITING_KINDS), p=list(WRITING_KINDS.values())))
    width, height = _shape(kind, size, rng)
    desk = _lay_out_desk(kind, width, height, _view(kind, width, height, rng), rng)
    writing = sources.writings[int(rng.integers(len(sources.writings)))]
    hand = _pick_hand(sources, rng) if rng.random() < 0.5 else None
    scale = layout.log_uniform(rng, 14, 0.3 * min(width, height)) / writing.usual
    digits = [sign for sign in writing.signs if sign.digit >= 0]
    chosen = digits if digits and rng.random() < 0.7 else writing.signs
    around = chosen[int(rng.integers(len(chosen)))]
    shift = rng.uniform(0.15, 0.85, 2) * (width, height) - np.array([around.x, around.y]) * scale
    pen = _thickness(float(rng.uniform(0.03, 0.11)), scale * writing.usual)
    for sign in writing.signs:
        _write_sign(desk, sign, hand, x=sign.x * scale + shift[0], y=sign.y * scale + shift[1], scale=scale, pen=pen)
    return _finished(desk, kind, rng)


def _write_sign(desk: _Desk, sign: Sign, hand: Hand | None, *, x: float, y: float, scale: float, pen: float) -> None:
    height = sign.height * scale
    x, y = x + sign.glyph.aspect * height / 2, y + height / 2
    if sign.digit < 0:
        desk.write(sign.glyph, x=x, y=y, height=height, pen=pen)
        return
    glyph = hand.write(sign.digit, desk.rng) if hand else sign.glyph
    desk.digit(glyph, sign.digit, x=x, y=y, height=height, pen=pen)


def _finished(desk: _Desk, kind: str, rng: Generator) -> Page:
    finish: Callable[[Canvas, Generator], Canvas] = {"photo": camera.photograph, "board": camera.photograph}.get(
        kind, camera.scan
    )
    image = desk.canvas if kind == "pad" or (kind == "board" and rng.random() < 0.5) else finish(desk.canvas, rng)
    return Page(image, np.array(desk.boxes, np.float64).reshape(-1, 5), kind)


def _shape(kind: str, size: int, rng: Generator) -> tuple[int, int]:
    if kind == "cheque":
        return size, int(size * rng.uniform(0.22, 0.4))
    ratio = float(rng.uniform(0.6, 1.0))
    return (size, int(size * ratio)) if rng.random() < 0.5 else (int(size * ratio), size)


def _view(kind: str, width: int, height: int, rng: Generator) -> Matrix:
    """From page pixels to canvas pixels: a turn about the middle and, for photographs, some perspective."""
    spread = {"photo": 0.06, "scan": 0.015, "cheque": 0.02, "pad": 0.01, "board": 0.03}[kind]
    turn = float(rng.normal(0, spread))
    if rng.random() < (0.2 if kind == "photo" else 0.05):
        turn = float(rng.uniform(-0.5, 0.5))
    c, s = np.cos(turn), np.sin(turn)
    to_middle = np.array([[1.0, 0.0, -width / 2], [0.0, 1.0, -height / 2], [0.0, 0.0, 1.0]])
    back = np.array([[1.0, 0.0, width / 2], [0.0, 1.0, height / 2], [0.0, 0.0, 1.0]])
    lean = rng.normal(0, 0.00035, 2) if kind == "photo" else np.zeros(2)
    return np.asarray(back @ np.array([[c, -s, 0.0], [s, c, 0.0], [lean[0], lean[1], 1.0]]) @ to_middle)


def _lay_out_desk(kind: str, width: int, height: int, matrix: Matrix, rng: Generator) -> _Desk:
    if kind == "pad":
        black = rng.random() < 0.8
        colour = (rng.integers(0, 25, 3) if black else rng.integers(0, 150, 3)).astype(np.float64)
        return _Desk(paper.pad(width, height, rng), matrix, rng, colour, 1.0, False)
    if kind == "board":
        canvas = paper.board(width, height, rng)
        return _Desk(canvas, matrix, rng, rng.uniform(190, 255, 3), float(rng.uniform(0.75, 1)), rng.random() < 0.4)
    canvas = paper.security_print(width, height, rng) if kind == "cheque" else paper.sheet(width, height, rng, matrix)
    ink = str(rng.choice(["black", "blue", "pencil", "red", "green"], p=[0.37, 0.28, 0.25, 0.06, 0.04]))
    colour = {
        "black": rng.uniform(5, 60, 3),
        "blue": np.array([rng.uniform(90, 180), rng.uniform(20, 80), rng.uniform(10, 70)]),
        "pencil": np.full(3, rng.uniform(40, 120)),
        "red": np.array([rng.uniform(20, 80), rng.uniform(20, 60), rng.uniform(150, 220)]),
        "green": np.array([rng.uniform(30, 80), rng.uniform(90, 150), rng.uniform(10, 60)]),
    }[ink]
    opacity = float(rng.uniform(0.45, 0.9)) if ink == "pencil" else float(rng.uniform(0.75, 1.0))
    return _Desk(canvas, matrix, rng, colour, opacity, ink == "pencil")


def _plan(kind: str, width: int, height: int, rng: Generator) -> layout.Plan:
    if kind == "cheque":
        return layout.strip(width, height, rng)
    plans = (layout.scattered, layout.numbers, layout.column_sum, layout.grid, layout.alone)
    shares = [0.35, 0.25, 0.08, 0.1, 0.22] if kind == "pad" else [0.2, 0.28, 0.23, 0.21, 0.08]
    return plans[int(rng.choice(len(plans), p=shares))](width, height, rng)


def _pick_hand(sources: Sources, rng: Generator) -> Hand:
    if not sources.hands:
        return Hand(seed=int(rng.integers(1 << 20)))
    weights = np.asarray(sources.weights, np.float64)
    group = sources.hands[int(rng.choice(len(sources.hands), p=weights / weights.sum()))]
    if not group:
        return Hand(seed=int(rng.integers(1 << 20)))
    return group[int(rng.integers(len(group)))]


def _fill(desk: _Desk, plan: layout.Plan, hand: Hand, rng: Generator, sources: Sources) -> None:
    _draw_lines(desk, plan, rng)
    in_print = float(rng.uniform(0.1, 0.6)) if len(plan.lines) > 4 and rng.random() < 0.6 else 0.0
    pen = float(hand.pen * np.exp(rng.normal(0, 0.35)))
    if desk.pencil or rng.random() < 0.2:
        pen *= 0.6
    edge, usual = 0.0, float(np.median([slot.height for slot in plan.slots])) if plan.slots else 1.0
    for slot in plan.slots:
        if in_print and slot.digit >= 0 and rng.random() < in_print:
            _print_in_slot(desk, slot, rng)
            continue
        is_digit = slot.digit >= 0
        # One pen a page: what is written small, such as a carry, is thick for its size.
        thick = min(_thickness(pen, max(slot.height, 0.8 * usual)), 0.25 * slot.height)
        glyph = hand.write(slot.digit, rng) if is_digit else distractors.mark(rng, sources.marks)
        half = glyph.aspect * slot.height / 2
        x = edge + slot.gap * slot.height + half if slot.chained else slot.x
        edge = x + half
        if not is_digit:
            desk.write(glyph, x=x, y=slot.y, height=slot.height, pen=thick)
            continue
        desk.digit(glyph, slot.digit, x=x, y=slot.y, height=slot.height, pen=thick)
        if slot.chained and rng.random() < 0.04:
            dot = distractors.operator(rng)
            desk.write(
                dot, x=edge + 0.1 * slot.height, y=slot.y + 0.5 * slot.height, height=0.12 * slot.height, pen=thick
            )
    if plan.slots and rng.random() < 0.45:
        _write_marks(desk, plan, pen, rng, sources)


def _with_letters(plan: layout.Plan, share: float, rng: Generator) -> layout.Plan:
    """The plan with letters, digit -1, in some slots. What stands together is a word or a number, seldom both."""
    if not share:
        return plan
    slots, word = [], False
    for slot in plan.slots:
        if not slot.chained or rng.random() < 0.1:
            word = rng.random() < share
        slots.append(replace(slot, digit=-1) if word else slot)
    return replace(plan, slots=tuple(slots))


def _write_marks(desk: _Desk, plan: layout.Plan, pen: float, rng: Generator, sources: Sources) -> None:
    """Letters and operators in the digits' own size, pen and neighbourhood, where they cover no digit."""
    height, width = desk.canvas.shape[:2]
    usual = float(np.median([slot.height for slot in plan.slots]))
    for _ in range(int(rng.integers(1, 8))):
        size = usual * float(rng.uniform(0.35, 1.1))
        glyph = distractors.mark(rng, sources.marks)
        x, y = float(rng.uniform(0, width)), float(rng.uniform(0, height))
        half_w, half_h = (0.5 * glyph.aspect + 0.15) * size, 0.65 * size
        clear = all(
            x + half_w < b[1] or x - half_w > b[3] or y + half_h < b[2] or y - half_h > b[4] for b in desk.boxes
        )
        if clear:
            desk.write(glyph, x=x, y=y, height=size, pen=_thickness(pen, size))


def _thickness(pen: float, height: float) -> float:
    """Pixels: proportional for large digits, but a pen does not get thinner as fast as the writing gets small."""
    return max(0.7, pen * float(height**0.9) * 1.35)


def _print_in_slot(desk: _Desk, slot: layout.Slot, rng: Generator) -> None:
    """A printed digit upright in its cell: part of the puzzle, not of the handwriting."""
    centre = project(np.array([[slot.x, slot.y]]), desk.matrix)[0]
    x, y = centre[0] - 0.3 * slot.height, centre[1] - 0.5 * slot.height
    distractors.print_text(desk.canvas, rng, x=x, y=y, height=slot.height * 1.25, text=str(slot.digit))


def _draw_lines(desk: _Desk, plan: layout.Plan, rng: Generator) -> None:
    hand_drawn = len(plan.lines) <= 4 or rng.random() < 0.2
    for x1, y1, x2, y2, thick in plan.lines:
        line = np.linspace((x1, y1), (x2, y2), 24)
        if hand_drawn:
            line = line + rng.normal(0, 0.5, line.shape)
        done = blot(Glyph((line,)), desk.matrix, pen=thick, size=(desk.canvas.shape[1], desk.canvas.shape[0]))
        if done is not None:
            desk.ink(done)


def _distract(desk: _Desk, kind: str, sources: Sources, rng: Generator, *, before: bool) -> None:
    """Print below the handwriting (`before`), or the odd large scribble beside it afterwards."""
    height, width = desk.canvas.shape[:2]
    if before and rng.random() < {"photo": 0.3, "scan": 0.5, "cheque": 0.15, "pad": 0.05, "board": 0.05}[kind]:
        for _ in range(int(rng.integers(1, 7))):
            size = layout.log_uniform(rng, 8, 0.14 * max(width, height))
            x, y = float(rng.uniform(0, width)), float(rng.uniform(0, height))
            distractors.print_text(desk.canvas, rng, x=x, y=y, height=size)
    if not before and not desk.boxes:
        for _ in range(int(rng.integers(0, 10))):
            size = layout.log_uniform(rng, 10, 0.4 * height)
            pen = _thickness(float(rng.uniform(0.03, 0.12)), size)
            glyph = distractors.mark(rng, sources.marks)
            desk.write(glyph, x=float(rng.uniform(0, width)), y=float(rng.uniform(0, height)), height=size, pen=pen)

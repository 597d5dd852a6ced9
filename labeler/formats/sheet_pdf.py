"""Prints sheets: their marks, code, frames and prompts as a PDF. Owns how a sheet looks, not where things lie on it."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from labeler.core.boxes import Rect
from labeler.core.i18n import tr
from labeler.core.sheets import INSET, MARGIN, Cell, Sheet, encode, layout
from labeler.detect.opencv import load as load_cv2
from labeler.formats.pdf import PdfPage, write

MARK_MODULES = 6
"""A mark is four by four modules within a black border."""
CODE_VERSION = 6
CODE_MODULES = 41
FRAME = (0.66, 0.78, 0.90)
"""Pale blue: light enough to be told from any pen, dark enough to be seen."""
FRAME_WIDTH = 0.25
PROMPT = (0.35, 0.45, 0.55)
FAINT = (0.45, 0.45, 0.45)

Modules = npt.NDArray[np.bool_]


def pdf(sheets: Sequence[Sheet]) -> bytes:
    """The sheets as a PDF, one page each."""
    return write([_page(sheet) for sheet in sheets], title=tr("Sheets for handwriting"))


def mark_modules(mark: int) -> Modules:
    """The modules of a mark, (6, 6), true where black."""
    cv2 = load_cv2()
    drawn = cv2.aruco.generateImageMarker(dictionary(cv2), mark, MARK_MODULES)
    return np.asarray(drawn) < 128


def code_modules(text: str) -> Modules:
    """The modules of a sheet's code, (41, 41), true where black."""
    cv2 = load_cv2()
    options = cv2.QRCodeEncoder_Params()
    options.version = CODE_VERSION
    options.correction_level = cv2.QRCodeEncoder_CORRECT_LEVEL_Q
    options.mode = cv2.QRCodeEncoder_MODE_BYTE
    drawn = np.asarray(cv2.QRCodeEncoder.create(options).encode(text)) < 128
    rows, columns = np.flatnonzero(drawn.any(axis=1)), np.flatnonzero(drawn.any(axis=0))
    return drawn[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def dictionary(cv2: Any) -> Any:
    """The marks' dictionary."""
    return cv2.aruco.getPredefinedDictionary(cv2.aruco.DICT_4X4_50)


def _page(sheet: Sheet) -> PdfPage:
    where = layout(sheet)
    page = PdfPage(where.width, where.height)
    for mark, rect in where.marks.items():
        page.fill(_modules(mark_modules(mark), rect))
    page.fill(_modules(code_modules(encode(sheet)), where.code))
    _head(page, sheet)
    page.frame([cell.rect for cell in where.cells], FRAME, FRAME_WIDTH)
    for cell in where.cells:
        _prompt(page, cell)
    return page


def _head(page: PdfPage, sheet: Sheet) -> None:
    left = MARGIN
    page.text(left, INSET + 8, tr("Writer"), 3.2, FAINT)
    page.text(left, INSET + 17, sheet.writer, 7.5)
    page.text(left, INSET + 25, tr("Write each digit into its box, without touching the frame."), 3.2, FAINT)
    page.text(left, INSET + 29.6, tr("Leave a box empty or scribble it out, and it does not count."), 3.2, FAINT)
    page.text(left, INSET + 34.2, tr("Photograph the whole sheet, with all eight marks."), 3.2, FAINT)


def _prompt(page: PdfPage, cell: Cell) -> None:
    shown = cell.prompt if len(cell.prompt) == 1 else "  ".join(cell.prompt)
    page.text(cell.label.x + 0.3, cell.label.bottom - 0.8, shown, 3.2, PROMPT)


def _modules(modules: Modules, rect: Rect) -> list[Rect]:
    """Black runs of modules, row by row, as rectangles."""
    height, width = modules.shape
    side_x, side_y = rect.w / width, rect.h / height
    out = []
    for y, row in enumerate(modules):
        edges = np.flatnonzero(np.diff(np.concatenate([[0], row.astype(np.int8), [0]])))
        for start, end in edges.reshape(-1, 2).tolist():
            out.append(Rect(rect.x + start * side_x, rect.y + y * side_y, (end - start) * side_x, side_y))
    return out

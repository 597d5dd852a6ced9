"""The printed sheet: what its code says, where its marks and cells lie, and what each cell asks for. Pure; all lengths in millimetres.

A sheet is given by its code alone, so a photo of it can be read by any project without looking anything up.
"""

import hashlib
import string
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import quote, unquote

import numpy as np

from labeler.core.boxes import Rect
from labeler.core.paper import DIGITS as DIGITS
from labeler.core.paper import SIZES as SIZES
from labeler.core.paper import Paper as Paper

MAGIC = "LB1"
MARK = 11.0
"""Side of a mark."""
INSET = 8.0
"""From the edge of the paper to the marks: printers cannot print closer."""
MARGIN = 21.0
"""From the edge of the paper to the cells."""
HEADER = 46.0
COLUMNS = 10
CELL_HEIGHT, LABEL, GAP = 15.5, 3.6, 3.0
CELL_SPACE = 3.2
"""Between two cells side by side: wide enough to see that ink leaves its cell."""
CODE = 28.0
"""Side of the code."""
LONGEST_CODE = 66
"""Most characters a code may have: it is always printed with the same number of modules."""
STRING_DIGITS = 6

FIRST_MARK = {Paper.A4: 0, Paper.LETTER: 8}
"""Each paper has eight marks of its own, so that the marks alone say what size it is."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that a sheet is: whose, on which paper, asking for which digits, in how many rows of cells and how many lines of strings."""

    writer: str
    paper: Paper = Paper.A4
    digits: str = DIGITS
    rows: int = 8
    lines: int = 2
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Cell:
    """A place to write. `rect` is its frame; `prompt` one digit, or several from left to right; `name` is its row and column."""

    rect: Rect
    prompt: str
    name: str

    @property
    def label(self) -> Rect:
        """Where the prompt is printed, above the frame."""
        return Rect(self.rect.x, self.rect.y - LABEL, self.rect.w, LABEL)


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything lies. `marks` by id."""

    width: float
    height: float
    marks: dict[int, Rect]
    code: Rect
    cells: tuple[Cell, ...]


def most_rows(paper: Paper, lines: int) -> int:
    """How many rows of cells fit above so many lines."""
    free = SIZES[paper][1] - HEADER - INSET - MARK - 2.0
    return int(free / (CELL_HEIGHT + LABEL + GAP)) - lines


def problem(sheet: Sheet) -> str:
    """What is wrong with a sheet, as the name of a field; empty where nothing is."""
    checks = {
        "writer": bool(sheet.writer.strip()) and len(encode(sheet)) <= LONGEST_CODE,
        "digits": bool(sheet.digits) and set(sheet.digits) <= set(DIGITS),
        "lines": 0 <= sheet.lines <= most_rows(sheet.paper, 0),
        "rows": 0 <= sheet.rows <= most_rows(sheet.paper, sheet.lines) and sheet.rows + sheet.lines > 0,
        "seed": 0 <= sheet.seed < 10**6,
    }
    return next((name for name, good in checks.items() if not good), "")


def encode(sheet: Sheet) -> str:
    """The sheet as the text of its code, with a checksum; plain ASCII."""
    body = "|".join(
        (
            MAGIC,
            sheet.paper[0],
            sheet.digits,
            str(sheet.rows),
            str(sheet.lines),
            str(sheet.seed),
            quote(sheet.writer, safe=""),
        )
    )
    return f"{body}|{zlib.crc32(body.encode()):08x}"


def decode(text: str) -> Sheet | None:
    """The sheet of a code; None for any text that is not exactly what `encode` gives."""
    body, _, check = text.rpartition("|")
    fields = body.split("|")
    if len(fields) != 7 or fields[0] != MAGIC or check != f"{zlib.crc32(body.encode()):08x}":
        return None
    paper = next((p for p in Paper if p[0] == fields[1]), None)
    if paper is None or not all(f.isdigit() for f in fields[3:6]):
        return None
    sheet = Sheet(unquote(fields[6]), paper, fields[2], int(fields[3]), int(fields[4]), int(fields[5]))
    return sheet if not problem(sheet) and encode(sheet) == text else None


def layout(sheet: Sheet) -> Layout:
    """Where everything lies on the sheet."""
    width, height = SIZES[sheet.paper]
    return Layout(width, height, marks(sheet.paper), code_place(sheet.paper), tuple(_cells(sheet)))


def marks(paper: Paper) -> dict[int, Rect]:
    """The marks by id: the corners and the middles of the sides, row by row from the top left."""
    width, height = SIZES[paper]
    across = (INSET, (width - MARK) / 2, width - INSET - MARK)
    down = (INSET, (height - MARK) / 2, height - INSET - MARK)
    places = [(x, y) for y in down for x in across if (x, y) != (across[1], down[1])]
    return {FIRST_MARK[paper] + n: Rect(x, y, MARK, MARK) for n, (x, y) in enumerate(places)}


def paper_of(mark_ids: Sequence[int]) -> Paper | None:
    """The paper whose marks most of these are; None where none is ours."""
    counts = {p: sum(FIRST_MARK[p] <= i < FIRST_MARK[p] + 8 for i in mark_ids) for p in Paper}
    best = max(counts, key=lambda p: counts[p])
    return best if counts[best] else None


def code_place(paper: Paper) -> Rect:
    """Where the code lies, without its white border."""
    return Rect(SIZES[paper][0] - MARGIN - CODE - 3.0, INSET, CODE, CODE)


def _cells(sheet: Sheet) -> list[Cell]:
    width = SIZES[sheet.paper][0]
    pitch = (width - 2 * MARGIN + CELL_SPACE) / COLUMNS
    rng = _rng(sheet)
    cells = []
    y = HEADER + LABEL
    asked = _asked(sheet, rng)
    for row in range(sheet.rows):
        for column in range(COLUMNS):
            rect = Rect(MARGIN + column * pitch, y, pitch - CELL_SPACE, CELL_HEIGHT)
            cells.append(Cell(rect, asked[row * COLUMNS + column], f"{string.ascii_uppercase[row]}{column + 1}"))
        y += CELL_HEIGHT + LABEL + GAP
    for line in range(sheet.lines):
        rect = Rect(MARGIN, y, width - 2 * MARGIN, CELL_HEIGHT)
        prompt = "".join(rng.choice(list(sheet.digits), STRING_DIGITS).tolist())
        cells.append(Cell(rect, prompt, f"{string.ascii_uppercase[sheet.rows + line]}"))
        y += CELL_HEIGHT + LABEL + GAP
    return cells


def _asked(sheet: Sheet, rng: np.random.Generator) -> list[str]:
    """A digit for each cell: every digit as often as any other, in mixed order."""
    count = sheet.rows * COLUMNS
    asked: list[str] = []
    while len(asked) < count:
        round_ = list(sheet.digits)
        rng.shuffle(round_)
        asked += round_
    return asked[:count]


def _rng(sheet: Sheet) -> np.random.Generator:
    key = hashlib.sha256(encode(sheet).encode()).digest()
    return np.random.default_rng(int.from_bytes(key[:8], "big"))

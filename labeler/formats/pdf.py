"""Writes small PDF files: lines, rectangles, black modules and text, nothing embedded. Lengths in millimetres, top-left origin.

Text in Latin letters uses Helvetica, which every reader has; other text a Chinese font that readers bring or replace.
After ISO 32000-1. The same drawing gives the same bytes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from labeler.core.boxes import Rect

POINTS = 72 / 25.4
Grey = float
Colour = tuple[float, float, float]


@dataclass(slots=True)
class PdfPage:
    """One page; its drawing methods add to `content`, which is drawn in that order."""

    width: float
    height: float
    content: list[str] = field(default_factory=list)

    def fill(self, rects: Iterable[Rect], colour: Colour = (0.0, 0.0, 0.0)) -> None:
        """Filled rectangles."""
        self.content.append(f"{_colour(colour)} rg")
        self.content += [f"{self._rect(r)} re f" for r in rects]

    def frame(self, rects: Iterable[Rect], colour: Colour, width: float) -> None:
        """The outlines of rectangles, `width` thick."""
        self.content.append(f"{_colour(colour)} RG {_number(width * POINTS)} w")
        self.content += [f"{self._rect(r)} re S" for r in rects]

    def text(self, x: float, y: float, text: str, size: float, colour: Colour = (0.0, 0.0, 0.0)) -> None:
        """Text whose baseline begins at x, y; `size` in millimetres."""
        font, shown = _encoded(text)
        place = f"{_number(x * POINTS)} {_number((self.height - y) * POINTS)}"
        self.content.append(f"BT {_colour(colour)} rg /{font} {_number(size * POINTS)} Tf {place} Td {shown} Tj ET")

    def _rect(self, r: Rect) -> str:
        corner = (r.x * POINTS, (self.height - r.bottom) * POINTS, r.w * POINTS, r.h * POINTS)
        return " ".join(map(_number, corner))


def write(pages: Sequence[PdfPage], *, title: str = "") -> bytes:
    """The pages as the bytes of a PDF file."""
    first = 7
    kids = " ".join(f"{first + 2 * n} 0 R" for n in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [5 0 R] >>",
        "<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /FontDescriptor 6 0 R /DW 1000 "
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> >>",
        "<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880] /ItalicAngle 0 "
        "/Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>",
    ]
    for n, page in enumerate(pages):
        box = f"[0 0 {_number(page.width * POINTS)} {_number(page.height * POINTS)}]"
        fonts = "/Resources << /Font << /F1 3 0 R /F2 4 0 R >> >>"
        objects.append(f"<< /Type /Page /Parent 2 0 R /MediaBox {box} {fonts} /Contents {first + 2 * n + 1} 0 R >>")
        drawn = "\n".join(page.content)
        objects.append(f"<< /Length {len(drawn.encode('latin-1'))} >>\nstream\n{drawn}\nendstream")
    objects.append(f"<< /Title {_utf16(title)} /Producer (Labeler) >>")
    return _file([o.encode("latin-1") for o in objects])


def _file(objects: Sequence[bytes]) -> bytes:
    """Objects with their table; the last one is the information dictionary."""
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += b"trailer\n<< /Size %d /Root 1 0 R /Info %d 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1, len(objects), table,
    )  # fmt: skip
    return bytes(out)


def _encoded(text: str) -> tuple[str, str]:
    """The font for a text, and the text as that font takes it."""
    try:
        return "F1", f"<{text.encode('cp1252').hex()}>"
    except UnicodeEncodeError:
        # UCS-2 ends at U+FFFF.
        return "F2", f"<{''.join(c if ord(c) < 0x10000 else '?' for c in text).encode('utf-16-be').hex()}>"


def _utf16(text: str) -> str:
    return f"<feff{text.encode('utf-16-be').hex()}>"


def _colour(colour: Colour) -> str:
    return " ".join(map(_number, colour))


def _number(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".") or "0"

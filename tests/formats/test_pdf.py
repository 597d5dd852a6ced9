"""PDFs are read by a reader that is not ours: pages, places, text in any writing."""

import numpy as np
import pypdfium2
import pytest

from labeler.core.boxes import Rect
from labeler.formats.pdf import PdfPage, write


def shown(data: bytes, page: int = 0, *, per_mm: float = 4.0) -> np.ndarray:
    document = pypdfium2.PdfDocument(data)
    picture = document[page].render(scale=per_mm * 25.4 / 72).to_numpy().copy()
    document.close()
    return picture[..., 2::-1]


def test_pages_have_their_size_and_what_is_drawn_lies_where_it_should() -> None:
    page = PdfPage(100, 80)
    page.fill([Rect(10, 20, 30, 5)], (1, 0, 0))
    page.frame([Rect(60, 40, 20, 20)], (0, 0, 1), 1.0)
    picture = shown(write([page, PdfPage(50, 60)]))
    assert picture.shape[:2] == pytest.approx((320, 400), abs=1)
    red = (picture[..., 0] > 200) & (picture[..., 1] < 60)
    rows, columns = np.flatnonzero(red.any(axis=1)), np.flatnonzero(red.any(axis=0))
    assert (columns[0], columns[-1] + 1, rows[0], rows[-1] + 1) == pytest.approx((40, 160, 80, 100), abs=1)
    assert picture[200, 240].tolist() == [0, 0, 255]
    assert picture[200, 280].tolist() == [255, 255, 255]
    assert shown(write([page, PdfPage(50, 60)]), 1).shape[:2] == pytest.approx((240, 200), abs=1)


@pytest.mark.parametrize("text", ["S07", "Zoë (b)\\", "学生甲", "班 3 é", "😀"])
def test_text_of_any_writing_is_shown_and_can_be_copied(text: str) -> None:
    page = PdfPage(100, 40)
    page.text(10, 20, text, 6)
    data = write([page], title=text)
    document = pypdfium2.PdfDocument(data)
    found = document[0].get_textpage().get_text_bounded()
    title = document.get_metadata_dict()["Title"]
    document.close()
    assert title == text
    if text != "😀":
        assert found.strip() == text
    assert (shown(data)[30:85] < 128).any()


def test_the_same_drawing_is_the_same_file() -> None:
    def made() -> bytes:
        page = PdfPage(100, 40)
        page.text(10, 20, "S07", 6)
        return write([page], title="a")

    assert made() == made()

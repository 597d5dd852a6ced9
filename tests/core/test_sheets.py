"""The printed sheet: its code is exact or nothing, its cells lie on the paper apart from each other, every digit is asked for alike."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from labeler.core.boxes import intersection
from labeler.core.sheets import (
    DIGITS,
    FIRST_MARK,
    LONGEST_CODE,
    Paper,
    Sheet,
    decode,
    encode,
    layout,
    marks,
    most_rows,
    paper_of,
    problem,
)

sheets = st.builds(
    Sheet,
    writer=st.text(min_size=1, max_size=9),
    paper=st.sampled_from(Paper),
    digits=st.text(alphabet=DIGITS, min_size=1, max_size=10),
    rows=st.integers(0, 9),
    lines=st.integers(0, 4),
    seed=st.integers(0, 999_999),
)


@given(sheets)
def test_a_code_gives_back_its_sheet(sheet: Sheet) -> None:
    assume(not problem(sheet))
    text = encode(sheet)
    assert text.isascii()
    assert len(text) <= LONGEST_CODE
    assert decode(text) == sheet


@given(sheets, st.data())
def test_a_code_misread_in_one_place_is_no_code(sheet: Sheet, data: st.DataObject) -> None:
    assume(not problem(sheet))
    text = encode(sheet)
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters(min_codepoint=32, max_codepoint=126).filter(lambda c: c != text[at]))
    assert decode(text[:at] + other + text[at + 1 :]) is None


@given(st.text(max_size=80))
def test_no_other_text_is_a_code(text: str) -> None:
    assert decode(text) is None


@given(sheets)
def test_everything_lies_on_the_paper_and_apart(sheet: Sheet) -> None:
    assume(not problem(sheet))
    where = layout(sheet)
    places = [*where.marks.values(), where.code, *(c.rect for c in where.cells)]
    labels = [c.label for c in where.cells]
    for rect in (*places, *labels):
        assert rect.x >= 5
        assert rect.y >= 5
        assert rect.right <= where.width - 5
        assert rect.bottom <= where.height - 5
    solid = [*where.marks.values(), where.code]
    for n, cell in enumerate(where.cells):
        near = [*solid, *(c.rect for c in where.cells[n + 1 : n + 14])]
        assert all(intersection(cell.rect, other) == 0 for other in near)
        assert all(intersection(cell.label, other) == 0 for other in near)
    assert len({c.name for c in where.cells}) == len(where.cells)
    assert len(where.cells) == 10 * sheet.rows + sheet.lines


@given(sheets)
def test_every_digit_is_asked_for_as_often_as_any_other(sheet: Sheet) -> None:
    sheet = replace(sheet, digits="".join(sorted(set(sheet.digits))))
    assume(not problem(sheet) and sheet.rows)
    asked = Counter(c.prompt for c in layout(sheet).cells if len(c.prompt) == 1)
    assert set(asked) <= set(sheet.digits)
    assert max(asked.values()) - min(asked[d] for d in sheet.digits) <= 1


def test_another_copy_asks_in_another_order() -> None:
    first, second = (layout(Sheet("S01", seed=seed)).cells for seed in (0, 1))
    assert [c.prompt for c in first] != [c.prompt for c in second]


def test_the_marks_say_which_paper_it_is() -> None:
    for paper in Paper:
        assert paper_of(list(marks(paper))) is paper
        assert paper_of([FIRST_MARK[paper], 40, 41]) is paper
    assert paper_of([40, 41]) is None
    assert paper_of([]) is None
    assert len({i for p in Paper for i in marks(p)}) == 16


@pytest.mark.parametrize(
    ("sheet", "field"),
    [
        (Sheet("S01"), ""),
        (Sheet("  "), "writer"),
        (Sheet("x" * 40), "writer"),
        (Sheet("S01", digits=""), "digits"),
        (Sheet("S01", digits="12a"), "digits"),
        (Sheet("S01", rows=20), "rows"),
        (Sheet("S01", rows=0, lines=0), "rows"),
        (Sheet("S01", lines=-1), "lines"),
        (Sheet("S01", seed=10**6), "seed"),
        (Sheet("S01", Paper.LETTER, rows=8), "rows"),
    ],
)
def test_what_cannot_be_printed_is_said(sheet: Sheet, field: str) -> None:
    assert problem(sheet) == field


def test_an_a4_sheet_holds_eighty_digits_and_two_lines() -> None:
    assert most_rows(Paper.A4, 2) == 8
    assert most_rows(Paper.LETTER, 2) == 7

"""What counts as thin, and how many more writers would do."""

from hypothesis import given
from hypothesis import strategies as st

from labeler.core.coverage import ENOUGH_DIGITS, ENOUGH_WRITERS, Cell, Coverage, gaps, writers_wanted
from labeler.core.splits import SPLITS

CLASSES = ("0", "1", "2")
CELLS = st.dictionaries(
    st.tuples(st.sampled_from(SPLITS), st.integers(0, 2)), st.builds(Cell, st.integers(0, 60), st.integers(0, 5))
)
RATES = st.dictionaries(st.integers(0, 2), st.floats(0.1, 50))


def test_nothing_is_thin_where_there_is_enough() -> None:
    cells = {(s, c): Cell(ENOUGH_DIGITS, ENOUGH_WRITERS) for s in SPLITS for c in range(3)}
    assert gaps(Coverage(CLASSES, cells, dict.fromkeys(SPLITS, 3), {})) == []


@given(CELLS, RATES)
def test_that_many_more_writers_fill_the_gap(cells: dict[tuple[str, int], Cell], rates: dict[int, float]) -> None:
    coverage = Coverage(CLASSES, cells, dict.fromkeys(SPLITS, 3), rates)
    for gap in gaps(coverage):
        assert not coverage.is_enough(gap.cell)
        if gap.class_id in rates:
            assert gap.cell.digits + gap.more * rates[gap.class_id] >= ENOUGH_DIGITS - 1e-9
        assert gap.more >= 1
        assert gap.cell.writers + gap.more >= ENOUGH_WRITERS


def test_missing_comes_first_and_test_before_the_rest() -> None:
    cells = {("test", 0): Cell(5, 1), ("train", 0): Cell(100, 9), ("val", 0): Cell(100, 9)}
    found = gaps(Coverage(("0", "1"), cells, {"test": 1}, {0: 5.0, 1: 5.0}))
    assert [(g.split, g.class_id) for g in found] == [("test", 1), ("val", 1), ("train", 1), ("test", 0)]
    assert writers_wanted(found, "test") == 6
    assert writers_wanted(found[:0], "test") == 0


def test_of_what_nobody_wrote_yet_only_hands_can_be_asked_for() -> None:
    coverage = Coverage(("0", "1"), {("train", 1): Cell(4, 1)}, {"train": 1}, {1: 4.0})
    assert coverage.unwritten == ("0",)
    assert {s: writers_wanted(gaps(coverage), s) for s in SPLITS} == {"train": 7, "val": 8, "test": 8}
    assert [g.more for g in gaps(coverage) if g.class_id == 0] == [ENOUGH_WRITERS] * 3


def test_without_known_writers_hands_are_not_asked_for() -> None:
    cells = {(s, 0): Cell(ENOUGH_DIGITS, 0) for s in SPLITS}
    assert gaps(Coverage(("0",), cells, {}, {})) == []

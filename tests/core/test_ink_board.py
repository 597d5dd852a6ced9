"""The board: undo and redo are exact, an eraser takes what it touches."""

from hypothesis import given
from hypothesis import strategies as st

from labeler.core.ink import stroke
from labeler.core.ink_board import LIMIT, Board, touched

STROKES = [stroke([(10 * n, 10), (10 * n + 5, 60)]) for n in range(12)]
steps = st.lists(
    st.one_of(st.integers(0, 11), st.just("undo"), st.just("redo"), st.just("clear"), st.just("erase")), max_size=40
)


@given(steps)
def test_undo_and_redo_go_exactly_where_the_board_was(done: list[int | str]) -> None:
    board, history, at = Board(), [()], 0
    for step in done:
        if step == "undo":
            board, at = board.undone(), max(at - 1, 0)
        elif step == "redo":
            board, at = board.redone(), min(at + 1, len(history) - 1)
        else:
            before = board
            made = {"clear": board.becomes(()), "erase": board.without([0])}
            board = board.drawn(STROKES[step]) if isinstance(step, int) else made[step]
            if board != before:
                history = [*history[: at + 1], board.strokes]
                at += 1
        assert board.strokes == history[at]
        assert len(board.past) == at
        assert len(board.future) == len(history) - 1 - at


def test_nothing_happened_is_no_step() -> None:
    assert Board().becomes(()).past == ()
    assert Board((STROKES[0],)).without([]).past == ()
    assert Board().undone() == Board().redone() == Board()


def test_the_past_is_bounded() -> None:
    board = Board()
    for n in range(LIMIT + 20):
        board = board.drawn(STROKES[n % 12])
    assert len(board.past) == LIMIT


def test_an_eraser_takes_the_strokes_whose_line_it_touches_even_between_two_points() -> None:
    ink = [stroke([(0, 0), (100, 0)]), stroke([(0, 50), (100, 50)]), stroke([(50, 100)])]
    assert touched(ink, 50, 4, 6) == [0]
    assert touched(ink, 50, 25, 30) == [0, 1]
    assert touched(ink, 52, 101, 6) == [2]
    assert touched(ink, 300, 300, 6) == []

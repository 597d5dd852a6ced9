"""Small pure rules: uncertainty, image size, progress, changes, translation, and the edit of a careful person."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeler.core import i18n
from labeler.core.boxes import ClassRect, ReviewState, Suggestion, iou, new_box
from labeler.core.changes import ChangeFeed, Changes
from labeler.core.correcting import GOOD_IOU, correct_page
from labeler.core.errors import Cancelled, UserError
from labeler.core.ledger import effort
from labeler.core.pages import Image, Page, after_edit
from labeler.core.progress import Throttled, track
from labeler.core.scoring import uncertainty
from labeler.core.sizing import EPOCHS, EPOCHS_FROM_SCRATCH, SIZES, batch_size, epochs, image_size

corners = st.tuples(st.floats(0, 70), st.floats(0, 50), st.floats(2, 30), st.floats(2, 30), st.integers(0, 9))
truths = st.lists(corners.map(lambda c: ClassRect(*c)), max_size=5)


@given(st.lists(st.floats(0, 1)))
def test_uncertainty_counts_the_expected_mistakes(scores: list[float]) -> None:
    value = uncertainty(scores)
    assert value == pytest.approx(sum(1 - s for s in scores) if scores else 0.5)
    assert uncertainty([*scores, 0.1]) >= (value if scores else 0.9)


@pytest.mark.parametrize(
    ("pages", "batch", "times"), [(1, 4, 30), (20, 4, 30), (49, 4, 12), (100, 8, 12), (300, 16, 8), (2000, 16, 6)]
)
def test_few_pages_are_seen_often_in_small_steps(pages: int, batch: int, times: int) -> None:
    assert batch_size(pages) == batch
    assert epochs(pages, batch) == times
    assert EPOCHS[0] <= times <= EPOCHS[1]
    assert times < epochs(pages, batch, from_scratch=True) <= EPOCHS_FROM_SCRATCH[1]


def test_the_image_size_keeps_small_digits_legible() -> None:
    assert image_size([640] * 10, [100] * 10) == SIZES[0]
    assert image_size([1600] * 10, [30] * 10) == 640
    assert image_size([1600] * 10, [70] * 10) == 512
    assert image_size([], []) == SIZES[-1]
    assert image_size([4000] * 10, [5] * 10) == SIZES[-1]


def test_reports_are_throttled_but_the_last_always_comes_and_a_stop_is_noticed_at_once() -> None:
    now, told, stop = [0.0], [], [False]
    report = Throttled(lambda *r: told.append(r), cancelled=lambda: stop[0], interval=1.0, clock=lambda: now[0])
    for done in range(10):
        now[0] += 0.3
        report(done, 10, "x")
    report(10, 10, "x")
    assert [t[0] for t in told] == [0, 4, 8, 10]
    stop[0] = True
    with pytest.raises(Cancelled):
        report(10, 10, "x")


def test_tracking_tells_of_each_item_and_of_the_end() -> None:
    told: list[tuple[int, int]] = []
    assert list(track(["a", "b"], lambda d, t, _="": told.append((d, t)))) == ["a", "b"]
    assert told == [(0, 2), (1, 2), (2, 2)]
    told.clear()
    assert list(track(iter("ab"), lambda d, t, _="": told.append((d, t)), total=5)) == ["a", "b"]
    assert told == [(0, 5), (1, 5), (2, 5)]


def test_a_listener_that_left_hears_nothing() -> None:
    feed, heard = ChangeFeed(), []
    leave = feed.subscribe(heard.append)
    feed.subscribe(lambda _: leave() if len(heard) == 1 else None)
    feed.publish(Changes(library=True))
    feed.publish(Changes(models=True))
    assert heard == [Changes(library=True)]


def test_errors_carry_a_hint() -> None:
    error = UserError("No.", "Try yes.")
    assert (str(error), error.message, error.hint) == ("No.", "No.", "Try yes.")


def test_texts_are_filled_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    before = i18n.language()
    try:
        i18n.set_language("en")
        assert i18n.tr("There is no image {id} in this project.", id=3) == "There is no image 3 in this project."
        assert i18n.tr("100 % {kept}") == "100 % {kept}"
        assert [i18n.ntr("{count} box", "{count} boxes", n) for n in (1, 2)] == ["1 box", "2 boxes"]
        monkeypatch.setenv("LABELER_LANGUAGE", "zh_CN.UTF-8")
        assert i18n.detect_language() == "zh_CN"
        assert i18n.set_language("tlh") == "zh_CN"
    finally:
        i18n.set_language(before)


@given(truths, truths, st.lists(st.floats(0.1, 1), min_size=5, max_size=5))
def test_a_careful_person_ends_with_the_truth_and_judges_everything(
    truth: list[ClassRect], seen: list[ClassRect], scores: list[float]
) -> None:
    suggestions = tuple(
        Suggestion(s.x, s.y, s.w, s.h, s.class_id, score, n + 1, 1)
        for n, (s, score) in enumerate(zip(seen, scores, strict=False))
    )
    page = Page(Image(1, "p", 100, 80, ReviewState.SUGGESTED, suggested_by=1), (), suggestions)
    done = after_edit(page, correct_page(page, truth), suggestions)
    assert done.image.state is ReviewState.REVIEWED
    assert done.suggestions == ()
    assert sorted(b.class_id for b in done.boxes) == sorted(t.class_id for t in truth)
    for true in truth:
        assert any(b.class_id == true.class_id and iou(b, true) >= GOOD_IOU - 1e-9 for b in done.boxes)
    counted = effort(suggestions, done.boxes)
    assert counted.kept + counted.added == len(truth)


def test_a_careful_person_does_not_draw_twice() -> None:
    truth = ClassRect(10, 10, 20, 20, 4)
    page = Page(Image(1, "p", 100, 80, ReviewState.NEW), (new_box(truth, 4),))
    assert len(after_edit(page, correct_page(page, [truth]), ()).boxes) == 1

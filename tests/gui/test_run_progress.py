"""What is told of a run out of its events: how far it is, how long it takes, its curves."""

import math

import pytest

from labeler.gui.run_progress import GRAIN, curves_of, duration, progress_of, time_left
from labeler.gui.run_watch import without_batches
from labeler.training.protocol import AnyEvent, Batch, Epoch, Exporting, Retrying, Started

STARTED = Started(
    epoch=1, epochs=10, batches=5, batch=8, train_images=40, val_images=8, imgsz=320, device="cpu", threads=1
)


def epoch(n: int, *, map50: float = 0.5, eta: float = 90.0) -> Epoch:
    return Epoch(
        epoch=n, epochs=10, loss={"box_loss": 2.0 / n}, val_loss={"box_loss": 2.5 / n}, map50=map50, map50_95=map50 / 2,
        precision=0.5, recall=0.4, lr=0.01, seconds=10, eta=eta,
    )  # fmt: skip


def test_before_the_first_word_nothing_is_known() -> None:
    found = progress_of([])
    assert (found.done, found.total, found.eta) == (0, 0, None)


def test_a_run_that_is_judged_trains_no_more() -> None:
    found = progress_of([STARTED, epoch(10)], state="judging")
    assert (found.text, found.total, found.eta) == ("Judging the new model …", 0, None)


def test_batches_count_within_their_epoch() -> None:
    found = progress_of([STARTED, epoch(1), Batch(epoch=2, batch=3, batches=5, loss={})])
    assert found.done == round(GRAIN * 0.16)
    assert found.text == "Epoch 2 of 10"
    assert found.eta == 90


def test_a_resumed_run_goes_on_where_it_was() -> None:
    again = Started(
        epoch=5, epochs=10, batches=5, batch=8, train_images=40, val_images=8, imgsz=320, device="cpu", threads=1
    )
    assert progress_of([again]).done == round(GRAIN * 0.4)


def test_the_last_epoch_is_not_passed() -> None:
    found = progress_of([STARTED, *(epoch(n) for n in range(1, 11))])
    assert (found.done, found.text) == (GRAIN, "Epoch 10 of 10")
    assert progress_of([STARTED, epoch(10), Exporting()]).done == GRAIN


def test_that_memory_ran_out_is_told() -> None:
    assert (
        progress_of([STARTED, Retrying(4, ""), epoch(1)]).text == "Epoch 2 of 10  ·  memory ran out, now batches of 4"
    )


def test_curves_by_epoch_with_the_last_word_on_each() -> None:
    events: list[AnyEvent] = [STARTED, epoch(2, map50=0.1), epoch(1, map50=0.2), epoch(2, map50=0.7)]
    curves = curves_of(events)
    assert curves.rates[0].points == ((1, 0.2), (2, 0.7))
    assert curves.paces[0].points == ((1, 100), (2, 100))
    assert [(s.name, s.dashed) for s in curves.losses] == [("box (train)", False), ("box (val)", True)]


def test_a_curve_of_nothing_but_gaps_is_left_out() -> None:
    assert curves_of([epoch(1, map50=math.nan)]).rates[0].points == ()


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(None, ""), (math.nan, ""), (20, "less than a minute left"), (60, "1 minute left"), (400, "7 minutes left"),
     (5400, "1 h 30 min left")],
)  # fmt: skip
def test_time_left_in_words(seconds: float | None, text: str) -> None:
    assert time_left(seconds) == text


@pytest.mark.parametrize(("seconds", "text"), [(4.4, "4 s"), (75, "1 min"), (3700, "1 h 2 min")])
def test_durations_in_words(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_old_batches_are_forgotten() -> None:
    batch = Batch(epoch=1, batch=1, batches=5, loss={})
    first = epoch(1)
    assert without_batches([STARTED, batch, first, batch]) == (STARTED, first)

"""Automatic backups: the newest always stay, old days and weeks keep their last, and there are never many."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from labeler.core.retention import DAYS, NEWEST, WEEKS, kept

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
times = st.lists(st.integers(0, 90 * 24 * 60).map(lambda minutes: NOW - timedelta(minutes=minutes)), max_size=80)


@given(times)
def test_few_stay_and_the_newest_are_among_them(taken: list[datetime]) -> None:
    keep = kept(taken, NOW)
    assert keep <= set(taken)
    assert set(sorted(set(taken))[-NEWEST:]) <= keep
    assert len(keep) <= NEWEST + DAYS + WEEKS


@given(times)
def test_every_day_of_the_last_six_keeps_its_last(taken: list[datetime]) -> None:
    keep = kept(taken, NOW)
    for day in range(6):
        of_day = [t for t in taken if t.date() == (NOW - timedelta(days=day)).date()]
        assert not of_day or max(of_day) in keep


@given(times)
def test_what_went_once_is_not_missed_later(taken: list[datetime]) -> None:
    once = kept(taken, NOW)
    assert kept(once, NOW) == once


def test_of_one_busy_day_three_stay() -> None:
    taken = [NOW - timedelta(minutes=10 * n) for n in range(30)]
    assert kept(taken, NOW) == set(taken[:NEWEST])

"""Doubts survive JSON and have words."""

import pytest

from labeler.core.doubts import Doubt, Kind, from_json, text, to_json


@pytest.mark.parametrize("kind", Kind)
def test_every_doubt_has_words_and_survives_json(kind: Kind) -> None:
    doubt = Doubt(kind, asked="407", found="1", place="B3")
    assert from_json(to_json((doubt, Doubt(kind)))) == (doubt, Doubt(kind))
    assert text(doubt).strip()
    assert "{" not in text(doubt)


def test_no_doubts_are_nothing() -> None:
    assert to_json(()) is None
    assert from_json(None) == ()


def test_a_doubt_about_a_cell_names_it() -> None:
    assert "B3" in text(Doubt(Kind.DISAGREES, asked="4", found="9", place="B3"))
    assert "B3" in text(Doubt(Kind.LEAVES_CELL, asked="4", place="B3"))

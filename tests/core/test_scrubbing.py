"""A writer's code leaves plain values; what only looks like it stays."""

from labeler.core.scrubbing import without_writer
from labeler.core.sheets import Sheet, encode


def test_entries_of_a_writer_go_and_all_else_stays() -> None:
    value = {
        "per_writer": [{"name": "S07", "map50": 0.5}, {"name": "S08", "map50": 0.6}],
        "sheets": [encode(Sheet("S07")), encode(Sheet("S08"))],
        "writer": "S07",
        "codes": ["S07", "S08"],
        "n": 3,
    }
    assert without_writer(value, "S07") == {
        "per_writer": [{"name": "S08", "map50": 0.6}],
        "sheets": [encode(Sheet("S08"))],
        "writer": "",
        "codes": ["S08"],
        "n": 3,
    }


def test_a_code_that_looks_like_a_class_leaves_figures_by_class_alone() -> None:
    value = {"per_class": {"3": {"ap50": 0.9}}, "confusion": [[1, 2], [3, 4]], "digits": {"3": 3}}
    assert without_writer(value, "3") == value

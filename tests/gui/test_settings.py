"""The settings file: what is written is read back, and a damaged file is as good as none."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from labeler.gui import recent, settings
from labeler.gui.settings import Preferences

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    annotator=WORDS,
    theme=st.sampled_from(settings.THEMES),
    keys=st.dictionaries(WORDS, st.lists(WORDS, max_size=2).map(tuple), max_size=3),
)
def test_what_is_saved_is_loaded(tmp_path: Path, annotator: str, theme: str, keys: dict[str, tuple[str, ...]]) -> None:
    os.environ["LABELER_CONFIG_DIR"] = str(tmp_path / "配置")
    try:
        wanted = Preferences("zh_CN", theme, annotator, keys)
        settings.save(wanted)
        assert settings.load() == wanted
    finally:
        del os.environ["LABELER_CONFIG_DIR"]


@pytest.mark.parametrize("text", ["", "theme = [", 'theme = "purple"', "keys = 3", "\x00", "language = 5"])
def test_a_damaged_file_is_as_good_as_none(text: str) -> None:
    file = settings.folder() / "settings.toml"
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")
    assert settings.load() == Preferences()


def test_a_change_keeps_the_rest() -> None:
    settings.change(annotator="anna")
    settings.change(theme="dark")
    assert settings.load() == Preferences(annotator="anna", theme="dark")


def test_recent_projects_come_newest_first_each_once(tmp_path: Path) -> None:
    one, two = tmp_path / "一", tmp_path / "two"
    for folder in (one, two, one):
        recent.add(folder)
    assert recent.projects() == [one, two]
    recent.forget(two)
    assert recent.projects() == [one]


def test_recent_projects_are_few(tmp_path: Path) -> None:
    for n in range(20):
        recent.add(tmp_path / str(n))
    assert recent.projects() == [tmp_path / str(n) for n in range(19, 19 - recent.MOST, -1)]

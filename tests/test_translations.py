"""Every string that people see is translated, its fields survive, and the compiled catalogue is the one we read.

English is the source; `make translations` collects new strings.
"""

import ast
import io
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from labeler.core import i18n
from tests.conftest import ROOT

FOLDER = ROOT / "resources" / "translations"
OTHERS = [code for code in i18n.LANGUAGES if code != "en"]
KEYWORDS = {"tr": None, "ntr": (1, 2)}


@pytest.fixture(scope="module")
def extracted() -> set[str | tuple[str, ...]]:
    """What the source says: a text, or singular and plural."""
    found = extract_from_dir(ROOT / "labeler", [("**.py", "python")], keywords=KEYWORDS)
    return {tuple(message) if isinstance(message, (tuple, list)) else message for _, _, message, _, _ in found}


def catalogue(language: str) -> Catalog:
    with (FOLDER / language / "LC_MESSAGES" / "labeler.po").open("rb") as file:
        return read_po(file, locale=language, domain="labeler")


def texts(message: Message) -> list[str]:
    """The translations of a message, one a plural form."""
    return list(message.string) if isinstance(message.string, tuple) else [message.string]


@pytest.mark.parametrize("language", OTHERS)
def test_every_string_is_translated_and_none_is_left_over(language: str, extracted: set[str | tuple[str, ...]]) -> None:
    known = {message.id: message for message in catalogue(language) if message.id}
    assert set(known) == extracted, "run `make translations`, then translate"
    assert [message.id for message in known.values() if not all(texts(message)) or message.fuzzy] == []


@pytest.mark.parametrize("language", OTHERS)
def test_fields_survive_translation(language: str) -> None:
    odd = []
    for message in catalogue(language):
        sources = message.id if isinstance(message.id, tuple) else (message.id,)
        wanted = set().union(*(fields(source) for source in sources))
        odd += [(message.id, text) for text in texts(message) if message.id and text and fields(text) != wanted]
    assert not odd


@pytest.mark.parametrize("language", OTHERS)
def test_the_compiled_catalogue_is_up_to_date(language: str) -> None:
    compiled = io.BytesIO()
    write_mo(compiled, catalogue(language))
    kept = FOLDER / language / "LC_MESSAGES" / "labeler.mo"
    assert kept.read_bytes() == compiled.getvalue(), "run `make translations`"


@pytest.mark.parametrize("language", OTHERS)
def test_spaces_and_line_ends_at_the_edges_are_kept(language: str) -> None:
    for message in catalogue(language):
        if message.id and isinstance(message.id, str):
            assert message.id.endswith("\n") == texts(message)[0].endswith("\n"), message.id


def test_only_literal_texts_are_given_to_tr() -> None:
    """Extraction sees literals only: anything else would never be translated."""
    odd = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in sorted((ROOT / "labeler").rglob("*.py"))
        for call in calls_of_tr(path)
        for argument in call.args[: 2 if ast.unparse(call.func) == "ntr" else 1]
        if not (isinstance(argument, ast.Constant) and isinstance(argument.value, str))
    ]
    assert not odd


def test_the_chosen_language_is_spoken_and_an_unknown_one_is_english(monkeypatch: pytest.MonkeyPatch) -> None:
    try:
        assert i18n.set_language("zh_CN") == "zh_CN"
        assert i18n.tr("Import") == "导入"
        assert i18n.ntr("{count} box", "{count} boxes", 3) == "3 个框"
        monkeypatch.setenv("LABELER_LANGUAGE", "xx")
        assert i18n.set_language() == "en"
        assert i18n.ntr("{count} box", "{count} boxes", 1) == "1 box"
        monkeypatch.setenv("LABELER_LANGUAGE", "zh_TW.UTF-8")
        assert i18n.set_language("odd") == "zh_CN"
    finally:
        i18n.set_language("en")


def fields(text: str) -> set[str]:
    """What is filled in: `{name}` with its format, and argparse's `%(default)s`."""
    named = {f"{name}:{spec}" for _, name, spec, _ in string.Formatter().parse(text) if name is not None}
    return named | set(re.findall(r"%\(\w+\)s", text))


def calls_of_tr(path: Path) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in KEYWORDS:
            yield node

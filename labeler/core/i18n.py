"""Translation of every string a person sees. gettext catalogues lie in `resources/translations`; English is the source text."""

import gettext
import locale
import os

from labeler.core.assets import resources

LANGUAGES = {"en": "English", "zh_CN": "简体中文"}
_DOMAIN = "labeler"
_catalogue: gettext.NullTranslations | None = None
_language = "en"


def detect_language() -> str:
    """`LABELER_LANGUAGE`, else the system's language where we have it, else English."""
    wanted = os.environ.get("LABELER_LANGUAGE") or os.environ.get("LC_ALL") or os.environ.get("LANG") or ""
    if not wanted:
        wanted = locale.getlocale()[0] or ""
    return "zh_CN" if wanted.lower().startswith(("zh", "chinese")) else "en"


def set_language(code: str | None = None) -> str:
    """Use `code`, or what `detect_language` finds; returns the language in use."""
    global _catalogue, _language
    _language = code if code in LANGUAGES else detect_language()
    folder = resources() / "translations"
    _catalogue = gettext.translation(_DOMAIN, folder, [_language], fallback=True)
    return _language


def language() -> str:
    """The language in use."""
    if _catalogue is None:
        set_language()
    return _language


def tr(text: str, /, **values: object) -> str:
    """`text` in the language in use, with `{name}` fields filled from `values`. `text` must be a literal, or extraction misses it."""
    if _catalogue is None:
        set_language()
    assert _catalogue is not None
    translated = _catalogue.gettext(text)
    return translated.format(**values) if values else translated


def ntr(one: str, many: str, count: int, /, **values: object) -> str:
    """The singular or plural by `count`, which the texts may show as `{count}`."""
    if _catalogue is None:
        set_language()
    assert _catalogue is not None
    return _catalogue.ngettext(one, many, count).format(count=count, **values)

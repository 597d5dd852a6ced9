"""What a person prefers (language, theme, name, keys: one TOML file) and where the window was (QSettings). Owns both files."""

import os
import tomllib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import platformdirs
from PySide6.QtCore import QSettings

LANGUAGE_SYSTEM = ""
THEMES = ("system", "light", "dark")


@dataclass(frozen=True, slots=True)
class Preferences:
    """A person's choices. Empty `language` follows the system; `keys` holds only what differs from the built-in keys."""

    language: str = LANGUAGE_SYSTEM
    theme: str = "system"
    annotator: str = ""
    keys: dict[str, tuple[str, ...]] = field(default_factory=dict)


def folder() -> Path:
    """Where the settings lie: `LABELER_CONFIG_DIR`, else the system's place for them."""
    wanted = os.environ.get("LABELER_CONFIG_DIR")
    return Path(wanted) if wanted else Path(platformdirs.user_config_dir("labeler", appauthor=False))


def load() -> Preferences:
    """The preferences; what is missing or makes no sense is the default."""
    try:
        data = tomllib.loads((folder() / "settings.toml").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError):
        return Preferences()
    theme = _text(data.get("theme"), "system")
    keys = data.get("keys")
    return Preferences(
        language=_text(data.get("language"), LANGUAGE_SYSTEM),
        theme=theme if theme in THEMES else "system",
        annotator=_text(data.get("annotator"), ""),
        keys={k: tuple(str(s) for s in v) for k, v in keys.items() if isinstance(v, list)}
        if isinstance(keys, dict)
        else {},
    )


def save(preferences: Preferences) -> None:
    """Write the preferences: beside the old file first, then over it, so that a crash leaves one of the two. Raises OSError."""
    lines = [
        f"language = {_quoted(preferences.language)}",
        f"theme = {_quoted(preferences.theme)}",
        f"annotator = {_quoted(preferences.annotator)}",
        "",
        "[keys]",
        *(f"{_quoted(k)} = [{', '.join(_quoted(s) for s in v)}]" for k, v in sorted(preferences.keys.items())),
    ]
    target = folder() / "settings.toml"
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_suffix(".toml.new")
    fresh.write_text("\n".join(lines) + "\n", encoding="utf-8")
    fresh.replace(target)


def change(**values: Any) -> Preferences:
    """Load, change these fields, save; returns the result."""
    preferences = replace(load(), **values)
    save(preferences)
    return preferences


def window_state() -> QSettings:
    """Geometry, splitters, page and recent projects: what the window remembers by itself."""
    return QSettings(str(folder() / "window.ini"), QSettings.Format.IniFormat)


def _text(value: object, default: str) -> str:
    return value if isinstance(value, str) else default


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c >= " " and c != "\x7f" else f"\\u{ord(c):04x}" for c in escaped) + '"'

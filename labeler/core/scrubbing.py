"""Takes a writer's code out of plain values, such as settings and figures that are kept as JSON. Pure."""

from typing import Any

from labeler.core.sheets import decode

NAMING = ("writer", "name", "code")
"""Keys under which an entry says whose it is."""


def without_writer(value: Any, code: str) -> Any:
    """The value without what names the writer: entries of lists that are theirs go, and a field that holds the code becomes empty.

    Keys stay: what is keyed by class or digit may look like somebody's code.
    """
    if isinstance(value, list):
        return [without_writer(v, code) for v in value if not _is_of(v, code)]
    if isinstance(value, dict):
        return {k: ("" if k in NAMING and v == code else without_writer(v, code)) for k, v in value.items()}
    return value


def _is_of(value: Any, code: str) -> bool:
    if isinstance(value, str):
        sheet = decode(value)
        return value == code or (sheet is not None and sheet.writer == code)
    return isinstance(value, dict) and any(value.get(key) == code for key in NAMING)

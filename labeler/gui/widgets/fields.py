"""Fields that several forms ask with. Each says what it means in its tip."""

from PySide6.QtWidgets import QSpinBox

from labeler.core.i18n import tr
from labeler.core.ink_variants import MOST

INDENT = 6
"""Pixels before the number: a style sheet's padding does not reach it, and it is to stand where other fields' text does."""


def number_field(value: int, least: int, most: int) -> QSpinBox:
    """A whole number."""
    field = QSpinBox()
    field.lineEdit().setTextMargins(INDENT, 0, 0, 0)
    field.setRange(least, most)
    field.setValue(value)
    return field


def variants_field() -> QSpinBox:
    """How often each page of ink is drawn again; off unless somebody asks."""
    field = number_field(0, 0, MOST)
    field.setSpecialValueText(tr("Off"))
    field.setSuffix(tr(" times"))
    field.setToolTip(
        tr(
            "Pages written on the pad to train on are drawn again with other pens, papers and sizes. Pages to judge on never are."
        )
    )
    return field

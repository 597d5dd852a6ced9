"""Fields that several forms ask with. Each says what it means in its tip."""

from PySide6.QtWidgets import QSpinBox

from labeler.core.i18n import tr
from labeler.core.ink_variants import MOST


def variants_field() -> QSpinBox:
    """How often each page of ink is drawn again; off unless somebody asks."""
    field = QSpinBox()
    field.setRange(0, MOST)
    field.setSpecialValueText(tr("Off"))
    field.setSuffix(tr(" times"))
    field.setToolTip(
        tr(
            "Pages written on the pad to train on are drawn again with other pens, papers and sizes. Pages to judge on never are."
        )
    )
    return field

"""Values as people read them: times, rates, formats."""

import math
from datetime import datetime

from PySide6.QtCore import QDateTime, QLocale

from labeler.core.i18n import tr


def when(time: datetime | None) -> str:
    """A moment in the system's short form, local time."""
    if time is None:
        return ""
    local = QDateTime.fromSecsSinceEpoch(int(time.timestamp()))
    return QLocale().toString(local, QLocale.FormatType.ShortFormat)


def rate(value: object) -> str:
    """A number from 0 to 1 with three digits; a dash where there is none."""
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return f"{value:.3f}"
    return "–"


def format_names() -> dict[str, str]:
    """What people call the formats of data sets that can be read and written."""
    return {
        "yolo": "YOLO", "coco": "COCO", "voc": "Pascal VOC", "labelme": "labelme, X-AnyLabeling", "labelstudio": "Label Studio",
        "cvat": "CVAT", "csv": tr("CSV table of boxes"),
    }  # fmt: skip

"""Python's garbage collection, on the window's thread alone.

Left to itself Python collects in whichever thread happens to allocate, and destroys Qt objects there: the window may then hang for
ever or crash.
"""

import gc

from PySide6.QtCore import QObject, QTimer

INTERVAL_MS = 200


def install(parent: QObject) -> None:
    """From now on garbage is collected by a timer of `parent`, in its thread. Once is enough."""
    gc.disable()
    timer = QTimer(parent, interval=INTERVAL_MS)
    timer.timeout.connect(collect_what_is_due)
    timer.start()


def collect_what_is_due() -> None:
    """What Python would have collected by itself by now."""
    due = [n for n, (count, most) in enumerate(zip(gc.get_count(), gc.get_threshold(), strict=True)) if count > most]
    if due:
        gc.collect(due[-1])

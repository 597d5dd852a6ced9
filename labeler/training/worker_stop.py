"""Ends a worker when its `cancel` file appears, whatever it is doing: reading labels, training, validating, exporting.

A thread looks for the file and interrupts the main thread, except while a checkpoint is being written. It also ends a worker whose
supervisor is gone.
"""

import _thread
import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from labeler.training.protocol import CANCEL, CANCEL_AFTER_EPOCH

INTERVAL = 0.25
AGAIN = 5.0
"""Seconds after which an interruption that some library swallowed is repeated."""


class Stop:
    """Watches a run's folder. In the main thread, `KeyboardInterrupt` means that somebody asked to stop."""

    def __init__(self, run_dir: Path) -> None:
        self._cancel = run_dir / CANCEL
        self._after_epoch = run_dir / CANCEL_AFTER_EPOCH
        self._parent = os.getppid()
        self._over = threading.Event()
        self._writing = threading.Lock()
        self._thread = threading.Thread(target=self._watch, name="stop", daemon=True)

    def start(self) -> None:
        """Begin to watch. Call in the main thread."""
        # A process started in the background may have been told to ignore interruptions.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        self._thread.start()

    def over(self) -> None:
        """Stop watching: the run is ending anyway. An interruption already on its way arrives in here at the latest."""
        with self._writing:
            self._over.set()

    def after_epoch(self) -> bool:
        """Whether somebody asked to stop when the epoch is over."""
        return self._after_epoch.exists()

    @contextmanager
    def not_now(self) -> Iterator[None]:
        """What happens inside is not interrupted."""
        with self._writing:
            yield

    def _watch(self) -> None:
        wait = INTERVAL
        while not self._over.wait(wait):
            if os.getppid() != self._parent:  # nobody is left to take this run's word
                os._exit(1)
            if self._cancel.exists():
                with self._writing:
                    if not self._over.is_set():
                        _thread.interrupt_main()
                wait = AGAIN

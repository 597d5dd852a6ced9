"""Starts a process that is meant to outlive the one that starts it. Standard library only; knows nothing of trainings."""

import subprocess
from typing import Any


class Apart(subprocess.Popen[bytes]):
    """A process in a session of its own. It may still run when nobody holds it any more: that is no mistake to be warned of."""

    def __init__(self, command: list[str], **options: Any) -> None:
        super().__init__(command, stdin=subprocess.DEVNULL, start_new_session=True, **options)

    def __del__(self) -> None:
        if getattr(self, "pid", None) and self.poll() is None:
            self.returncode = 0  # nobody will ask how it ended
        super().__del__()

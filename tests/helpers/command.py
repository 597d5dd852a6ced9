"""Runs the `labeler` command: in this process for speed, or as a real one."""

import contextlib
import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended and what it said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON object on standard output; fails where there is anything beside it."""
        return json.loads(self.out)

    def ok(self) -> "Outcome":
        """This outcome, which must be a success."""
        assert self.code == 0, f"exit code {self.code}\n{self.out}\n{self.err}"
        return self


def labeler(*arguments: object) -> Outcome:
    """`labeler arguments…` in this process."""
    from labeler.cli.main import main

    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main([str(argument) for argument in arguments])
    return Outcome(code, out.getvalue(), err.getvalue())


def labeler_process(
    *arguments: object,
    cwd: Path | None = None,
    timeout: float = 300,
    python: str = sys.executable,
    obeys_permissions: bool = False,
    **environment: str,
) -> Outcome:
    """`labeler arguments…` as a process of its own, with `environment` on top of ours.

    `obeys_permissions` takes root's right to pass over file permissions away from it.
    """
    done = subprocess.run(
        [python, "-m", "labeler", *map(str, arguments)],
        cwd=cwd, capture_output=True, encoding="utf-8", timeout=timeout, check=False, stdin=subprocess.DEVNULL,
        env={**os.environ, "PYTHONUTF8": "1", **environment},
        preexec_fn=_obey_permissions if obeys_permissions else None,
    )  # fmt: skip
    return Outcome(done.returncode, done.stdout, done.stderr)


def _obey_permissions() -> None:
    """Drop CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH from what the program may have (Linux; needed only for root)."""
    import ctypes

    if os.geteuid() == 0:
        libc = ctypes.CDLL(None)
        for capability in (1, 2):
            libc.prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP


def python_process(code: str, *, timeout: float = 120, **environment: str) -> Outcome:
    """`python -c code` as a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, encoding="utf-8", timeout=timeout, check=False,
        stdin=subprocess.DEVNULL, env={**os.environ, "PYTHONUTF8": "1", **environment},
    )  # fmt: skip
    return Outcome(done.returncode, done.stdout, done.stderr)

"""One of the further processes of a training on several GPUs: `python -m labeler.training.worker_rank RUN_DIR ORDER`, the order as JSON.

Which of them it is, its environment says (`worker_ranks` starts it). Trains in step with the first and tells nothing.
"""

import json
import sys
import traceback
from pathlib import Path

from labeler.training.protocol import Event, Request
from labeler.training.worker_failures import is_out_of_memory
from labeler.training.worker_ranks import NO_MEMORY
from labeler.training.worker_stop import Stop


def main(args: list[str]) -> int:
    """Train in step; returns 0 when done."""
    run_dir, request = Path(args[0]), Request(**json.loads(args[1]))
    stop = Stop(run_dir)
    stop.start()
    try:
        from labeler.training.worker_run import keep_apart, train_once

        keep_apart()
        train_once(run_dir, request, say=_nothing, stop=stop, resume=request.resume)
        stop.over()
    except BaseException as error:  # noqa: BLE001 - whatever happened, the first process must be told
        traceback.print_exc()
        return NO_MEMORY if is_out_of_memory(error) else 1
    return 0


def _nothing(event: Event) -> None:
    """The first process tells."""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

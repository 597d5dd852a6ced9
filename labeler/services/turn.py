"""What comes after a training: `python -m labeler.services.turn PROJECT` takes in what ended and begins the one that waits longest.

The process that stood by the training starts it, so that the queue goes on where no window is open and nobody looks.
"""

import sys
from pathlib import Path

from labeler.services import training
from labeler.services.project import Project


def main(args: list[str]) -> int:
    """See to the trainings of the project in the folder `args[0]`."""
    with Project.open(Path(args[0])) as project:
        training.reconcile(project)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

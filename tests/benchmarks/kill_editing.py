"""Kills a program that labels, at random moments, and counts what was lost.

python -m tests.benchmarks.kill_editing [--trials 200]
"""

import argparse
import tempfile
import time
from pathlib import Path

from labeler.services.project import Project
from tests.helpers import killing
from tests.helpers.fake_detector import add_pages

LIFE = 10
"""Kills that one project goes through: each time all its edits are taken back and done again, and they grow."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=200)
    args = parser.parse_args()
    started, edits = time.monotonic(), 0
    with tempfile.TemporaryDirectory() as scratch:
        for seed in range(args.trials):
            if seed % LIFE == 0:
                folder = Path(scratch) / f"数据集é {seed}"
                with Project.create(folder) as project:
                    add_pages(project, 3)
                    state = killing.state(project)
            acknowledged = killing.kill_while_editing(folder, seed)
            state = killing.look(folder, acknowledged, state)
            edits += len(acknowledged)
    print(
        f"{args.trials} kills, {edits} acknowledged edits, 0 lost, every file whole and undone to its start and back "
        f"({time.monotonic() - started:.0f} s)"
    )


if __name__ == "__main__":
    main()

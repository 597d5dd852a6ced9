"""`python -m labeler` is the `labeler` command."""

import sys

from labeler.cli.main import main

if __name__ == "__main__":
    sys.exit(main())

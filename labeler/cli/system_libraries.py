"""`python -m labeler.cli.system_libraries [--install]`, which `make setup` runs: says, or installs, what Qt and OpenCV miss here."""

import sys

from labeler.cli.output import complain
from labeler.core.i18n import tr
from labeler.services.system_libraries import advice, install, install_command, may_install, missing


def main(arguments: list[str]) -> int:
    """Say what is missing; with `--install`, and where we may, install it. 2 where something stays missing."""
    lacking = missing()
    command = install_command(lacking)
    if lacking and command and "--install" in arguments and may_install():
        print("+ apt-get update &&", " ".join(command), flush=True)
        install(command)
        lacking = missing()
    if not lacking:
        return 0
    complain(tr("System libraries are missing: {libraries}.", libraries=", ".join(lacking)), advice(lacking))
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

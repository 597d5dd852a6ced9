"""Sizes of paper, and what a sheet may ask for. Imports nothing, so that the command line starts quickly."""

from enum import StrEnum

DIGITS = "0123456789"


class Paper(StrEnum):
    """Sizes of paper."""

    A4 = "a4"
    LETTER = "letter"


SIZES = {Paper.A4: (210.0, 297.0), Paper.LETTER: (215.9, 279.4)}
"""Width and height in millimetres."""

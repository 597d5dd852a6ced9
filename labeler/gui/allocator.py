"""Memory of pictures goes back to the system when they go. On Linux only: elsewhere it does by itself.

glibc keeps blocks of up to 32 MiB in its heaps once it has seen some come and go, one heap a thread: after a few large photographs
shown in turns the process holds dozens of megabytes that nobody uses.
"""

import ctypes
import sys

LARGE = 4 * 2**20
"""Blocks from this size on are mapped by themselves and returned at once; small pages stay in the heap, where they are quick to get."""
_MMAP_THRESHOLD = -3
"""`M_MMAP_THRESHOLD` of malloc.h."""


def return_large_blocks() -> None:
    """From now on. Does nothing where the C library has no `mallopt`."""
    if sys.platform == "linux":
        tune = getattr(ctypes.CDLL(None), "mallopt", None)
        if tune is not None:
            tune(_MMAP_THRESHOLD, LARGE)

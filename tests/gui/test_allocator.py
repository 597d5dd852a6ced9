"""Memory of large blocks is returned when they are freed, however many came and went before."""

import subprocess
import sys

import pytest

CHURN = """
import ctypes, psutil
from labeler.gui import allocator
if {tuned}: allocator.return_large_blocks()
libc = ctypes.CDLL(None)
libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
libc.free.argtypes = [ctypes.c_void_p]
def block(size):
    found = libc.malloc(size)
    ctypes.memset(found, 1, size)
    return found
libc.free(block(24 << 20))  # from now on glibc keeps blocks of up to this size
before = psutil.Process().memory_info().rss
blocks = [block(12 << 20) for _ in range(4)]
held = block(1 << 20)  # lies above them in the heap
for one in blocks: libc.free(one)
print((psutil.Process().memory_info().rss - before) >> 20)
"""


def kept(*, tuned: bool) -> int:
    """MiB that a process keeps of 48 freed ones."""
    done = subprocess.run([sys.executable, "-c", CHURN.format(tuned=tuned)], capture_output=True, text=True, check=True)
    return int(done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc keeps them")
def test_freed_pictures_leave_the_process() -> None:
    assert kept(tuned=True) < 4 <= kept(tuned=False)

"""Whether the computer's memory is about to run out. Linux ends a process without a word when it does, so the worker looks before."""

FLOOR = 200 * 2**20
"""Bytes that must stay free, swap included."""


def check() -> None:
    """Raise MemoryError where too little is left to go on: a smaller batch may do."""
    import psutil

    left = psutil.virtual_memory().available + psutil.swap_memory().free
    if left < FLOOR:
        raise MemoryError(f"only {left // 2**20} MiB of memory are left")

"""How busy the computer is, and how much of that is a training. Reads; changes nothing."""

from dataclasses import dataclass

import psutil


@dataclass(frozen=True, slots=True)
class Load:
    """`cpu` is the share of all cores in use since the last look (0…1), memory in bytes; `worker_memory` is the training's, 0 if none."""

    cpu: float
    memory_used: int
    memory_total: int
    worker_memory: int


def look(pid: int = 0) -> Load:
    """The load now; `pid` is the training's process, if any. May be called on any thread."""
    memory = psutil.virtual_memory()
    return Load(psutil.cpu_percent(None) / 100, memory.total - memory.available, memory.total, _memory(pid))


def _memory(pid: int) -> int:
    if not pid:
        return 0
    try:
        process = psutil.Process(pid)
        return sum(int(p.memory_info().rss) for p in (process, *process.children(recursive=True)))
    except psutil.Error:
        return 0

"""Run as a script: the real worker with one fault put into it, `python faulty.py FAULT RUN_DIR`."""

import contextlib
import errno
import os
import sys
from typing import Any

from labeler.training import worker

fault = sys.argv[1]
set_environment = worker.set_environment


def with_little_memory(batch_end: Any) -> Any:
    """The computer has almost no memory left while batches are larger than two."""
    import psutil

    real = psutil.virtual_memory
    psutil.swap_memory = lambda: type("Swap", (), {"free": 0})

    def look(self: Any) -> None:
        self._told = 0.0  # at every batch
        psutil.virtual_memory = (lambda: type("Memory", (), {"available": 1000})) if self.batch_size > 2 else real
        batch_end(self)

    return look


def with_fault(*args: Any, **kwargs: Any) -> None:
    """The faults need torch, which must find the environment set."""
    set_environment(*args, **kwargs)
    import torch

    from labeler.training import worker_train, worker_weights

    training = worker_train.Training
    preprocess = training.preprocess_batch
    save = training.save_model

    def memory_runs_out(self: Any, batch: Any) -> Any:
        # In the second epoch: in the first ultralytics itself tries again.
        if self.epoch == 1 and len(batch["img"]) > 2:
            raise RuntimeError("CUDA out of memory. Tried to allocate 20.00 GiB")
        return preprocess(self, batch)

    def always_out_of_memory(self: Any, batch: Any) -> Any:
        raise RuntimeError(
            "[enforce fail at alloc_cpu.cpp:117] DefaultCPUAllocator: can't allocate memory: you tried 9 bytes"
        )

    def disk_is_full(self: Any) -> bool:
        if self.epoch == 1:
            with contextlib.suppress(OSError):  # the log lies on it, too
                os.dup2(os.open("/dev/full", os.O_WRONLY), 2)
            raise OSError(errno.ENOSPC, "No space left on device")
        return bool(save(self))

    def loss_is_nan(self: Any, batch: Any) -> Any:
        batch = preprocess(self, batch)
        batch["img"] = torch.full_like(batch["img"], torch.nan)
        return batch

    def a_bug(self: Any, batch: Any) -> Any:
        raise KeyError("surprise")

    def refused(self: Any) -> bool:
        raise PermissionError(errno.EACCES, "Permission denied", "/there/last.pt")

    faults: dict[str, tuple[str, Any]] = {
        "memory": ("preprocess_batch", memory_runs_out),
        "no-memory": ("preprocess_batch", always_out_of_memory),
        "nan": ("preprocess_batch", loss_is_nan),
        "late-nan": ("preprocess_batch", lambda self, batch: (loss_is_nan if self.epoch else preprocess)(self, batch)),
        "scarce": ("_train_batch_end", with_little_memory(training._train_batch_end)),
        "bug": ("preprocess_batch", a_bug),
        "disk": ("save_model", disk_is_full),
        "permission": ("save_model", refused),
    }
    if fault == "offline":
        worker_weights.HUB_URL = "http://127.0.0.1:9/"
    else:
        setattr(training, *faults[fault])


worker.set_environment = with_fault
sys.exit(worker.main(sys.argv[2:]))

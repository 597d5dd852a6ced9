"""Run as a script: the real worker on two devices that are both this processor: `python two_devices.py first|other FAULT RUN_DIR [ORDER]`.

Where ultralytics asks for CUDA, this gives it the processor and the process group that works there; all else is as on two GPUs.
"""

import os
import sys
from typing import Any

role, fault = sys.argv[1:3]


def pretend() -> None:
    """Two devices where there is one."""
    import torch
    from torch import distributed, nn
    from ultralytics.engine import trainer

    from labeler.training import worker_run, worker_train

    training = worker_train.Training
    begin, preprocess = training.__init__, training.preprocess_batch
    wrap = nn.parallel.DistributedDataParallel

    def with_two(self: Any, *args: Any, **kwargs: Any) -> None:
        begin(self, *args, **kwargs)
        self.world_size = 2

    def join(self: Any) -> None:
        distributed.init_process_group("gloo", rank=int(os.environ["RANK"]), world_size=2)

    def failing(self: Any, batch: Any) -> Any:
        if role == "other" and fault == "memory" and self.batch_size > 2:
            raise RuntimeError("CUDA out of memory. Tried to allocate 20.00 GiB")
        return preprocess(self, batch)

    trainer.select_device = lambda *_, **__: torch.device("cpu")
    nn.parallel.DistributedDataParallel = lambda model, **rest: wrap(model, **rest | {"device_ids": None})
    worker_run._device = lambda wanted: wanted
    training.__init__, training._setup_ddp, training.preprocess_batch = with_two, join, failing


if role == "first":
    from labeler.training import worker, worker_ranks

    worker_ranks.OTHER = (__file__, "other", fault)
    set_environment = worker_ranks.set_environment

    def first(device: str) -> None:
        set_environment(device)
        pretend()

    worker_ranks.set_environment = first
    sys.exit(worker.main(sys.argv[3:]))

pretend()
from labeler.training import worker_rank  # noqa: E402 - ultralytics must find the environment set, and the pretence made

sys.exit(worker_rank.main(sys.argv[3:]))

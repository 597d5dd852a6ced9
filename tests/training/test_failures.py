"""Every way a training can end badly has its name, found through whatever wrapped it."""

import errno

import pytest

from labeler.core.errors import NotFound
from labeler.training.worker_failures import Failure, describe, is_out_of_memory


def wrapped(cause: BaseException) -> RuntimeError:
    """As ultralytics wraps what goes wrong with a data set."""
    error = RuntimeError(f"Dataset 'data.yaml' error {cause}")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (MemoryError(), "out_of_memory"),
        (RuntimeError("CUDA out of memory. Tried to allocate 2.00 GiB"), "out_of_memory"),
        (RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried 9 bytes"), "out_of_memory"),
        (RuntimeError("CUBLAS_STATUS_ALLOC_FAILED when calling cublasCreate"), "out_of_memory"),
        (ImportError("/x/y.so: failed to map segment from shared object"), "out_of_memory"),
        (OSError(errno.ENOSPC, "No space left on device"), "disk_full"),
        (RuntimeError("PytorchStreamWriter failed writing file data/3: No space left on device"), "disk_full"),
        (RuntimeError("Training failed: NaN persisted for 4 epochs"), "nan_loss"),
        (PermissionError(errno.EACCES, "Permission denied", "/x"), "permission"),
        (FileNotFoundError(errno.ENOENT, "No such file", "/x"), "missing_file"),
        (NotFound("There is no training order."), "missing_file"),
        (RuntimeError("Dataset 'data.yaml' error names missing"), "bad_data"),
        (ValueError("train: No labels found in labels/train.cache."), "bad_data"),
        (wrapped(FileNotFoundError(errno.ENOENT, "No such file", "/x")), "missing_file"),
        (wrapped(PermissionError(errno.EACCES, "Permission denied", "/x")), "permission"),
        (KeyError("surprise"), "bug"),
        (SystemExit(3), "bug"),
        (Failure("offline", "No network."), "offline"),
    ],
    ids=str,
)
def test_what_went_wrong_has_a_name(error: BaseException, reason: str) -> None:
    end = describe(error, resumable=True)
    assert (end.reason, end.resumable) == (reason, True)
    assert end.text
    assert is_out_of_memory(error) == (reason == "out_of_memory")


def test_what_was_understood_where_it_happened_keeps_its_words() -> None:
    failure = Failure("missing_file", "The data set is gone.", "Export it again.")
    failure.__cause__ = PermissionError("no")
    end = describe(wrapped(failure), resumable=False)
    assert (end.reason, end.text, end.hint) == ("missing_file", "The data set is gone.", "Export it again.")


def test_a_very_long_error_is_cut() -> None:
    assert len(describe(RuntimeError("long " * 1000), resumable=False).text) < 400

"""Makes ultralytics leave a data set as it found it, and read nothing but pictures and labels from it.

By itself it writes `labels/*.cache` beside the labels and believes such a file the next time (it is a pickle, which can hold a program),
and it writes pictures anew that do not close with their end mark. An exported version must stay the bytes that it is.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import ultralytics.data.dataset
import ultralytics.data.utils


def leave_data_alone() -> None:
    """From now on, data sets are only read in this process."""
    dataset: Any = ultralytics.data.dataset
    utils: Any = ultralytics.data.utils
    dataset.load_dataset_cache_file = _no_cache
    dataset.save_dataset_cache_file = _unsaved
    utils._replace_image = _no_repair  # noqa: SLF001 - there is no other way in


def _no_cache(path: Path) -> NoReturn:
    raise FileNotFoundError(path)


def _unsaved(_prefix: str, _path: Path, found: dict[str, Any], version: str) -> None:
    found["version"] = version  # its caller takes this out again


def _no_repair(_picture: str | Path, _write: Callable[[str], None]) -> None:
    return

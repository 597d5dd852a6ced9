"""Start weights: finds the file, opens it without running anything in it, and says whether it fits the network.

ultralytics takes a file called `yolov5n.pt`, wherever it lies, for its own published weights and would fetch those instead,
so files are opened here through a copy with a neutral name.
"""

import shutil
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from torch import nn
from ultralytics.nn.tasks import _SafeLoad, load_checkpoint
from ultralytics.utils import SAFE_LOAD
from ultralytics.utils.torch_utils import intersect_dicts

from labeler.core.errors import BadInput, NotFound, UserError
from labeler.core.i18n import tr
from labeler.training.archs import HUB_URL, Arch
from labeler.training.protocol import HUB
from labeler.training.weights_file import refuse_programs
from labeler.training.worker_failures import Failure

ENOUGH = 0.8
"""Weights fit when at least this share of the network's tensors is in them: all but the last layers."""


@dataclass(frozen=True, slots=True)
class Start:
    """Opened start weights and what to call them."""

    source: str
    model: nn.Module


def open_start(start_weights: str, *, arch: Arch, folder: Path) -> Start:
    """Open `start_weights` (a path, or `HUB`) by way of `folder`. Raises `Failure`."""
    path = fetch(arch.hub_weight, folder) if start_weights == HUB else Path(start_weights)
    return Start(path.name, open_weights(path, folder=folder))


def open_weights(path: Path, *, folder: Path) -> nn.Module:
    """The network in a `.pt` file, in 32-bit floats on the CPU, loaded with the restricted unpickler. Raises `Failure`."""
    if not (_SafeLoad.SUPPORTED and SAFE_LOAD):  # ultralytics would quietly load it unrestricted
        raise Failure("bug", tr("Weights cannot be opened safely with this PyTorch."), tr("Install Labeler again."))
    copy = folder / "opened.pt"
    try:
        refuse_programs(path)
        shutil.copyfile(path, copy)
        model, _ = load_checkpoint(copy)
    except (FileNotFoundError, NotFound):
        raise Failure("missing_file", tr("The start weights {path} are missing.", path=path)) from None
    except BadInput as error:
        raise Failure("bad_data", error.message, error.hint) from error
    except (PermissionError, UserError):
        raise  # the general words for it are better
    except Exception as error:
        raise Failure(
            "bad_data",
            tr("{name} holds no detector that could be used or trained further.", name=path.name),
            tr("Use a model that was trained here, or an ultralytics .pt file of a YOLO detector."),
        ) from error
    finally:
        copy.unlink(missing_ok=True)
    network: nn.Module = model.float()
    return network


def transfer(target: nn.Module, start: Start) -> tuple[int, int, bool]:
    """Load what fits of `start` into `target`: (tensors that fit, tensors there are, whether they were loaded).

    Nothing is loaded where too little fits: a few tensors that happen to have the same shape in another architecture are
    noise, not a start.
    """
    own = target.state_dict()
    fitting = intersect_dicts(start.model.state_dict(), own)
    used = len(fitting) >= ENOUGH * len(own)
    if used:
        target.load(start.model)
    return len(fitting), len(own), used


def fetch(name: str, folder: Path, *, url: str = "") -> Path:
    """The published weights called `name`, from `folder`, else from `url` (ultralytics' place) into it. Raises `Failure`."""
    path = folder / name
    if path.is_file():
        return path
    half = path.with_suffix(".part")
    try:
        with urllib.request.urlopen((url or HUB_URL) + name, timeout=20) as answer, half.open("wb") as out:
            shutil.copyfileobj(answer, out)
        half.replace(path)
    except (urllib.error.URLError, TimeoutError, ConnectionError) as error:
        half.unlink(missing_ok=True)
        raise Failure(
            "offline",
            tr("The published weights {name} are not on this computer and could not be fetched.", name=name),
            tr("Connect to the internet, or start from the shipped model or from scratch."),
        ) from error
    return path

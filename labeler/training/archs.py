"""The networks that can be trained: what each is called here, in ultralytics, and among its published weights."""

from dataclasses import dataclass

from labeler.core.errors import NotFound
from labeler.core.i18n import tr

HUB_URL = "https://github.com/ultralytics/assets/releases/download/v8.4.0/"
"""Where the published weights lie. They are fetched only when a person asks for them."""


@dataclass(frozen=True, slots=True)
class Arch:
    """One network. `yaml` is ultralytics' name of its description, `hub_weight` of its published weights.

    `cost` is how much longer training takes on one picture than the default network takes to look at it in ONNX Runtime, in time of
    one CPU core (measured at 320 px; 640 px gave the same).
    """

    name: str
    label: str
    yaml: str
    hub_weight: str
    cost: float


ARCHS: dict[str, Arch] = {
    arch.name: arch
    for arch in (
        Arch("yolov5n", "YOLOv5 nano", "yolov5n.yaml", "yolov5nu.pt", 6.4),
        Arch("yolov5s", "YOLOv5 small", "yolov5s.yaml", "yolov5su.pt", 16.5),
        Arch("yolo11n", "YOLO11 nano", "yolo11n.yaml", "yolo11n.pt", 7.8),
        Arch("yolo11s", "YOLO11 small", "yolo11s.yaml", "yolo11s.pt", 18.6),
        Arch("yolo26n", "YOLO26 nano", "yolo26n.yaml", "yolo26n.pt", 8.3),
        Arch("yolo26s", "YOLO26 small", "yolo26s.yaml", "yolo26s.pt", 20.0),
    )
}
"""By name, smallest first within a family."""

DEFAULT = "yolov5n"


def arch(name: str) -> Arch:
    """The architecture called `name`. Raises NotFound."""
    try:
        return ARCHS[name]
    except KeyError:
        raise NotFound(
            tr("There is no architecture called {name}.", name=name),
            tr("Choose one of: {names}.", names=", ".join(ARCHS)),
        ) from None

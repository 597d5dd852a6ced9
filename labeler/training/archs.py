"""The networks that can be trained: what each is called here, in ultralytics, and among its published weights."""

from dataclasses import dataclass

from labeler.core.errors import NotFound
from labeler.core.i18n import tr

HUB_URL = "https://github.com/ultralytics/assets/releases/download/v8.4.0/"
"""Where the published weights lie. They are fetched only when a person asks for them."""


@dataclass(frozen=True, slots=True)
class Arch:
    """One network. `yaml` is ultralytics' name of its description, `hub_weight` of its published weights."""

    name: str
    label: str
    yaml: str
    hub_weight: str


ARCHS: dict[str, Arch] = {
    arch.name: arch
    for arch in (
        Arch("yolov5n", "YOLOv5 nano", "yolov5n.yaml", "yolov5nu.pt"),
        Arch("yolov5s", "YOLOv5 small", "yolov5s.yaml", "yolov5su.pt"),
        Arch("yolo11n", "YOLO11 nano", "yolo11n.yaml", "yolo11n.pt"),
        Arch("yolo11s", "YOLO11 small", "yolo11s.yaml", "yolo11s.pt"),
        Arch("yolo26n", "YOLO26 nano", "yolo26n.yaml", "yolo26n.pt"),
        Arch("yolo26s", "YOLO26 small", "yolo26s.yaml", "yolo26s.pt"),
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

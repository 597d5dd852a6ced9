"""What goes with a model that leaves the project: its origin, its worth, its use. Names no writer, no path, no person."""

from collections.abc import Mapping
from typing import Any

from labeler.core.i18n import tr
from labeler.services import versions
from labeler.services.models import Model
from labeler.services.project import Project


def card(project: Project, model: Model, *, file_name: str) -> str:
    """The card of a model, as Markdown text. `file_name` is what its file is called outside."""
    parts = [
        f"# {model.name}",
        tr("A detector of handwritten digits, from Labeler."),
        _table(tr("Model"), _facts(project, model, file_name)),
        _judged(tr("On pages of test writers, whom it never learnt from"), model.metrics.get("test")),
        _judged(tr("On pages of validation writers, by whom its best epoch was chosen"), model.metrics.get("val")),
        _table(tr("Settings of the training"), _settings(model.settings)),
        f"## {tr('How to use it')}\n\n{_use(model, file_name)}",
        f"## {tr('Licence')}\n\n" + tr("AGPL-3.0-or-later, like the networks of ultralytics that it was trained with."),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _facts(project: Project, model: Model, file_name: str) -> list[tuple[str, object]]:
    facts: list[tuple[str, object]] = [
        (tr("file"), file_name),
        ("SHA-256 (ONNX)", model.sha256),
        ("SHA-256 (PyTorch)", model.weights_sha256 or "–"),
        (tr("architecture"), model.arch),
        (tr("image size"), f"{model.imgsz} px"),
        (tr("classes"), ", ".join(model.classes)),
        (tr("origin"), model.origin),
        (tr("trained from"), model.parent or "–"),
        (tr("made"), model.created_at.date().isoformat()),
    ]
    if model.version:
        version = versions.find(project, model.version)
        trained = tr(
            "{name}: {images} images with {boxes} boxes, hash {hash}",
            name=version.name, images=version.images, boxes=version.boxes, hash=version.hash[:16],
        )  # fmt: skip
        facts.append((tr("trained on version"), trained))
    return facts


def _judged(heading: str, found: object) -> str:
    """What it is worth on one split, and digit by digit where that is known; empty where it was not judged."""
    if not isinstance(found, Mapping):
        return ""
    return "\n\n".join(filter(None, (_table(heading, _figures(found)), _digits(found))))


def _figures(found: Mapping[str, Any]) -> list[tuple[str, object]]:
    names = {
        "images": tr("images"), "boxes": tr("boxes"), "map50": "mAP50", "map50_95": "mAP50-95",
        "at_score": tr("score from which finds count"), "precision": tr("precision"), "recall": tr("recall"),
        "corrections_per_100": tr("corrections per 100 digits"), "suggested_score": tr("score with least to correct"),
        "blank_pages": tr("blank pages"),
        "blank_false_alarms": tr("false alarms on blank pages"),
    }  # fmt: skip
    return [(name, _number(found[key])) for key, name in names.items() if found.get(key) is not None]


def _digits(found: Mapping[str, Any]) -> str:
    rows = found.get("per_class", ())
    if not rows:
        return ""
    head = f"| {tr('class')} | {tr('boxes')} | {tr('precision')} | {tr('recall')} | AP50 | AP50-95 |\n|---|---|---|---|---|---|"
    keys = ("name", "boxes", "precision", "recall", "ap50", "ap50_95")
    lines = ["| " + " | ".join(_number(row.get(key)) for key in keys) + " |" for row in rows]
    return "\n".join([head, *lines])


def _settings(settings: Mapping[str, Any]) -> list[tuple[str, object]]:
    keys = ("epochs", "batch", "patience", "seed", "start_weights", "overrides")
    return [(key, settings[key]) for key in keys if settings.get(key) not in (None, "", {})]


def _use(model: Model, file_name: str) -> str:
    if file_name.endswith(".pt"):
        return tr(
            "Load it with ultralytics: `YOLO('{name}').predict('page.jpg', imgsz={size})`. Boxes are in pixels of the upright page.",
            name=file_name, size=model.imgsz,
        )  # fmt: skip
    return tr(
        "Run it with `labeler predict page.jpg --model {name}`, with ultralytics (`YOLO('{name}', task='detect').predict('page.jpg')`), or "
        "with ONNX Runtime alone. Input: RGB from 0 to 1, the page fitted into "
        "{size} × {size} on grey 114. The metadata of the file name its classes.",
        name=file_name, size=model.imgsz,
    )  # fmt: skip


def _table(heading: str, rows: list[tuple[str, object]]) -> str:
    return f"## {heading}\n\n" + "\n".join(f"- {name}: {value}" for name, value in rows) if rows else ""


def _number(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:.3f}" if isinstance(value, float) else str(value)

"""The registry: models with their history, which one is current, promotion and the way back, files in and out."""

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.orm import Session, aliased

from labeler.core.boxes import Detection
from labeler.core.changes import Changes
from labeler.core.errors import NotFound, UserError
from labeler.core.i18n import tr
from labeler.core.progress import Progress, silent
from labeler.detect.detector import Detector
from labeler.services._files import sha256_of
from labeler.services.project import Project
from labeler_db.models import ModelRow, PromotionRow, VersionRow


@dataclass(frozen=True, slots=True)
class Model:
    """Weights with their history."""

    id: int
    name: str
    origin: str
    arch: str
    imgsz: int
    classes: tuple[str, ...]
    sha256: str
    weights_sha256: str | None
    created_at: datetime
    is_current: bool
    parent: str | None = None
    version: str | None = None
    run: int | None = None
    metrics: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Promotion:
    """One change of the current model."""

    at: datetime
    model: str
    previous: str | None
    kind: str
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class NewModel:
    """A model on its way into the registry; `weights` is what training can start from, where there is any."""

    name: str
    origin: str
    arch: str
    imgsz: int
    classes: tuple[str, ...]
    onnx: Path
    weights: Path | None = None
    parent_id: int | None = None
    version_id: int | None = None
    run_id: int | None = None
    metrics: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)


def add(project: Project, new: NewModel) -> Model:
    """Copy the files in and register them. Raises `UserError` where the name is taken."""
    files = keep_files(project, new)
    with project.write(Changes(models=True)) as session:
        insert(session, new, files)
    return find(project, new.name)


def keep_files(project: Project, new: NewModel) -> tuple[str, str | None]:
    """Copy the files to where they are kept, by content; returns the hashes of the ONNX file and of the weights.

    Raises `UserError` where the folder cannot be written.
    """
    return _keep(project, new.onnx, ".onnx"), _keep(project, new.weights, ".pt") if new.weights is not None else None


def insert(session: Session, new: NewModel, files: tuple[str, str | None]) -> ModelRow:
    """Register a model within a transaction that the caller owns. Raises `UserError` where the name is taken."""
    if session.scalars(select(ModelRow.id).where(ModelRow.name == new.name)).first() is not None:
        raise UserError(tr("There is a model called {name} already.", name=new.name), tr("Choose another name."))
    row = ModelRow(
        name=new.name, origin=new.origin, arch=new.arch, imgsz=new.imgsz, classes=list(new.classes), sha256=files[0],
        weights_sha256=files[1], parent_id=new.parent_id, version_id=new.version_id, run_id=new.run_id, settings=new.settings,
        metrics=new.metrics,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def list_models(project: Project) -> list[Model]:
    """All models, oldest first."""
    with project.read() as session:
        at = current_id(session)
        return [_to_model(row, at) for row in session.execute(_select())]


def find(project: Project, name: str) -> Model:
    """The model with this name. Raises `NotFound`."""
    for model in list_models(project):
        if model.name == name:
            return model
    raise NotFound(tr("There is no model called {name}.", name=name), tr("labeler models PROJECT lists them."))


def current(project: Project) -> Model:
    """The model that suggests. Raises `NotFound`."""
    for model in list_models(project):
        if model.is_current:
            return model
    raise NotFound(tr("This project has no current model."), tr("Import one, or train one and promote it."))


def detector(project: Project, name: str | None = None, *, many: bool = False) -> Detector:
    """The detector of a model, the current one when `name` is None. Raises `NotFound`, `BadInput`.

    For `many` pages, looked at side by side, each runs on one core: that takes less of them than all cores together on each in turn.

    What was trained here was trained at the size that fits its pages, and has learnt at that size what not to see: it looks once. Looking
    again larger, a model fine-tuned on photographs of sudokus left 141 corrections per 100 digits instead of 32, seeing the printed
    digits again.
    """
    from labeler.detect.onnx import OnnxDetector

    model = find(project, name) if name else current(project)
    threads = 1 if many else 0
    return OnnxDetector(
        onnx_file(project, model), imgsz=model.imgsz, threads=threads, look_again=model.origin != "trained"
    )


def onnx_file(project: Project, model: Model) -> Path:
    """Where the weights lie that detect."""
    return project.folder / "models" / f"{model.sha256}.onnx"


def weights_file(project: Project, model: Model) -> Path | None:
    """Where the weights lie that training can start from."""
    return project.folder / "models" / f"{model.weights_sha256}.pt" if model.weights_sha256 else None


def class_map(project: Project, model: Model) -> Callable[[Detection], Detection | None]:
    """Detections in the model's classes to the project's, by name; None where the project has no such class."""
    ids = {n: project.class_id(name) for n, name in enumerate(model.classes)}

    def to_project(found: Detection) -> Detection | None:
        class_id = ids.get(found.class_id)
        return None if class_id is None else replace(found, class_id=class_id)

    return to_project


def promote(project: Project, name: str, *, reason: str = "", by: str = "") -> Model:
    """Make a model the current one. Raises `NotFound`."""
    return _promote(project, find(project, name), "promote", reason, by)


def rollback(project: Project, *, by: str = "") -> Model:
    """Make the model current that was so before the last promotion. Raises `UserError` where there is none."""
    with project.read() as session:
        last = session.scalars(select(PromotionRow).order_by(PromotionRow.id.desc())).all()
        steps = _undone(last)
        previous = session.get(ModelRow, steps.previous_id) if steps and steps.previous_id else None
    if previous is None:
        raise UserError(tr("There is no earlier current model to go back to."))
    return _promote(project, find(project, previous.name), "rollback", "", by)


def promotions(project: Project) -> list[Promotion]:
    """Every change of the current model, newest first."""
    before = aliased(ModelRow)
    query = (
        select(PromotionRow, ModelRow.name, before.name)
        .join(ModelRow, ModelRow.id == PromotionRow.model_id)
        .outerjoin(before, before.id == PromotionRow.previous_id)
        .order_by(PromotionRow.id.desc())
    )
    with project.read() as session:
        return [Promotion(p.at, name, previous, p.kind, p.reason, p.by) for p, name, previous in session.execute(query)]


def import_model(project: Project, file: Path, *, name: str | None = None, progress: Progress = silent) -> Model:
    """Register a detector from outside, as a candidate. Raises NotFound, BadInput, `UserError`, `Cancelled`.

    An ONNX file is taken as it is. A `.pt` file is opened by the restricted unpickler in another process, and only what comes out
    there is kept: it can be trained further.
    """
    from labeler.services import _incoming

    with _incoming.opened(file, progress=progress) as found:
        with project.read() as session:
            chosen = name or free_name(session, file.stem)
        new = NewModel(chosen, "imported", found.arch, found.imgsz, found.classes, found.onnx, found.weights)
        return add(project, new)


def save_model(project: Project, name: str, file: Path) -> Path:
    """Copy a model out, .pt where that is asked for and there is one, else .onnx, with its card beside it. Raises NotFound, `UserError`."""
    from labeler.services import model_card

    model = find(project, name)
    source = weights_file(project, model) if file.suffix.lower() == ".pt" else onnx_file(project, model)
    if source is None:
        raise UserError(tr("The model {name} has no .pt file.", name=name), tr("Save it as .onnx."))
    text = model_card.card(project, model, file_name=file.name)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, file)
        file.with_name(f"{file.stem}-card.md").write_text(text, encoding="utf-8")
    except OSError as error:
        raise UserError(tr("{path} cannot be written: {reason}", path=file, reason=error.strerror or error)) from error
    return file


def set_metrics(project: Project, name: str, metrics: dict[str, Any]) -> None:
    """Keep figures with a model, beside those it has."""
    model = find(project, name)
    with project.write(Changes(models=True)) as session:
        row = session.get_one(ModelRow, model.id)
        row.metrics = {**row.metrics, **metrics}


def free_name(session: Session, wanted: str) -> str:
    """`wanted`, or with the first number behind it that is free."""
    taken = set(session.scalars(select(ModelRow.name)))
    numbered = (f"{wanted}-{n}" for n in range(2, len(taken) + 3))
    return next(name for name in (wanted, *numbered) if name not in taken)


def _promote(project: Project, model: Model, kind: str, reason: str, by: str) -> Model:
    with project.write(Changes(models=True)) as session:
        previous = current_id(session)
        if previous != model.id:
            session.add(PromotionRow(model_id=model.id, previous_id=previous, kind=kind, reason=reason, by=by))
    return find(project, model.name)


def _undone(newest_first: Sequence[PromotionRow]) -> PromotionRow | None:
    """The promotion that a rollback takes back: each earlier rollback has taken one back already."""
    skip = 0
    for row in newest_first:
        if row.kind == "rollback":
            skip += 1
        elif skip:
            skip -= 1
        else:
            return row
    return None


def current_id(session: Session) -> int | None:
    """The number of the model that suggests."""
    return session.scalars(select(PromotionRow.model_id).order_by(PromotionRow.id.desc()).limit(1)).one_or_none()


def _select() -> Select[ModelRow, str | None, str | None]:
    parent = aliased(ModelRow)
    return (
        select(ModelRow, parent.name, VersionRow.name)
        .outerjoin(parent, ModelRow.parent_id == parent.id)
        .outerjoin(VersionRow, ModelRow.version_id == VersionRow.id)
        .order_by(ModelRow.id)
    )


def _to_model(row: Row[ModelRow, str | None, str | None], current_id: int | None) -> Model:
    model, parent, version = row
    return Model(
        id=model.id, name=model.name, origin=model.origin, arch=model.arch, imgsz=model.imgsz, classes=tuple(model.classes),
        sha256=model.sha256, weights_sha256=model.weights_sha256, created_at=model.created_at, is_current=model.id == current_id,
        parent=parent, version=version, run=model.run_id, metrics=model.metrics, settings=model.settings,
    )  # fmt: skip


def _keep(project: Project, file: Path, suffix: str) -> str:
    sha = sha256_of(file)
    target = project.folder / "models" / f"{sha}{suffix}"
    if not target.exists():
        part = target.with_name(f"{target.name}.{os.getpid()}.part")
        try:
            target.parent.mkdir(exist_ok=True)
            shutil.copyfile(file, part)
            part.replace(target)
        except OSError as error:
            part.unlink(missing_ok=True)
            raise UserError(
                tr("{path} cannot be written: {reason}", path=target, reason=error.strerror or error)
            ) from error
    return sha

"""The detectors that ship with the app, as models of a project: brought in when it is made or opened, and found again."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from labeler.core import shipped
from labeler.core.changes import Changes
from labeler.core.errors import NotFound
from labeler.core.i18n import tr
from labeler.services import models
from labeler.services.models import Model, NewModel
from labeler.services.project import Project
from labeler_db.models import ModelRow, PromotionRow

ORIGIN = "shipped"


def register(project: Project) -> None:
    """Give a project the detectors that ship with the app; the first of them becomes current where no model is.

    One that the project does not know yet is added beside what it has: its current model stays. Raises `UserError` where the folder
    cannot be written.
    """
    with project.read() as session:
        known = _hashes(session)
    missing = [_as_new(one) for one in shipped.detectors() if one.onnx_sha256 not in known]
    if not missing:
        return
    kept = [(new, models.keep_files(project, new)) for new in missing]
    with project.write(Changes(models=True)) as session:
        known = _hashes(session)
        fresh = [(new, files) for new, files in kept if files[0] not in known]  # another program may have been first
        rows = [models.insert(session, replace(n, name=models.free_name(session, n.name)), files) for n, files in fresh]
        if rows and models.current_id(session) is None:
            session.add(PromotionRow(model_id=rows[0].id, kind="start"))


def find(project: Project, name: str = shipped.FIRST) -> Model:
    """The shipped detector `name` as this app ships it, whatever it is called in the project. Raises `NotFound`."""
    sha256 = shipped.detector(name).onnx_sha256
    for model in models.list_models(project):
        if (model.origin, model.sha256) == (ORIGIN, sha256):
            return model
    raise NotFound(tr("There is no model called {name}.", name=name), tr("labeler models PROJECT lists them."))


def _as_new(one: shipped.Shipped) -> NewModel:
    return NewModel(
        name=one.name, origin=ORIGIN, arch=one.arch, imgsz=one.imgsz, classes=one.classes, onnx=one.onnx, weights=one.weights,
        metrics=dict(one.metrics),
    )  # fmt: skip


def _hashes(session: Session) -> Sequence[str]:
    return session.scalars(select(ModelRow.sha256).where(ModelRow.origin == ORIGIN)).all()

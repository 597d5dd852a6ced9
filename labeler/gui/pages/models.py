"""The models page: every model with its figures; judging, promoting, rolling back, evaluating, taking in and handing out."""

from dataclasses import asdict
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QFrame, QVBoxLayout, QWidget

from labeler.core.changes import Changes
from labeler.core.errors import UserError
from labeler.core.gate import Verdict
from labeler.core.i18n import tr
from labeler.core.progress import Progress
from labeler.gui.dialogs.confirm import ConfirmDialog
from labeler.gui.pages import models_figures
from labeler.gui.pages.models_detail import ModelDetail
from labeler.gui.pages.page import BasePage
from labeler.gui.session import Session
from labeler.gui.widgets.pieces import button, column, page_header
from labeler.gui.widgets.table import Column, Table
from labeler.gui.widgets.words import rate, when
from labeler.services import evaluating, judging, models
from labeler.services.evaluating import Evaluation
from labeler.services.judging import Judgement
from labeler.services.models import Model


class ModelsPage(BasePage):
    """Reads the registry whenever it changes while the page is in front."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.dialog: ConfirmDialog | None = None
        self._wanted: object = None
        self.table: Table[Model] = Table(
            [
                Column("", lambda m: "●" if m.is_current else ""),
                Column(tr("Model"), lambda m: m.name, wide=True, strong=lambda m: m.is_current),
                Column(tr("Origin"), lambda m: models_figures.origin_name(m.origin), muted=True),
                Column(tr("Network"), lambda m: m.arch, muted=True),
                Column("mAP50", lambda m: rate(models_figures.value(m, "map50")), right=True, tip=_split_tip),
                Column("mAP50-95", lambda m: rate(models_figures.value(m, "map50_95")), right=True, tip=_split_tip),
                Column(tr("Corrections / 100"), _corrections, right=True, tip=_split_tip),
                Column(tr("Made"), lambda m: when(m.created_at), muted=True),
            ]
        )
        self.detail = ModelDetail(session.project.classes)
        self.rollback_button = button(tr("Roll back"), self.rollback, icon="rollback")
        self.rollback_button.setToolTip(tr("Makes the model current again that was so before the last promotion."))
        header = page_header(tr("Models"), self.rollback_button, button(tr("Import …"), self.ask_import, icon="import"))
        listing = QFrame()
        listing.setProperty("card", True)
        inside = QVBoxLayout(listing)
        inside.setContentsMargins(16, 8, 16, 8)
        inside.addWidget(self.table)
        body = QWidget()
        body_layout = column(listing, self.detail, gap=16, margins=(24, 6, 24, 24))
        body_layout.setStretch(1, 1)
        body.setLayout(body_layout)
        layout = column(header, body, gap=0)
        layout.setStretch(1, 1)
        self.setLayout(layout)
        self.table.chosen.connect(self._chosen)
        self.detail.promote.clicked.connect(self.ask_promote)
        self.detail.evaluate.clicked.connect(self.evaluate)
        self.detail.save.clicked.connect(self.ask_save)
        session.changed.connect(self._changed)

    def activated(self) -> None:
        """Show the newest state."""
        self.refresh()

    def show_item(self, what: object) -> None:
        """Show the model with this name."""
        self._wanted = what
        self.refresh()

    def refresh(self) -> None:
        """Read the registry again."""
        project = self.session.project
        self.session.tasks.read(
            lambda: (models.list_models(project), bool(models.promotions(project)[1:])), self._show, key=self
        )

    def ask_promote(self) -> None:
        """Judge the chosen model beside the current one, tell the verdict, and promote it if the person says so."""
        model = self.table.current()
        if model is not None and not model.is_current:
            project = self.session.project
            self.session.tasks.run(
                tr("Judging {name} beside the current model", name=model.name),
                lambda progress: judging.judge(project, model.name, progress=progress),
                done=lambda judgement: self._tell_verdict(model.name, judgement),
                failed=lambda error: self._tell_unjudged(model.name, error),
            )

    def promote(self, name: str, judgement: Judgement | None, reason: str) -> None:
        """Make a model current."""
        project, by = self.session.project, self.session.annotator
        self.session.tasks.run(
            tr("Promoting"),
            lambda _progress: judging.promote(project, name, judgement, reason=reason, by=by),
            done=lambda model: self.session.say(
                tr("{name} suggests from now on.", name=model.name), tr("Roll back brings the one before back.")
            ),
            cancellable=False,
            alone=False,
        )

    def rollback(self) -> None:
        """The model before the last promotion becomes current again."""
        project, by = self.session.project, self.session.annotator
        self.session.tasks.run(
            tr("Rolling back"),
            lambda _progress: models.rollback(project, by=by),
            done=lambda model: self.session.say(tr("{name} is the current model again.", name=model.name)),
            cancellable=False,
            alone=False,
        )

    def evaluate(self) -> None:
        """Judge the chosen model on the test writers and keep the figures with it."""
        model = self.table.current()
        if model is None:
            return
        project = self.session.project

        def work(progress: Progress) -> Evaluation:
            found = evaluating.evaluate(project, model=model.name, progress=progress)
            models.set_metrics(project, model.name, {"test": asdict(found)})
            return found

        self.session.tasks.run(tr("Evaluating {name}", name=model.name), work, done=self._evaluated)

    def ask_import(self) -> None:
        """Ask for a model from outside."""
        dialog = QFileDialog(self, tr("Import a model"), "", tr("Detectors (*.onnx *.pt)"))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda file: self.import_file(Path(file)))
        dialog.open()

    def import_file(self, file: Path) -> None:
        """Take a model in."""
        project = self.session.project
        self.session.tasks.run(
            tr("Importing a model"),
            lambda _progress: models.import_model(project, file),
            done=lambda model: self._imported(model),
            cancellable=False,
        )

    def ask_save(self) -> None:
        """Ask where to copy the chosen model to."""
        model = self.table.current()
        if model is None:
            return
        kinds = [tr("ONNX (*.onnx)"), *([tr("PyTorch (*.pt)")] if model.weights_sha256 else [])]
        dialog = QFileDialog(self, tr("Save the model"), f"{model.name}.onnx", ";;".join(kinds))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("onnx")
        dialog.filterSelected.connect(lambda kind: dialog.setDefaultSuffix("pt" if "*.pt" in kind else "onnx"))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda file: self.save(model.name, Path(file)))
        dialog.open()

    def save(self, name: str, file: Path) -> None:
        """Copy a model out."""
        project = self.session.project
        self.session.tasks.run(
            tr("Saving the model"),
            lambda _progress: models.save_model(project, name, file),
            done=lambda path: self.session.say(tr("Saved to {path}", path=path)),
            cancellable=False,
            alone=False,
        )

    def _show(self, found: tuple[list[Model], bool]) -> None:
        listed, can_roll_back = found
        newest_first = list(reversed(listed))
        self.table.set_rows(newest_first, key=lambda m: m.id)
        self.table.fit_height(most=7)
        self.rollback_button.setEnabled(can_roll_back)
        wanted = next((n for n, m in enumerate(newest_first) if m.name == self._wanted), None)
        if wanted is None and self.table.current() is None:
            wanted = next((n for n, m in enumerate(newest_first) if m.is_current), 0)
        self._wanted = None
        if wanted is not None and newest_first:
            self.table.choose(wanted)

    def _chosen(self, model: Model | None) -> None:
        if model is not None:
            self.detail.show_model(model)

    def _changed(self, changes: Changes) -> None:
        if changes.models and self.isVisible():
            self.refresh()

    def _tell_verdict(self, name: str, judgement: Judgement) -> None:
        decision = judgement.decision
        heading = {
            Verdict.BETTER: tr("{name} is better than {current}."),
            Verdict.NOT_WORSE: tr("{name} is not worse than {current}."),
            Verdict.NO_CHANGE: tr("{name} is the same as {current}."),
            Verdict.WORSE: tr("{name} is worse than {current}."),
            Verdict.CANNOT_TELL: tr("Nobody can tell whether {name} is better than {current}."),
        }[decision.verdict].format(name=name, current=judgement.current)
        self._confirm(
            name, heading, "\n".join(f"•  {reason}" for reason in decision.reasons), judgement, passes=decision.passes
        )

    def _tell_unjudged(self, name: str, error: Exception) -> None:
        text = f"{error.message} {error.hint}" if isinstance(error, UserError) else str(error)
        self._confirm(name, tr("{name} cannot be judged.", name=name), text, None, passes=False)

    def _confirm(self, name: str, heading: str, text: str, judgement: Judgement | None, *, passes: bool) -> None:
        go = tr("Promote") if passes else tr("Promote anyway")
        self.dialog = ConfirmDialog(heading, text, go, self, needs_reason=not passes)
        self.dialog.confirmed.connect(lambda reason: self.promote(name, judgement, reason))
        self.dialog.open()

    def _evaluated(self, found: Evaluation) -> None:
        self.session.say(
            tr("{name}: mAP50 {map50}, mAP50-95 {map50_95} on the test writers.",
               name=found.model, map50=rate(found.map50), map50_95=rate(found.map50_95))
        )  # fmt: skip

    def _imported(self, model: Model) -> None:
        self.show_item(model.name)
        self.session.say(tr("{name} is here as a candidate.", name=model.name), tr("Evaluate it, then promote it."))


def _corrections(model: Model) -> str:
    found = models_figures.value(model, "corrections_per_100")
    return "–" if found is None else f"{found:.1f}"


def _split_tip(model: Model) -> str:
    split = models_figures.figures(model)[0]
    return {"test": tr("on the test writers"), "val": tr("on the validation writers")}.get(split, tr("not judged yet"))

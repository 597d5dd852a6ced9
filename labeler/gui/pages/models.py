"""The models page: every model with its figures; judging, promoting, rolling back, evaluating, taking in and handing out.

Behind the list lie the evaluation of one model in depth and the comparison of two.
"""

from dataclasses import asdict
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QStackedWidget, QVBoxLayout, QWidget

from labeler.core.changes import Changes
from labeler.core.errors import UserError
from labeler.core.gate import Rules
from labeler.core.i18n import ntr, tr
from labeler.core.progress import Progress
from labeler.gui.dialogs.confirm import ConfirmDialog
from labeler.gui.dialogs.gate_rules import RulesDialog
from labeler.gui.dialogs.promotions import PromotionsDialog
from labeler.gui.pages import models_differences, models_figures
from labeler.gui.pages.models_compare import CompareView
from labeler.gui.pages.models_detail import ModelDetail
from labeler.gui.pages.models_evaluation import EvaluationView
from labeler.gui.pages.page import BasePage
from labeler.gui.session import Session
from labeler.gui.widgets.pieces import button, column, page_header, scroller
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
        self.evaluation = EvaluationView(session)
        self.comparison = CompareView(session)
        self.stack = QStackedWidget()
        for view in (self._listing(), self.evaluation, self.comparison):
            self.stack.addWidget(view)
        self.setLayout(column(self.stack, gap=0))
        self.setFocusProxy(self.table)
        self._connect()

    def _listing(self) -> QWidget:
        header = page_header(
            tr("Models"),
            button(tr("Compare …"), self.ask_compare, icon="split"),
            button(tr("History"), self.show_history, icon="history"),
            self.rollback_button,
            button(tr("Import …"), self.ask_import, icon="import"),
        )
        listing = QFrame()
        listing.setProperty("card", True)
        inside = QVBoxLayout(listing)
        inside.setContentsMargins(16, 8, 16, 8)
        inside.addWidget(self.table)
        body = column(listing, self.detail, gap=16, margins=(24, 6, 24, 24))
        body.setStretch(1, 1)
        inner, result = QWidget(), QWidget()
        inner.setLayout(body)
        result.setLayout(column(header, scroller(inner), gap=0))
        return result

    def _connect(self) -> None:
        self.table.chosen.connect(self._chosen)
        self.table.opened.connect(lambda _: self.show_evaluation())
        self.detail.promote.clicked.connect(self.ask_promote)
        self.detail.evaluate.clicked.connect(self.evaluate)
        self.detail.deeper.clicked.connect(self.show_evaluation)
        self.detail.save.clicked.connect(self.ask_save)
        self.evaluation.back.connect(self.show_list)
        self.evaluation.again.connect(self.evaluate)
        self.evaluation.save_plots.clicked.connect(self.ask_save_plots)
        self.comparison.back.connect(self.show_list)
        self.comparison.wanted.connect(self.compare)
        self.comparison.promote.connect(lambda found: self._tell_verdict(found.candidate, found))
        self.comparison.rules.connect(self.ask_rules)
        self.session.changed.connect(self._changed)

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

    def show_list(self) -> None:
        """All models."""
        self.stack.setCurrentIndex(0)
        self.table.setFocus()

    def show_evaluation(self) -> None:
        """The chosen model in depth."""
        model = self.table.current()
        if model is not None:
            self.evaluation.show_model(model)
            self.stack.setCurrentWidget(self.evaluation)
            self.evaluation.tabs.setFocus()

    def ask_compare(self) -> None:
        """Ask which two models to compare: the current one and the chosen one, if nobody says otherwise."""
        chosen = self.table.current()
        self.comparison.offer(list(reversed(self.table.rows)), after=chosen.name if chosen else "")
        self.stack.setCurrentWidget(self.comparison)
        self.comparison.go.setFocus()

    def compare(self, before: str, after: str) -> None:
        """Put two models side by side on the test writers' pages."""
        project = self.session.project
        self.session.tasks.run(
            tr("Comparing {name} with {current}", name=after, current=before),
            lambda progress: judging.judge(project, after, against=before, progress=progress),
            done=self._compared,
        )

    def ask_rules(self) -> None:
        """Show the gate's rules, to be changed."""
        project = self.session.project

        def ask(rules: Rules) -> None:
            dialog = RulesDialog(rules, self)
            dialog.changed.connect(self.set_rules)
            dialog.open()

        self.session.tasks.read(lambda: judging.rules(project), ask)

    def set_rules(self, rules: Rules) -> None:
        """Keep other rules, and judge by them what is shown."""
        project, shown = self.session.project, self.comparison.judgement

        def work() -> Judgement | None:
            judging.set_rules(project, rules)
            return judging.again(project, shown) if shown else None

        self.session.tasks.read(work, lambda found: self._compared(found) if found else None)

    def show_history(self) -> None:
        """Who made which model current, when and why."""
        project = self.session.project
        self.session.tasks.read(lambda: models.promotions(project), lambda found: PromotionsDialog(found, self).open())

    def ask_save_plots(self) -> None:
        """Ask for a folder for all plots of the evaluation that is shown."""
        dialog = QFileDialog(self, tr("Save all plots in this folder"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda folder: self.save_plots(Path(folder)))
        dialog.open()

    def save_plots(self, folder: Path) -> None:
        """Write all plots of the evaluation that is shown."""
        with self.session.guard():
            files = self.evaluation.save_all(folder)
            self.session.say(
                ntr("Saved {count} file to {path}", "Saved {count} files to {path}", len(files), path=folder)
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
            lambda progress: models.import_model(project, file, progress=progress),
            done=self._imported,
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
            done=lambda path: self.session.say(tr("Saved to {path}", path=path), tr("Its model card lies beside it.")),
            cancellable=False,
            alone=False,
        )

    def _show(self, found: tuple[list[Model], bool]) -> None:
        listed, can_roll_back = found
        newest_first = list(reversed(listed))
        self.table.set_rows(newest_first, key=lambda m: m.id)
        self.table.fit_height(most=5)
        self.comparison.show_current(newest_first)
        self.rollback_button.setEnabled(can_roll_back)
        wanted = next((n for n, m in enumerate(newest_first) if m.name == self._wanted), None)
        if wanted is None and self.table.current() is None:
            wanted = next((n for n, m in enumerate(newest_first) if m.is_current), 0)
        self._wanted = None
        if wanted is not None and newest_first:
            self.table.choose(wanted)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.stack.currentIndex():
            self.show_list()
            return
        super().keyPressEvent(event)

    def _chosen(self, model: Model | None) -> None:
        if model is not None:
            self.detail.show_model(model)
            if self.evaluation.model is not None and self.evaluation.model.name == model.name:
                self.evaluation.show_model(model)

    def _compared(self, judgement: Judgement) -> None:
        self.comparison.show_judgement(judgement)
        self.comparison.show_current(self.table.rows)

    def _changed(self, changes: Changes) -> None:
        if changes.models and self.isVisible():
            self.refresh()

    def _tell_verdict(self, name: str, judgement: Judgement) -> None:
        decision = judgement.decision
        text = "\n".join(f"•  {reason}" for reason in decision.reasons)
        self._confirm(name, models_differences.verdict(judgement), text, judgement, passes=decision.passes)

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

"""The page for collecting: a writer, a prompt, the pad. Enter keeps what is written and goes on; what is read is shown meanwhile."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, QTimer
from PySide6.QtWidgets import QLabel, QWidget

from labeler.core import doubts
from labeler.core.boxes import Rect
from labeler.core.changes import Changes
from labeler.core.i18n import ntr, tr
from labeler.core.ink_pages import InkPage
from labeler.core.plans import Plan, plan_from_json, plan_to_json
from labeler.gui import actions, theme
from labeler.gui.pages.collect_bar import CollectBar
from labeler.gui.pages.collect_live import LiveReader, ReadPage
from labeler.gui.pages.collect_paper import PaperWays
from labeler.gui.pages.collect_progress import ProgressPanel
from labeler.gui.pages.collect_setup import PadSettings, PaperCard, PlanCard, WriterCard, hint
from labeler.gui.pages.page import BasePage
from labeler.gui.session import Session
from labeler.gui.widgets.pad import Pad, Tool
from labeler.gui.widgets.pad_paint import Mark
from labeler.gui.widgets.pieces import column, label, page_header, row, scroller
from labeler.services import collecting, images
from labeler.services.collecting import Saved, Standing

if TYPE_CHECKING:
    from labeler.gui.import_flow import ImportFlow

SIDE_WIDTH = 364
SHOWN = 0.4
"""Score from which a reading is shown on the board."""
SETTING = "pad"


@dataclass(frozen=True, slots=True)
class Written:
    """A page on its way into the project, or there."""

    page: InkPage
    writer: str


class CollectPage(BasePage):
    """Attributes: `pad`, `writer`, `plan`, `paper`, `progress` (the cards), `live`, `asked` (the prompt, empty for free writing)."""

    def __init__(self, session: Session, imports: "ImportFlow") -> None:
        super().__init__(session)
        self.asked = ""
        self.started = datetime.now(UTC)
        self._standing: Standing | None = None
        self._unsaved: dict[int, Written] = {}
        self._last: tuple[int, str] | None = None  # the image kept last, and whose it is
        self.pad = Pad()
        self.live = LiveReader(session, self)
        self.writer, self.plan, self.paper, self.progress = WriterCard(), PlanCard(), PaperCard(), ProgressPanel()
        self.ways = PaperWays(session, imports)
        self.bar = CollectBar()
        self.prompt = QLabel()
        self.hint = label("", "muted", wrap=True)
        self._refresh_soon = QTimer(self, singleShot=True, interval=150)
        self._build()
        self._connect()
        settings = session.project.setting(SETTING, {})
        self._load(settings if isinstance(settings, dict) else {})

    def activated(self) -> None:
        """Show the newest state, be ready to write."""
        self._refresh()
        self.live.warm_up()
        self.pad.setFocus()

    def shutdown(self) -> None:
        """Keep what is not kept yet: closing the window must not lose a page that was entered."""
        self.session.changed.disconnect(self._project_changed)
        self._refresh_soon.stop()
        self.live.stop()
        self.ways.shutdown()
        for written in list(self._unsaved.values()):
            with self.session.guard():
                collecting.save(self.session.project, written.page, writer=written.writer or None)
        self._unsaved.clear()

    # what the page does

    def save(self) -> None:
        """Keep what is written and go on to the next prompt."""
        page = self._page()
        if not page.strokes:
            self.session.say(tr("Nothing is written yet."), tr("Write what is asked for, then press Enter."))
            return
        if page.prompt and not self.writer.code:
            self.session.say(
                tr("Choose whose hand this is."), tr("{key} adds a writer.", key=actions.hint("collect.new_writer"))
            )
            return
        written, key = Written(page, self.writer.code), id(page)
        self._unsaved[key] = written
        self.session.tasks.run(
            tr("Keeping a page"),
            lambda _: self._keep(written),
            done=lambda saved: self._kept(key, saved),
            failed=lambda error: self._not_kept(key, error),
            cancellable=False,
            alone=False,
        )
        self._go_on(page.prompt)

    def skip(self) -> None:
        """Leave this prompt out."""
        self._go_on(self.asked)

    def take_back(self) -> None:
        """The page kept last comes back onto the pad and out of the project."""
        if self._last is None or self.pad.strokes:
            self.session.say(tr("There is no page to take back, or the pad is not empty."))
            return
        with self.session.guard():
            (image_id, writer), self._last = self._last, None
            page = collecting.take_back(self.session.project, image_id)
            self._pick_writer(writer)
            self._choose_writer()
            self._ask(page.prompt)
            self.pad.start_page(page.strokes)
            self.bar.tell("", good=True)

    def new_writer(self) -> None:
        """Ask for a new writer's code, the next one filled in."""
        self.writer.ask_new(collecting.next_code(self.session.project))

    def use_tool(self, tool: Tool) -> None:
        """Pen or eraser."""
        self.pad.tool = tool
        self.bar.show_tool(tool)

    def set_live(self, on: bool) -> None:
        """Show what the model reads while writing, or not."""
        self.bar.live.setChecked(on)
        self.pad.show_marks(())
        if on:
            self._read()

    # building

    def _build(self) -> None:
        self.prompt.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.prompt.setAccessibleName(tr("Prompt"))
        self.hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._dress_prompt()
        main = column(self.prompt, self.hint, self.pad, self.bar, gap=8, margins=(24, 0, 8, 16))
        main.setStretch(2, 1)
        inner = QWidget()
        inner.setLayout(
            column(self.writer, self.plan, self.progress, self.paper, self.ways, None, gap=16, margins=(8, 0, 20, 20))
        )
        side = scroller(inner)
        side.setFixedWidth(SIDE_WIDTH)
        body = row(main, side, gap=0)
        body.setStretch(0, 1)
        layout = column(page_header(tr("Collect")), body, gap=0)
        layout.setStretch(1, 1)
        self.setLayout(layout)

    def _connect(self) -> None:
        self.pad.changed.connect(self._ink_changed)
        self.live.read.connect(self._show_reading)
        self.writer.chosen.connect(lambda _: self._choose_writer())
        self.writer.added.connect(self._add_writer)
        self.writer.closed.connect(self.pad.setFocus)
        self.writer.add.clicked.connect(self.new_writer)
        self.plan.changed.connect(self._changed_plan)
        self.paper.changed.connect(self._changed_paper)
        self.progress.chosen.connect(self._pick_writer)
        self.progress.waiting_wanted.connect(lambda: self.session.show("desk"))
        self._refresh_soon.timeout.connect(self._refresh)
        self.session.changed.connect(self._project_changed)
        slots = {
            "collect.save": self.save, "collect.new_writer": self.new_writer, "collect.skip": self.skip,
            "collect.take_back": self.take_back, "collect.pen": lambda: self.use_tool(Tool.PEN),
            "collect.eraser": lambda: self.use_tool(Tool.ERASER), "collect.undo": self.pad.undo, "collect.redo": self.pad.redo,
            "collect.clear": self.pad.clear, "collect.paste": self.ways.paste,
            "collect.live": lambda: self.set_live(not self.bar.live.isChecked()),
            "collect.next_writer": lambda: self.writer.step(1), "collect.previous_writer": lambda: self.writer.step(-1),
        }  # fmt: skip
        self.bar.connect_to(slots)
        actions.bind(self, slots)

    def _load(self, kept: dict[str, object]) -> None:
        """The pad as it was left in this project."""
        settings = PadSettings.from_json(kept)
        self.paper.show_settings(settings)
        self.pad.pen, self.pad.look, self.pad.page = settings.as_pen, settings.look, settings.size
        self.plan.set_plan(plan_from_json(kept["plan"]) if "plan" in kept else Plan())
        codes = [w.code for w in images.writers(self.session.project)]
        last = kept.get("writer")
        self.writer.set_writers(codes, str(last) if last in codes else "")
        self._choose_writer()

    def _remember(self) -> None:
        kept = self.paper.settings.to_json() | {"writer": self.writer.code, "plan": plan_to_json(self.plan.plan)}
        self.session.project.set_setting(SETTING, kept)

    # prompts

    def _choose_writer(self) -> None:
        self._standing = None
        if self.writer.code:
            with self.session.guard():
                self._standing = collecting.standing(self.session.project, self.writer.code)
        if self.asked and self.pad.strokes and self._standing is not None:
            self._ask(self.asked)  # what is on the pad was written for this prompt
        else:
            self._next_prompt()
        self._refresh_soon.start()
        self.pad.setFocus()

    def _pick_writer(self, code: str) -> None:
        self.writer.box.setCurrentIndex(self.writer.box.findData(code))

    def _add_writer(self, code: str) -> None:
        with self.session.guard():
            made = collecting.add_writer(self.session.project, code)
            self.writer.close_new()
            codes = [w.code for w in images.writers(self.session.project)]
            self.writer.set_writers(codes, made.code)
            self._choose_writer()
            self._remember()

    def _changed_plan(self) -> None:
        self._remember()
        self._next_prompt()

    def _changed_paper(self) -> None:
        settings = self.paper.settings
        self.pad.pen = settings.as_pen
        self.pad.set_page(settings.size, settings.look)
        self._remember()

    def _go_on(self, asked: str) -> None:
        if self._standing is not None and asked:
            self._standing = self._standing.after(asked)
        self.live.forget()
        self.pad.start_page()
        self._next_prompt()

    def _next_prompt(self) -> None:
        plan = self.plan.plan
        if plan is None or self._standing is None:
            self._ask("")
        else:
            self._ask(self._standing.next_prompt(plan))

    def _ask(self, asked: str) -> None:
        self.asked = asked
        plan, standing = self.plan.plan, self._standing
        self.prompt.setText(" ".join(asked) if asked else (tr("Write freely") if plan is None else tr("Who writes?")))
        self.writer.say_done(standing.pages if standing else 0, plan.prompts if plan and standing else None)
        self.hint.setText(hint(plan, standing))

    # keeping

    def _page(self) -> InkPage:
        settings = self.paper.settings
        return InkPage(
            self.pad.strokes, settings.width, settings.height, self.asked, self.pad.pen, self.pad.look, settings.scale,
            self.pad.device,
        )  # fmt: skip

    def _keep(self, written: Written) -> Saved:
        reading = self.live.reading_of(written.page)
        return collecting.save(self.session.project, written.page, writer=written.writer or None, reading=reading)

    def _kept(self, key: int, saved: Saved) -> None:
        written = self._unsaved.pop(key, None)
        self._last = (saved.image_id, written.writer if written else "")
        if saved.doubts:
            self.bar.tell(doubts.text(saved.doubts[0]) + " " + tr("It waits on the desk."), good=False)
        elif saved.boxes:
            self.bar.tell(ntr("Kept with {count} box.", "Kept with {count} boxes.", len(saved.boxes)), good=True)
        else:
            self.bar.tell(tr("Kept. It waits on the desk."), good=True)

    def _not_kept(self, key: int, error: Exception) -> None:
        """The page comes back where there is room for it; nothing that was written may be lost."""
        written = self._unsaved.pop(key, None)
        self.session.tasks.failed_job.emit(error)
        if written is not None and not self.pad.strokes:
            self._ask(written.page.prompt)
            self.pad.start_page(written.page.strokes)

    # reading along

    def _ink_changed(self) -> None:
        self.pad.show_marks(())
        self._read()

    def _read(self) -> None:
        if self.pad.strokes and self.bar.live.isChecked():
            self.live.ask(self._page())
        else:
            self.live.forget()

    def _show_reading(self, found: ReadPage) -> None:
        if self.pad.is_down or found.page.strokes != self.pad.strokes or not self.bar.live.isChecked():
            return
        k, names = found.page.scale, self.session.project.classes
        self.pad.show_marks(
            [
                Mark(Rect(d.x / k, d.y / k, d.w / k, d.h / k), f"{names[d.class_id]} · {d.score:.0%}", d.class_id)
                for d in found.reading.detections
                if d.score >= SHOWN
            ]
        )

    # staying up to date

    def _project_changed(self, changes: Changes) -> None:
        if changes.library or changes.images:
            self._refresh_soon.start()

    def _refresh(self) -> None:
        project, since = self.session.project, self.started
        self.session.tasks.read(
            lambda: (collecting.progress(project), collecting.summary(project, since, datetime.now(UTC))),
            lambda found: self._refreshed(*found),
            key="collect.progress",
        )

    def _refreshed(self, writers: list[collecting.WriterProgress], summary: collecting.Summary) -> None:
        codes = [w.writer for w in writers]
        chosen = self.writer.code
        if chosen and chosen not in codes and chosen in [w.code for w in images.writers(self.session.project)]:
            self._refresh_soon.start()  # read before this writer was added: pages must not become nobody's for that
            return
        if codes != [self.writer.box.itemData(n) for n in range(1, self.writer.box.count())]:
            self.writer.set_writers(codes, chosen)
            if self.writer.code != chosen:
                self._choose_writer()
        self.progress.show_progress(writers, self.writer.code, self.session.project.classes)
        self.progress.tell(summary)
        self.ways.refresh()

    def _dress_prompt(self) -> None:
        self.prompt.setFont(theme.font(size=34, bold=True))

    # Qt

    def changeEvent(self, event: QEvent) -> None:
        if event.type() is QEvent.Type.FontChange:
            self._dress_prompt()
        super().changeEvent(event)

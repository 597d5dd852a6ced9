"""Which pages there are, and how to make one. A page's module is imported when the page is first shown."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from labeler.core.i18n import tr
from labeler.gui.rail import Entry
from labeler.gui.session import Session

if TYPE_CHECKING:
    from labeler.gui.import_flow import ImportFlow
    from labeler.gui.run_watch import RunWatch


@dataclass(frozen=True, slots=True)
class Around:
    """What a page may need besides its session."""

    session: Session
    watch: "RunWatch"
    imports: "ImportFlow"


def entries() -> tuple[Entry, ...]:
    """The pages in the order of the rail, in the language in use."""
    return (
        Entry("collect", tr("Collect"), "collect"),
        Entry("desk", tr("Desk"), "desk"),
        Entry("data", tr("Data"), "data"),
        Entry("check", tr("Check"), "checklist"),
        Entry("train", tr("Train"), "train"),
        Entry("models", tr("Models"), "models"),
        Entry("ledger", tr("Effort"), "effort"),
    )


def make(name: str, around: Around) -> QWidget:
    """A new page. Raises KeyError for an unknown name."""
    return _MAKERS[name](around)


def _collect(around: Around) -> QWidget:
    from labeler.gui.pages.collect import CollectPage

    return CollectPage(around.session, around.imports)


def _desk(around: Around) -> QWidget:
    from labeler.gui.pages.desk import DeskPage

    return DeskPage(around.session)


def _data(around: Around) -> QWidget:
    from labeler.gui.pages.data import DataPage

    return DataPage(around.session, around.imports)


def _check(around: Around) -> QWidget:
    from labeler.gui.pages.check import CheckPage

    return CheckPage(around.session)


def _train(around: Around) -> QWidget:
    from labeler.gui.pages.train import TrainPage

    return TrainPage(around.session, around.watch)


def _models(around: Around) -> QWidget:
    from labeler.gui.pages.models import ModelsPage

    return ModelsPage(around.session)


def _ledger(around: Around) -> QWidget:
    from labeler.gui.pages.ledger import LedgerPage

    return LedgerPage(around.session)


_MAKERS: dict[str, Callable[[Around], QWidget]] = {
    "collect": _collect,
    "desk": _desk,
    "data": _data,
    "check": _check,
    "train": _train,
    "models": _models,
    "ledger": _ledger,
}

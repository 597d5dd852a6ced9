"""What is thin: a table of digits by split, and in sentences what is missing and how many more writers would do."""

from collections.abc import Sequence

from PySide6.QtWidgets import QFrame

from labeler.core.coverage import ENOUGH_DIGITS, ENOUGH_WRITERS, Coverage, Gap, gaps, writers_wanted
from labeler.core.i18n import ntr, tr
from labeler.core.splits import SPLITS
from labeler.gui.widgets.coverage_table import CoverageTable
from labeler.gui.widgets.pieces import column, label, row
from labeler.gui.widgets.states import split_text

SHOWN = 5


class SplitsCard(QFrame):
    """Shows a `Coverage`."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("card", True)
        self.table = CoverageTable()
        self.gaps = label("", wrap=True)
        self.advice = label("", "muted", wrap=True)
        why = label(
            tr(
                "Enough to judge by: {digits} of each digit, by {writers} hands.", digits=ENOUGH_DIGITS, writers=ENOUGH_WRITERS
            ),
            "faint",
        )  # fmt: skip
        why.setToolTip(
            tr("With 30 digits a share near 0.9 is known to about 0.11 either way; with fewer it says little.")
        )
        self.setLayout(
            column(
                row(label(tr("What each split holds"), "heading"), None, why),
                self.table,
                self.gaps,
                self.advice,
                gap=10,
                margins=(16, 14, 16, 14),
            )
        )

    def show_coverage(self, coverage: Coverage) -> None:
        """Show what is there and what is thin."""
        self.table.show_coverage(coverage)
        found = gaps(coverage)
        self.gaps.setText(sentences(coverage, found))
        self.advice.setText(advice(coverage, found))
        for part in (self.gaps, self.advice):
            part.setVisible(bool(part.text()))


def sentences(coverage: Coverage, found: Sequence[Gap]) -> str:
    """What is missing or thin, a line a split."""
    if len(coverage.unwritten) == len(coverage.classes):
        return tr("No digit is labelled yet.")
    lines = []
    for split in reversed(SPLITS):
        mine = [g for g in found if g.split == split]
        missing = [coverage.classes[g.class_id] for g in sorted(mine, key=lambda g: g.class_id) if g.is_missing]
        thin = [coverage.classes[g.class_id] for g in sorted(mine, key=lambda g: g.class_id) if not g.is_missing]
        if missing:
            lines.append(_missing(coverage, missing, split_text(split)))
        if thin:
            every = len(thin) == len(coverage.classes)
            lines.append(
                tr("Too few of every digit in {split}.", split=split_text(split))
                if every
                else tr("Too few of {digits} in {split}.", digits=_listed(thin), split=split_text(split))
            )
    return "\n".join(lines) if lines else tr("Every digit is in every split often enough to judge by.")


def advice(coverage: Coverage, found: Sequence[Gap]) -> str:
    """How many more writers would help, and where they go by themselves."""
    if not found or len(coverage.unwritten) == len(coverage.classes):
        return ""
    wants = [(split, writers_wanted(found, split)) for split in reversed(SPLITS)]
    parts = ", ".join(_want(coverage, split, n) for split, n in wants if n)
    where = tr("New writers go where most is missing when splits are assigned.")
    if coverage.writers and max(n for _, n in wants) > ENOUGH_WRITERS:
        where = tr("Fewer will do where each writes more.") + " " + where
    if coverage.unwritten:
        return tr(
            "To fill the gaps, at what a writer brought so far, takes {parts} at least: nobody has written {digits} yet. {where}",
            parts=parts, digits=_listed(coverage.unwritten), where=where,
        )  # fmt: skip
    return tr("To fill the gaps, at what a writer brought so far: {parts}. {where}", parts=parts, where=where)


def _missing(coverage: Coverage, digits: Sequence[str], split: str) -> str:
    if len(digits) == len(coverage.classes):
        return tr("Nothing at all in {split} yet.", split=split)
    if coverage.writers:
        return tr("No {digits} by any writer in {split}.", digits=_listed(digits), split=split)
    return tr("No {digits} in {split}.", digits=_listed(digits), split=split)


def _want(coverage: Coverage, split: str, n: int) -> str:
    if coverage.writers:
        return ntr("{count} more writer in {split}", "{count} more writers in {split}", n, split=split_text(split))
    return ntr("{count} more page in {split}", "{count} more pages in {split}", n, split=split_text(split))


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)

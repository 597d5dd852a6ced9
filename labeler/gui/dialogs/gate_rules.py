"""The rules of the promotion gate, for a person to see and change. Keeps nothing by itself."""

from dataclasses import asdict
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QDoubleSpinBox, QSpinBox, QWidget

from labeler.core.gate import Rules
from labeler.core.i18n import tr
from labeler.gui.widgets.pieces import button, column, form, label, row

Field = QDoubleSpinBox | QSpinBox


class RulesDialog(QDialog):
    """`changed` carries the new `Rules`."""

    changed = Signal(object)

    def __init__(self, rules: Rules, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Rules of the gate"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setMinimumWidth(560)
        self.fields: dict[str, Field] = {
            "more_work": _share(0.0, 100.0, 0.5, 1),
            "margin": _share(0.0, 1.0, 0.005, 3),
            "recall_drop": _percent(),
            "slack": _count(0, 100),
            "luck": _percent(),
            "confusion_rise": _percent(),
            "alarm_rise": _share(0.0, 100.0, 0.05, 2),
            "slowdown": _share(1.0, 100.0, 0.5, 1),
            "fast_enough": _share(0.0, 60.0, 0.1, 2, suffix=tr(" s")),
            "min_boxes": _count(1, 100_000),
        }
        self._show(rules)
        words = _words()
        for name, field in self.fields.items():
            field.setAccessibleName(words[name])
        lines = [(words[name], field) for name, field in self.fields.items()]
        explained = tr(
            "A new model becomes current without further ado only if it passes all of these on the test writers. "
            "Promoting it anyway asks for a reason."
        )
        self.setLayout(
            column(
                label(tr("Rules of the gate"), "heading"), label(explained, "muted", wrap=True), 4, form(*lines), 10,
                row(
                    button(tr("As built in"), lambda: self._show(Rules()), kind="link"), None,
                    button(tr("Cancel"), self.reject), button(tr("Keep"), self._keep, kind="primary"),
                ),
                margins=(20, 18, 20, 16), gap=10,
            )
        )  # fmt: skip

    @property
    def rules(self) -> Rules:
        """What the fields say."""
        values: dict[str, Any] = {name: field.value() / _scale(field) for name, field in self.fields.items()}
        return Rules(**{**values, "slack": int(values["slack"]), "min_boxes": int(values["min_boxes"])})

    def _show(self, rules: Rules) -> None:
        for name, value in asdict(rules).items():
            field = self.fields[name]
            if isinstance(field, QSpinBox):
                field.setValue(int(value))
            else:
                field.setValue(float(value) * _scale(field))

    def _keep(self) -> None:
        self.accept()
        self.changed.emit(self.rules)


def _words() -> dict[str, str]:
    return {
        "more_work": tr("Further corrections per 100 digits that are tolerated"),
        "margin": tr("Loss of mAP50-95 that is tolerated"),
        "recall_drop": tr("Drop of one digit's recall that is tolerated"),
        "slack": tr("Digits lost that never condemn"),
        "luck": tr("Chance of blocking an equally good model"),
        "confusion_rise": tr("Rise of mix-ups of digits that look alike"),
        "alarm_rise": tr("Further false alarms a blank page"),
        "slowdown": tr("Times as slow as before, at most"),
        "fast_enough": tr("Always fast enough, time a page"),
        "min_boxes": tr("Digits needed to judge at all"),
    }


def _share(least: float, most: float, step: float, decimals: int, *, suffix: str = "") -> QDoubleSpinBox:
    field = QDoubleSpinBox()
    field.setDecimals(decimals)
    field.setRange(least, most)
    field.setSingleStep(step)
    field.setSuffix(suffix)
    return field


def _percent() -> QDoubleSpinBox:
    field = _share(0.0, 100.0, 0.5, 1, suffix=" %")
    field.setProperty("scale", 100.0)
    return field


def _count(least: int, most: int) -> QSpinBox:
    field = QSpinBox()
    field.setRange(least, most)
    return field


def _scale(field: Field) -> float:
    return float(field.property("scale") or 1.0)

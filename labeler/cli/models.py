"""`labeler models PROJECT [list | promote NAME | rollback | import FILE | save NAME FILE]`: the registry."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labeler.cli.arguments import add_project, opened
from labeler.cli.output import Answer, bar, percent, table
from labeler.core.errors import UserError
from labeler.core.i18n import tr

if TYPE_CHECKING:
    from labeler.services.models import Model
    from labeler.services.project import Project

ACTIONS = {"list": "", "promote": "NAME", "rollback": "", "import": "FILE", "save": "NAME FILE"}


def summary() -> str:
    return tr("list models, choose the current one, bring models in and out")


def arguments(parser: argparse.ArgumentParser) -> None:
    add_project(parser)
    parser.add_argument(
        "action", nargs="?", default="list", choices=ACTIONS, help=tr("what to do (default: %(default)s)")
    )
    parser.add_argument("values", nargs="*", metavar="NAME|FILE", help=tr("promote NAME, import FILE, save NAME FILE"))
    parser.add_argument("--reason", default="", help=tr("why a model is promoted"))
    parser.add_argument("--gate", action="store_true", help=tr("promote only what the gate lets pass"))
    parser.add_argument("--name", help=tr("name of an imported model (default: the file's)"))


def run(args: argparse.Namespace) -> Answer:
    from labeler.services import models

    wanted = ACTIONS[args.action].split()
    if len(args.values) != len(wanted):
        usage = " ".join(["labeler models PROJECT", args.action, *wanted])
        raise UserError(tr("“{action}” takes {count} values.", action=args.action, count=len(wanted)), usage)
    gate: dict[str, Any] = {}
    with opened(args) as project:
        said = _promote(project, args, gate) if args.action == "promote" else _act(project, args)
        listed = models.list_models(project)
    current = next((model.name for model in listed if model.is_current), None)
    return Answer({"models": [_data(model) for model in listed], "current": current, **gate}, said or _listing(listed))


def _promote(project: "Project", args: argparse.Namespace, gate: dict[str, Any]) -> str:
    """Promote as told. The gate is asked all the same, where there are test images, and its answer told and recorded."""
    from labeler.services import evaluating, judging, models

    name = args.values[0]
    judgement = None
    if evaluating.has_labelled(project, "test") and models.find(project, name).id != models.current(project).id:
        with bar() as progress:
            judgement = judging.judge(project, name, progress=progress)
        gate["gate"] = {"verdict": str(judgement.decision.verdict), "reasons": list(judgement.decision.reasons)}
    reason = args.reason or ("" if args.gate else "promoted on the command line")
    done = judging.promote(project, name, judgement, reason=reason)
    told = (
        [tr("The gate says: {verdict}.", verdict=judgement.decision.verdict), *judgement.decision.reasons]
        if judgement
        else []
    )
    return "\n".join([*told, tr("{name} is now the current model.", name=done.name)])


def _act(project: "Project", args: argparse.Namespace) -> str:
    from labeler.services import models

    match args.action, args.values:
        case "rollback", []:
            done = models.rollback(project)
            return tr("{name} is now the current model.", name=done.name)
        case "import", [file]:
            with bar() as progress:
                done = models.import_model(project, Path(file), name=args.name, progress=progress)
            return tr("Imported the model {name}.", name=done.name)
        case "save", [name, file]:
            path = models.save_model(project, name, Path(file))
            return tr("Saved {name} as {path}.", name=name, path=path)
    return ""


def _listing(listed: "list[Model]") -> str:
    head = ("", tr("model"), tr("architecture"), tr("made"), tr("trained on"), tr("mAP50 on test"))
    rows = [
        ("*" if m.is_current else "", m.name, m.arch, m.origin, m.version or "–", percent(_map50(m))) for m in listed
    ]
    return table(head, rows)


def _map50(model: "Model") -> float | None:
    figures = model.metrics.get("test")
    return figures.get("map50") if isinstance(figures, dict) else None


def _data(model: "Model") -> dict[str, Any]:
    return {
        "name": model.name, "origin": model.origin, "arch": model.arch, "imgsz": model.imgsz, "parent": model.parent,
        "version": model.version, "run": model.run, "created_at": model.created_at, "is_current": model.is_current,
        "sha256": model.sha256, "metrics": {split: _figures(found) for split, found in model.metrics.items()},
    }  # fmt: skip


def _figures(found: object) -> object:
    """Without what is there to be drawn: `labeler evaluate --json` prints that."""
    drawn = {"curves", "calibration", "thresholds", "worst"}
    return {k: v for k, v in found.items() if k not in drawn} if isinstance(found, dict) else found

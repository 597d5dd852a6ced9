"""The gate on real trainings: `python -m tests.benchmarks.bench_gate ../shared/data FOLDER [--source hme_vas] [--seeds 10] [--equal-only]`.

Fine-tunes the shipped weights on pages of one source, once as they are (the model that is current then), ten times again with other
seeds, and four times wrongly: on labels dealt out anew, with two digits swapped, on three pages only, and with all sevens unlabelled.
Prints the gate's verdict on each beside the current one, and on all pairs of the equal trainings. What is in FOLDER already is not
trained again; delete it to begin anew. Some 20 minutes on two cores. The gate's margins were chosen on trainings on `hme_vas`, so how
often equal trainings are blocked is measured on another source; `--equal-only` leaves the wrong trainings out.
"""

import argparse
import itertools
import random
import shutil
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from labeler.core import gate, shipped
from labeler.core.compare import compare
from labeler.core.gate import Decision
from labeler.core.matching import Page
from labeler.services import evaluating, exporting, importing, models, splitting, training
from labeler.services.project import Project
from tests.benchmarks.bench_new_source import copied

MOST = 150
"""About so many pages of a source are used."""
GOOD: dict[str, Any] = {"epochs": 4, "imgsz": 320, "threads": 1}
STILL = {"scale": 0.0, "translate": 0.0, "degrees": 0.0, "hsv_h": 0.0, "hsv_s": 0.0, "hsv_v": 0.0}
Lines = list[list[str]]
Change = Callable[[dict[Path, Lines]], dict[Path, Lines]]


def main() -> None:
    """Train what is not there yet, then judge."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("data", type=Path)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--source", default="hme_vas")
    asked.add_argument("--equal-only", action="store_true")
    asked.add_argument("--seeds", type=int, default=10, help="how many equal trainings beside the current one")
    options = asked.parse_args()
    source, wrong = options.data / "detection" / options.source, {} if options.equal_only else WRONG
    run(source, options.folder, seeds=options.seeds, wrong=wrong)


def run(source: Path, folder: Path, *, seeds: int, wrong: "dict[str, tuple[Change, dict[str, Any]]]") -> None:
    """All trainings on the pages of `source`, those in `wrong` included, and the gate's word on them."""
    with _opened(folder / "project") as project:
        _import(project, source, folder / "chosen")
        names = ["current", *(f"seed {n}" for n in range(1, seeds + 1))]
        for seed, name in enumerate(names):
            _train(project, project, name, seed=seed, **GOOD)
        exported = folder / "pages"
        if not exported.exists():
            exporting.export(project, exported)
        for name, (change, options) in wrong.items():
            with _opened(folder / name) as other:
                if not any(model.origin == "trained" for model in models.list_models(other)):
                    _import_changed(other, exported, folder / f"{name} pages", change)
                _train(project, other, name, seed=0, **options)
        _report(project, names, list(wrong))


def shuffled(pages: dict[Path, Lines]) -> dict[Path, Lines]:
    """Every class somewhere else."""
    classes = [line[0] for lines in pages.values() for line in lines]
    random.Random(0).shuffle(classes)
    dealt = iter(classes)
    return {page: [[next(dealt), *line[1:]] for line in lines] for page, lines in pages.items()}


def swapped(pages: dict[Path, Lines]) -> dict[Path, Lines]:
    """4 is 9 and 9 is 4."""
    other = {"4": "9", "9": "4"}
    return {page: [[other.get(line[0], line[0]), *line[1:]] for line in lines] for page, lines in pages.items()}


def without_sevens(pages: dict[Path, Lines]) -> dict[Path, Lines]:
    """As if nobody had ever marked a 7."""
    return {page: [line for line in lines if line[0] != "7"] for page, lines in pages.items()}


def three(pages: dict[Path, Lines]) -> dict[Path, Lines]:
    """Three pages to learn from; those to validate on stay."""
    train = sorted(page for page in pages if page.parent.name == "train")
    return {page: lines for page, lines in pages.items() if page not in train[3:]}


WRONG: dict[str, tuple[Change, dict[str, Any]]] = {
    "label-shuffled": (shuffled, {**GOOD, "overrides": {"lr0": 1e-3}}),
    "class-swapped": (swapped, {**GOOD, "epochs": 10, "overrides": {"lr0": 1e-3}}),
    "over-fitted": (three, {**GOOD, "epochs": 80, "patience": 0, "overrides": {"lr0": 2e-3, **STILL}}),
    "forgetful": (without_sevens, {**GOOD, "epochs": 10, "overrides": {"lr0": 1e-3}}),
}


def _opened(folder: Path) -> Project:
    return Project.open(folder) if folder.exists() else Project.create(folder)


def _import(project: Project, source: Path, chosen: Path) -> None:
    if not project.setting("imported"):
        pages = sorted((source / "images").iterdir())
        importing.import_paths(project, [copied(pages[:: max(1, len(pages) // MOST)], chosen)])
        print(splitting.assign(project, val=0.1, test=0.6).by_split)
        project.set_setting("imported", True)


def _import_changed(project: Project, exported: Path, target: Path, change: Change) -> None:
    """The pages that are not for testing, with changed labels."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(exported, target)
    labels = [file for split in ("train", "val") for file in sorted((target / "labels" / split).glob("*.txt"))]
    before = {file: [line.split() for line in file.read_text(encoding="ascii").splitlines()] for file in labels}
    after = change(before)
    for file in before:
        if file in after:
            file.write_text("\n".join(" ".join(line) for line in after[file]), encoding="ascii")
        else:
            file.unlink()
            next((target / "images" / file.parent.name).glob(f"{file.stem}.*")).unlink()
    importing.import_paths(project, [target], use_splits=True)


def _train(project: Project, where: Project, name: str, **options: Any) -> None:
    """Train in the project `where`; what comes of it is called `name` in `project`."""
    if any(model.name == name for model in models.list_models(project)):
        return
    began = time.monotonic()
    run = training.start(where, training.TrainOptions(start="shipped", **options))
    run = training.follow(where, run.id, on_event=lambda _: None)
    if run.model is None:
        raise SystemExit(f"{name}: {run.state}, {run.reason}")
    made = models.onnx_file(where, models.find(where, run.model))
    models.import_model(project, made, name=name)
    print(f"trained {name} in {time.monotonic() - began:.0f} s", flush=True)


def _report(project: Project, equal: list[str], wrong: list[str]) -> None:
    truth = evaluating.labelled(project, "test", by=[])
    seen: dict[str, tuple[Page, ...]] = {}

    def verdict(before: str, after: str) -> Decision:
        for name in (before, after):
            if name not in seen:
                model = models.find(project, name)
                seen[name] = evaluating.look(project, model, truth).pages
        pairs = gate.pairs_by_id(project.classes)
        found = compare(
            seen[before], seen[after], classes=len(project.classes), min_score=evaluating.OPERATING_SCORE, pairs=pairs
        )
        return gate.decide(found, classes=project.classes)

    print(f"{len(truth.images)} test pages with {sum(len(i.boxes) for i in truth.images)} digits")
    for before, after in [("current", "current"), (shipped.FIRST, "current"), *(("current", name) for name in wrong)]:
        found = verdict(before, after)
        print(f"{before} -> {after}: {found.verdict}")
        for reason in found.reasons:
            print(f"    {reason}")
    _report_equal(equal, verdict)


def _report_equal(equal: list[str], verdict: Callable[[str, str], Decision]) -> None:
    beside = {name: verdict("current", name) for name in equal[1:]}
    pairs = {(a, b): verdict(a, b) for a, b in itertools.permutations(equal, 2)}
    for text, found in (("beside the current one", beside), ("all pairs", pairs)) if beside else ():
        print(f"equal trainings, {text}: {dict(Counter(str(d.verdict) for d in found.values()))} of {len(found)}")
        for key, decision in found.items():
            if not decision.passes:
                print(f"    {key}: {decision.verdict}: {' '.join(decision.reasons)}")


if __name__ == "__main__":
    main()

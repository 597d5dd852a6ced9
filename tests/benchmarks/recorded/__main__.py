"""The recorded session: `python -m tests.benchmarks.recorded ../shared/data [--pages 20] [--log FILE]`. Needs Xvfb, openbox, xdotool.

The same real pages, none of which the shipped detector trained on, are brought from nothing to reviewed three times in the real window,
by real key and mouse events: with suggestions of the shipped detector, by hand with click-on-ink, and by hand with every box dragged.
People's own boxes are the truth that the person at the keys follows. Prints what each took, as JSON, and what the ledger says of the
first. A chord such as Ctrl+Enter is one key press.
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TextIO

from labeler.core.boxes import ClassRect
from labeler.formats.pixels import decode, normalise
from labeler.services import images, labeling, ledger
from labeler.services.project import Project
from labeler.training.shipped import holdout
from tests.benchmarks.recorded.hands import Count, Hands, display, window
from tests.benchmarks.recorded.person import Person, Picture, all_right

SHARES = {"hme_vas": 0.4, "car_a": 0.3, "ink_pages_rendered": 0.2, "webcam_numbers": 0.1}
"""How much of the pages each source gives."""


@dataclass(frozen=True)
class Sheet:
    """A real page with people's boxes."""

    file: Path
    truth: list[ClassRect]
    picture: Picture


def sheets(data: Path, count: int) -> Iterator[Sheet]:
    """Pages spread evenly over what the shipped detector has not learnt from, of each source."""
    detection = data / "detection"
    held = {
        "hme_vas": holdout.hme_vas(detection),
        "car_a": holdout.car_a(detection),
        "ink_pages_rendered": holdout.ink_pages(data / "strokes"),
    }
    for source, share in SHARES.items():
        files = [f for f in sorted((detection / source / "images").iterdir()) if held.get(source, {}).get(f.stem, True)]
        found = [sheet for sheet in map(read, files) if sheet.truth]
        wanted = round(share * count)
        yield from (found[int((n + 0.5) * len(found) / wanted)] for n in range(wanted))


def read(file: Path) -> Sheet:
    """A page with its label file; boxes in pixels of the upright picture."""
    upright = normalise(file.read_bytes())
    label = file.parent.parent / "labels" / f"{file.stem}.txt"
    truth = []
    for line in label.read_text(encoding="utf-8").splitlines():
        c, x, y, w, h = (float(v) for v in line.split()[:5])
        width, height = upright.width, upright.height
        truth.append(ClassRect((x - w / 2) * width, (y - h / 2) * height, w * width, h * height, int(c)))
    return Sheet(file, truth, decode(upright.data))


def bring_in(hands: Hands, pages: int) -> None:
    """Import everything in the folder the app was started in: the file dialog shows it first."""
    hands.see(until="calm")
    hands.key("ctrl+shift+i")
    hands.see(until="dialog QFileDialog")
    time.sleep(1)  # the dialog reads the folder
    hands.key("shift+Tab", "ctrl+a", "Return")
    hands.see(until="dialog ImportDialog")
    hands.key("Return")
    hands.see(until="no dialog")
    hands.see(until="not None")
    seen = hands.see(until="calm")
    if seen["pages"] != pages:
        raise RuntimeError(f"{seen['pages']} pages came in, not {pages}")


def session(place: Path, name: str, how: str, log: TextIO | None) -> dict[str, object]:
    """One project from nothing to every page reviewed; `how` is suggestions, ink or drags."""
    folder = place / how
    chosen = {s.file.name: s for s in SHEETS}
    with window(name, folder, place / "pages", place / f"settings-{how}", log) as hands:
        started = time.monotonic()
        bring_in(hands, len(chosen))
        imported = hands.count.copy()
        if how == "suggestions":
            hands.key("ctrl+b")
            hands.see(until="calm")
        person = Person(hands, uses_ink=how != "drags")
        by_source: dict[str, int] = {}
        for _ in range(len(chosen)):
            seen = hands.see(until="calm")
            sheet = chosen.pop(seen["image"])
            before = hands.count.total
            person.correct(sheet.truth, sheet.picture)
            source = sheet.file.parent.parent.name
            by_source[source] = by_source.get(source, 0) + hands.count.total - before
        hands.see(until="calm")
        seconds = time.monotonic() - started
    return {
        **told(hands.count - imported), "import": asdict(imported), "by_source": by_source,
        "tries": dict(person.notes.tries), "machine_seconds": round(seconds, 1), **proof(folder, person, how),
    }  # fmt: skip


def told(count: Count) -> dict[str, int]:
    """The counts, with their sum."""
    return {"presses": count.total, **asdict(count)}


def proof(folder: Path, person: Person, how: str) -> dict[str, object]:
    """What the project holds in the end: how many pages are right and reviewed, and whether the ledger agrees with the person's notes."""
    truth = {s.file.name: s.truth for s in SHEETS}
    with Project.open(folder) as project:
        held = images.images(project, images.image_ids(project))
        wrong = [
            i.name
            for i in held
            if i.state != "reviewed" or not all_right(truth[i.name], labeling.page(project, i.id).boxes)
        ]
        lines = {line.model: asdict(line.effort) for line in ledger.ledger(project)}
    found: dict[str, object] = {"pages_right": len(held) - len(wrong), "wrong": wrong}
    if how == "suggestions":
        (counted,) = lines.values()
        found |= {"ledger": counted, "notes": person.notes.tally(), "ledger_agrees": counted == person.notes.tally()}
    return found


def main() -> int:
    """Everything, and what it shows; 1 where a page is not right or the ledger disagrees."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--pages", type=int, default=20)
    parser.add_argument("--log", type=Path, help="write each key press, click and drag here")
    parser.add_argument("--only", choices=("suggestions", "ink", "drags"))
    args = parser.parse_args()
    SHEETS.extend(sheets(args.data, args.pages))
    result: dict[str, object] = {
        "pages": len(SHEETS),
        "digits": sum(len(s.truth) for s in SHEETS),
        "page_names": [f"{s.file.parent.parent.name}/{s.file.name}" for s in SHEETS],
    }
    with tempfile.TemporaryDirectory() as scratch, display() as name:
        place = Path(scratch)
        (place / "pages").mkdir()
        for sheet in SHEETS:
            shutil.copy(sheet.file, place / "pages")
        with args.log.open("w", encoding="utf-8") if args.log else nullcontext() as log:
            for how in [args.only] if args.only else ["suggestions", "ink", "drags"]:
                result[how] = session(place, name, how, log)
                print(how, json.dumps(result[how]), file=sys.stderr, flush=True)
    print(json.dumps(result, indent=1))
    runs = [r for r in result.values() if isinstance(r, dict)]
    return 0 if all(r["pages_right"] == len(SHEETS) and r.get("ledger_agrees", True) for r in runs) else 1


SHEETS: list[Sheet] = []

if __name__ == "__main__":
    sys.exit(main())

"""The desk beside other labelling programs, in one run: one table.

`python tests/benchmarks/bench_rivals.py page|walk|start … --driver bench_gui.py --labelme VENV --xanylabeling VENV [--work FOLDER]`

VENV is an environment in which the rival is installed; the driver is a script that such an environment's Python runs as
`bench_gui.py RIVAL SCENARIO ARGUMENT…`, which drives the rival's real window and prints `@@` and a JSON object. All programs open the same
pictures and boxes (`desk_work.py`), one program after the other, so keep the machine quiet.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
RIVALS = ("labelme", "xanylabeling")
SECONDS = 400
"""A program may take so long for one scenario."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table: what `bench_canvas.py` calls it, and where the driver has it: scenario, then the way into its answer."""

    text: str
    ours: tuple[str, str]
    scenario: str
    way: str
    factor: float = 1.0


PAGE = (
    Row("open the page, ms", ("open the page, its picture not fetched ahead", "median_ms"), "openbig", "open_painted", 1000),
    Row("repaint while zooming, whole page in sight, ms", ("zoom, whole page in sight", "median_ms"), "fit", "fit_zoom_repaint.med"),
    Row("… 95 of 100 within, ms", ("zoom, whole page in sight", "p95_ms"), "fit", "fit_zoom_repaint.p95"),
    Row("pan at 100 %, ms", ("pan at 100 %", "median_ms"), "pan", "z100_pan_user.med"),
    Row("hover, event until painted, ms", ("hover", "median_ms"), "hover", "hover_fit.total.med"),
    Row("select all boxes, ms", ("select all", "median_ms"), "", ""),
    Row("add a box, until kept and painted, ms", ("add a box: ", "median_ms"), "save", "draw_total_ms.med"),
    Row("… 95 of 100 within, ms", ("add a box: ", "p95_ms"), "save", "draw_total_ms.p95"),
    Row("of it the disk: one row committed, ms", ("one row committed", "median_ms"), "", ""),
    Row("undo it, ms", ("undo a box: ", "median_ms"), "save", "undo_ms.med"),
    Row("memory with the page open, RSS, MiB", ("memory with the page open", "rss_mib"), "openbig", "mem.rss"),
    Row("… its own (USS), MiB", ("memory with the page open", "uss_mib"), "openbig", "mem.uss"),
)  # fmt: skip
WALK = (
    Row("next image until painted and settled, ms", ("next image, key until painted", "median_ms"), "next", "settled_ms.med"),
    Row("… 95 of 100 within, ms", ("next image, key until painted", "p95_ms"), "next", "settled_ms.p95"),
    Row("memory after walking 1,000 images, RSS, MiB", ("memory after walking", "rss_mib"), "next", "mem_after.rss"),
    Row("… its own (USS), MiB", ("memory after walking", "uss_mib"), "next", "mem_after.uss"),
)  # fmt: skip


def start_rows(count: int) -> tuple[Row, ...]:
    """Starting the program on so many images."""
    first, idle, cold = f"start with {count} images", f"memory when idle with {count} images", f"cold {count}"
    return (
        Row(f"start with {count:,} images until responsive, ms", (first, "median_ms"), cold, "t_responsive", 1000),
        Row("memory when idle then, RSS, MiB", (idle, "rss_mib"), cold, "mem_idle.rss"),
        Row("… its own (USS), MiB", (idle, "uss_mib"), cold, "mem_idle.uss"),
    )


@dataclass(slots=True)
class Run:
    """One program of the comparison: answers of its scenarios, as they came."""

    name: str
    answers: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def value(self, row: Row) -> str:
        """The middle of the figures for a row; a dash where there are none."""
        if self.name == "Labeler":
            found = [a[row.ours[1]] for a in self.answers.get("", ()) if a["what"].startswith(row.ours[0])]
        else:
            found = [_inside(a, row.way) * row.factor for a in self.answers.get(row.scenario, ()) if row.way]
        return f"{statistics.median(found):.1f}" if found else "–"


def _inside(answer: dict[str, Any], way: str) -> float:
    for key in way.split("."):
        answer = answer[key]
    return float(answer)  # type: ignore[arg-type]  # the way ends at a number


@dataclass(frozen=True, slots=True)
class Rival:
    """How to run one: its name for the driver, its environment's Python, and the driver."""

    name: str
    python: Path
    driver: Path

    def ask(self, run: Run, scenario: str, *arguments: object, label: str = "") -> None:
        """One scenario in a process and a home of its own."""
        with tempfile.TemporaryDirectory(prefix="rival-home-") as home:
            outside = {k: v for k, v in os.environ.items() if not k.startswith("XDG_") and k != "PYTHONPATH"}
            place = {"HOME": home, "XDG_RUNTIME_DIR": home, "BENCH_T0": repr(time.monotonic()), "LC_ALL": "C.UTF-8"}
            words = [self.python, self.driver, self.name, scenario, *map(str, arguments)]
            out = _output(words, {"BUDGET": "4"} | outside | place)
        answers = [json.loads(line[2:]) for line in out.splitlines() if line.startswith("@@")]
        if not answers or "error" in answers[0]:
            print(f"{self.name} {scenario}: no figure ({answers or out[-300:]!r})", file=sys.stderr)
            return
        run.answers.setdefault(label or scenario, []).extend(answers)


def _output(words: list[Any], environment: dict[str, str] | None = None) -> str:
    try:
        done = subprocess.run(
            words, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, timeout=SECONDS
        )
    except subprocess.TimeoutExpired:
        return "too slow"
    return done.stdout


def ours(run: Run, work: Path, *words: object) -> None:
    """`bench_canvas.py` in a process of its own."""
    since = repr(time.monotonic())
    out = _output([sys.executable, HERE / "bench_canvas.py", *map(str, words), "--work", work, "--since", since])
    run.answers.setdefault("", []).extend(json.loads(line) for line in out.splitlines())


def page(work: Path, run: Run, rivals: list[tuple[Rival, Run]]) -> None:
    """A picture of 12 megapixels with 2,000 boxes."""
    ours(run, work, "page")
    files = work / "big" / "files"
    for rival, its in rivals:
        for scenario in ("openbig", "fit", "pan", "hover"):
            rival.ask(its, scenario, files, "big.jpg")
        with tempfile.TemporaryDirectory(prefix="rival-work-") as copy:  # it writes there
            shutil.copytree(files, copy, dirs_exist_ok=True)
            rival.ask(its, "save", copy, "big.jpg")


def walk(work: Path, run: Run, rivals: list[tuple[Rival, Run]]) -> None:
    """A thousand pages of 640 × 480 with 12 boxes each."""
    ours(run, work, "walk")
    for rival, its in rivals:
        rival.ask(its, "next", work / "pages-1000" / "files", 990)


def start(work: Path, run: Run, rivals: list[tuple[Rival, Run]], counts: list[int], runs: int) -> None:
    """The programs by turns; the first turn warms the machine's caches."""
    for turn in range(runs + 1):
        for count in counts:
            for rival, its in [(None, run), *rivals]:
                kept = its if turn else Run(its.name)
                if rival is None:
                    ours(kept, work, "start", "--open", count)
                else:
                    rival.ask(kept, "cold", work / "library" / str(count) / "files", count, label=f"cold {count}")


def prepare(work: Path, what: list[str], counts: list[int]) -> None:
    """Make what is not there yet."""
    wanted: list[tuple[str, Path, int]] = []
    wanted += [("big", work / "big", 1)] if "page" in what else []
    wanted += [("pages", work / "pages-1000", 1000)] if "walk" in what else []
    wanted += [("library", work / "library" / str(n), n) for n in counts] if "start" in what else []
    for kind, folder, count in wanted:
        if not folder.exists():
            subprocess.run([sys.executable, HERE / "desk_work.py", kind, folder, str(count)], check=True)


def table(runs: list[Run], rows: list[Row]) -> str:
    """Markdown."""
    lines = ["| | " + " | ".join(r.name for r in runs) + " |", "|---" * (len(runs) + 1) + "|"]
    lines += [f"| {row.text} | " + " | ".join(r.value(row) for r in runs) + " |" for row in rows]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", nargs="*", default=["page", "walk", "start"])
    parser.add_argument("--driver", type=Path)
    for name in RIVALS:
        parser.add_argument(f"--{name}", type=Path, metavar="VENV")
    parser.add_argument("--work", type=Path, help="a folder that keeps the pictures for the next time")
    parser.add_argument("--images", type=int, nargs="*", default=[1000, 10_000], help="for start")
    parser.add_argument("--runs", type=int, default=3, help="for start")
    options = parser.parse_args()
    run = Run("Labeler")
    rivals = [
        (Rival(name, getattr(options, name) / "bin" / "python", options.driver), Run(name))
        for name in RIVALS
        if getattr(options, name) is not None
    ]
    with tempfile.TemporaryDirectory(prefix="labeler-rivals-") as temporary:
        work = options.work or Path(temporary)
        prepare(work, options.what, options.images)
        rows: list[Row] = []
        if "page" in options.what:
            page(work, run, rivals)
            rows += PAGE
        if "walk" in options.what:
            walk(work, run, rivals)
            rows += WALK
        if "start" in options.what:
            start(work, run, rivals, options.images, options.runs)
            rows += [row for count in options.images for row in start_rows(count)]
    print(f"load average {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores, Python {sys.version.split()[0]}\n")
    print(table([run, *(its for _, its in rivals)], rows))


if __name__ == "__main__":
    main()

"""Grouping of ink on real strokes: `python tests/benchmarks/bench_grouping.py SHARED [--strings N] [--faults 0.1] [--model FILE]`.

Strings of the writers that the reader of strokes never saw, tight to loose, some with strokes put in late, some not what was asked for
(a digit missing, one too many, one struck out in any of four ways, two joined). Counts strings labelled without a person, and those of
them that are wrong: any stroke with the wrong digit. With a model (the shipped one unless named) it is the second witness, as in the app.
"""

import argparse
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from labeler.core.boxes import Detection
from labeler.core.ink_pages import InkPage, Labels, label, picture
from labeler.core.shipped import detector as shipped
from labeler.detect.load import load
from labeler.training.strokes.fit import held_out
from labeler.training.strokes.prompted import GAPS, Prompted, strings, unipen

NAMES = tuple("0123456789")
WIDTH, HEIGHT = 1280, 640


@dataclass(frozen=True, slots=True)
class Judged:
    """One string and what became of it."""

    made: Prompted
    labels: Labels

    @property
    def automatic(self) -> bool:
        return bool(self.labels.boxes)

    @property
    def right(self) -> bool:
        truth = {frozenset(i for i, o in enumerate(self.made.owner) if o == k) for k in range(len(self.made.prompt))}
        return not self.made.fault and {frozenset(g) for g in self.labels.groups} == truth


def page_of(made: Prompted) -> InkPage:
    """The string on a pad's page, made smaller where it is too long for it."""
    wide = max(float(s.xy[:, 0].max()) for s in made.strokes) + 60
    return InkPage(tuple(made.strokes), max(WIDTH, round(wide)), HEIGHT, made.prompt)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shared", type=Path, help="folder of the real data")
    parser.add_argument("--strings", type=int, default=2000)
    parser.add_argument("--faults", type=float, default=0.1)
    parser.add_argument("--seed", type=int, default=5)
    parser.add_argument("--model", type=Path, default=None)
    parser.add_argument("--no-model", action="store_true")
    options = parser.parse_args()
    hands = {w: d for w, d in unipen(options.shared).items() if held_out(w)}
    made = strings(hands, options.strings, seed=options.seed, faults=options.faults)
    detector = None if options.no_model else load(options.model or shipped().onnx, threads=1)
    judged, grouping, reading = [], 0.0, 0.0
    for one in made:
        page = page_of(one)
        seen: list[Detection] | None = None
        start = time.perf_counter()
        if detector is not None:
            seen = detector.detect([picture(page)], min_score=0.1)[0]
        middle = time.perf_counter()
        judged.append(Judged(one, label(page, seen, NAMES)))
        reading += middle - start
        grouping += time.perf_counter() - middle
    report(judged)
    print(
        f"a string takes {1000 * grouping / len(made):.0f} ms to share out, {1000 * reading / len(made):.0f} ms to be read by the model"
    )


def report(judged: list[Judged]) -> None:
    """Print the shares."""
    asked = [j for j in judged if not j.made.fault]
    print(f"{len({j.made.writer for j in judged})} writers, {len(judged)} strings, {len(asked)} of them as asked for")
    for spacing in (*sorted(GAPS), "all"):
        mine = [j for j in asked if spacing in (j.made.spacing, "all")]
        automatic = [j for j in mine if j.automatic]
        wrong = sum(not j.right for j in automatic)
        share = (
            f"{len(automatic) / len(mine):6.1%} automatic, {wrong} of them wrong ({wrong / max(len(automatic), 1):.2%})"
        )
        print(f"  {spacing:7s} {len(mine):5d} strings: {share}")
    print("  to a person:", dict(Counter(d.kind.value for j in asked for d in j.labels.doubts)))
    for fault in sorted({j.made.fault for j in judged} - {""}):
        mine = [j for j in judged if j.made.fault == fault]
        print(f"  {fault:7s} {len(mine):5d} strings: {sum(not j.automatic for j in mine) / len(mine):6.1%} stopped")


if __name__ == "__main__":
    main()

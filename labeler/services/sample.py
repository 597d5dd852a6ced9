"""Sample handwriting that ships with the app: drawn by our own pen paths, page by page, with the truth known. Nobody's data."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from labeler.core.boxes import ClassRect

BLANK = 0.06
"""Share of pages without a digit: a detector must learn to say nothing too."""


@dataclass(frozen=True, slots=True)
class SamplePage:
    """One drawn page. `picture` is JPEG bytes; `truth` its digits in pixels."""

    writer: str
    name: str
    picture: bytes
    truth: tuple[ClassRect, ...]


def draw_pages(*, writers: int, pages: int, seed: int = 0) -> Iterator[SamplePage]:
    """`pages` pages of homework by each of `writers` hands. The same arguments draw the same pages."""
    for writer in range(writers):
        for page in range(pages):
            yield _draw(writer, page, seed)


def write_pages(folder: Path, drawn: list[SamplePage]) -> None:
    """Write the pictures as a folder per writer, as a teacher would keep photos."""
    for page in drawn:
        file = folder / page.writer / page.name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(page.picture)


def _draw(writer: int, page: int, seed: int) -> SamplePage:
    import numpy as np

    from labeler.detect import opencv
    from labeler.training.synth.hands import Hand
    from labeler.training.synth.homework import homework

    rng = np.random.default_rng((seed, writer, page))
    made = homework(rng, Hand(seed=1000 * (seed + 1) + writer), blank=bool(rng.random() < BLANK))
    done, coded = opencv.load().imencode(".jpg", made.image, [1, 92])  # 1 is IMWRITE_JPEG_QUALITY
    assert done
    truth = tuple(
        ClassRect(float(x1), float(y1), float(x2 - x1), float(y2 - y1), int(digit))
        for digit, x1, y1, x2, y2 in made.boxes
    )
    return SamplePage(f"student-{writer + 1:02d}", f"page-{page + 1:02d}.jpg", coded.tobytes(), truth)

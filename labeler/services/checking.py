"""Finds likely label errors, duplicates that contradict each other, and leaks between splits: doubts, ranked, for a person to settle.

Nothing here changes a label. The evidence is out of fold: a box is judged by look-alikes on other pages, and by models only on pages
they have not learnt from.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from sqlalchemy import select

from labeler.core import findings as core
from labeler.core.boxes import Box, ReviewState
from labeler.core.edits import Edit
from labeler.core.errors import Conflict
from labeler.core.findings import Finding, Kind, Labels
from labeler.core.i18n import tr
from labeler.core.neighbours import Known, Looks, Shares, vote
from labeler.core.pages import Image
from labeler.core.progress import Progress, silent
from labeler.detect import ink
from labeler.formats import pixels
from labeler.services import images, labeling
from labeler.services._doubts import Jury, boxes_too_many, doubts
from labeler.services._looking import PageLook, is_covered, known_from, look_at_all
from labeler.services._rows import to_box
from labeler.services._twins import Twins, find_twins
from labeler.services._witness import Testimony, hear
from labeler.services.project import Project
from labeler_db.models import BoxRow

LIKELY = 0.5
"""Score from which a doubt is worth a person's look."""
SEEN_DIGIT = 0.4
"""Score from which a detection without a box is asked about."""
ASIDE = "checks.aside"


@dataclass(frozen=True, slots=True)
class CheckReport:
    """Doubts, surest first. `witnesses` are the models that were asked; `aside` counts doubts that a person has put aside before."""

    findings: tuple[Finding, ...]
    images: int
    boxes: int
    witnesses: tuple[str, ...]
    aside: int


def check(
    project: Project, *, min_score: float = LIKELY, ask_models: bool = True, progress: Progress = silent
) -> CheckReport:
    """Look at everything that is labelled. Raises `Cancelled`."""
    pages = {i.id: i for i in images.images(project, images.image_ids(project))}
    boxes = _boxes(project, pages)
    heard = hear(project, {i: b for i, b in boxes.items() if b}, progress) if ask_models else []
    found = [
        *_doubted(project, pages, boxes, heard, progress),
        *(f for i, held in boxes.items() for f in boxes_too_many(i, core.doubled(held))),
        *_against_the_prompt(project, pages, boxes),
        *_contradicting_twins(project, pages, boxes, progress),
    ]
    aside = set(project.setting(ASIDE, []))
    likely = [f for f in core.merged(found) if f.score >= min_score]
    shown = tuple(f for f in likely if f.key not in aside)
    return CheckReport(
        shown, len(boxes), sum(map(len, boxes.values())), tuple(t.model for t in heard), len(likely) - len(shown)
    )


def fix(project: Project, finding: Finding) -> Edit | None:
    """The edit that would settle a doubt as the check thinks right, to be applied by `labeling.apply`; None where a person must see
    to it."""
    if finding.kind is Kind.PLACE and finding.better is None and finding.rect is not None:
        picture = pixels.decode(images.picture(project, finding.image))
        at = finding.rect
        better = ink.ink_box(picture, at.x + at.w / 2, at.y + at.h / 2, size=max(at.w, at.h))
        finding = replace(finding, better=better)
    return core.fix(labeling.page(project, finding.image), finding)


def settle(project: Project, finding: Finding, *, annotator: str = "") -> Edit:
    """Apply that edit. Raises `Conflict` where there is nothing to apply any more."""
    edit = fix(project, finding)
    if edit is None or edit.is_empty:
        raise Conflict(tr("There is nothing to change here any more."), tr("Look at the page."))
    return labeling.apply(project, edit, annotator=annotator)


def put_aside(project: Project, findings: Iterable[Finding]) -> None:
    """The labels are right: these doubts come up no more, until the box changes."""
    known = project.setting(ASIDE, [])
    project.set_setting(ASIDE, sorted({*known, *(f.key for f in findings)}))


def take_up_again(project: Project, findings: Iterable[Finding]) -> None:
    """These doubts were put aside too soon: they come up again."""
    known = project.setting(ASIDE, [])
    project.set_setting(ASIDE, sorted(set(known) - {f.key for f in findings}))


def _boxes(project: Project, pages: Mapping[int, Image]) -> dict[int, tuple[Box, ...]]:
    """The boxes of every labelled image."""
    held: dict[int, list[Box]] = {i: [] for i, image in pages.items() if image.state is ReviewState.REVIEWED}
    with project.read() as session:
        for row in session.scalars(select(BoxRow).order_by(BoxRow.image_id)):
            held.setdefault(row.image_id, []).append(to_box(row))
    return {i: tuple(b) for i, b in held.items() if i in pages}


def _doubted(
    project: Project,
    pages: Mapping[int, Image],
    boxes: Mapping[int, Sequence[Box]],
    heard: Sequence[Testimony],
    progress: Progress,
) -> Iterator[Finding]:
    told = {image_id: (t, found) for t in heard for image_id, found in t.found.items()}
    new = {
        i: [d for d in found if d.score >= SEEN_DIGIT and t.trust > 0 and not is_covered(d, boxes[i])]
        for i, (t, found) in told.items()
    }
    looks = list(look_at_all(project, boxes, new, progress))
    classes = len(project.classes)
    names = {name: n for n, name in enumerate(project.classes)}
    known = known_from(looks, names, off=classes, none=classes + 1)
    for done, page in enumerate(looks):
        progress(done, len(looks), tr("Comparing digits"))
        testimony, found = told.get(page.image_id, (None, ()))
        jury = Jury(
            boxes=_ask(known, page, page.looks, classes),
            spare=_ask(known, page, page.spare_looks, classes),
            found=found if testimony and testimony.trust else (),
            trust=testimony.trust if testimony else 0.0,
            model=testimony.model if testimony else "",
        )
        is_done = pages[page.image_id].state is ReviewState.REVIEWED
        # On a page nobody has finished, ink without a box is work to do and no mistake.
        yield from (f for f in doubts(page, jury, lambda c: project.classes[c]) if is_done or f.kind is not Kind.MISSED)


def _against_the_prompt(
    project: Project, pages: Mapping[int, Image], boxes: Mapping[int, Sequence[Box]]
) -> Iterator[Finding]:
    for image_id, held in boxes.items():
        image = pages[image_id]
        names = [project.classes[b.class_id] for b in held]
        if image.state is ReviewState.REVIEWED and core.prompt_differs(image.prompt, names):
            in_order = " ".join(project.classes[b.class_id] for b in sorted(held, key=lambda b: b.x))
            text = tr("The prompt was {prompt}, the boxes say {digits}.", prompt=image.prompt, digits=in_order or "–")
            yield Finding(Kind.PROMPT, image_id, None, 0.9, text, by=tr("the prompt"))


def _contradicting_twins(
    project: Project, pages: Mapping[int, Image], boxes: Mapping[int, Sequence[Box]], progress: Progress
) -> Iterator[Finding]:
    for twins in find_twins(project, set(pages), progress):
        first, second = pages[twins.first], pages[twins.second]
        by = tr("two pictures of one page")
        if first.split and second.split and first.split != second.split:
            text = tr(
                "Image {other} shows the same page and is in {split}, this one in {mine}.", other=second.id, split=second.split,
                mine=first.split,
            )  # fmt: skip
            yield Finding(Kind.LEAK, first.id, None, 1.0, text, other=second.id, by=by)
        if first.writer and second.writer and first.writer != second.writer:
            text = tr(
                "Image {other} shows the same page and is said to be by {writer}.",
                other=second.id,
                writer=second.writer,
            )
            yield Finding(Kind.WRITER, first.id, None, 0.95, text, other=second.id, by=by)
        if {first.state, second.state} == {ReviewState.REVIEWED}:
            yield from _other_labels(project, first, second, boxes, twins, by)


def _other_labels(
    project: Project, first: Image, second: Image, boxes: Mapping[int, Sequence[Box]], twins: Twins, by: str
) -> Iterator[Finding]:
    ours, theirs = (Labels(i.width, i.height, boxes[i.id]) for i in (first, second))
    for mine, other in core.labels_differ(ours, theirs, twins.overlay):
        here, there = (first, second) if mine is not None else (second, first)
        box = mine or other
        assert box is not None
        if mine is not None and other is not None:
            text = tr(
                "Image {other} shows the same page and says {digit} here.",
                other=second.id,
                digit=project.classes[other.class_id],
            )
        else:
            text = tr("Image {other} shows the same page and has no box here.", other=there.id)
        yield Finding(Kind.TWIN, here.id, box.id, 0.9, text, box, other=there.id, by=by)


def _ask(known: Known, page: PageLook, looks: Looks, classes: int) -> Shares:
    return vote(known, looks, np.full(len(looks), page.image_id), answers=classes + 2)

"""Collecting on the pad: ink with a prompt becomes boxes or a doubt, nothing is guessed, and progress counts what is there."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from sqlalchemy import func, select

from labeler.core.boxes import Detection, Origin, ReviewState
from labeler.core.doubts import Kind as DoubtKind
from labeler.core.errors import BadInput, NotFound
from labeler.core.ink import Pen, Stroke, stroke
from labeler.core.ink_pages import InkPage, boxes_of, picture
from labeler.core.ink_render import Look, Paper
from labeler.core.plans import Kind, Plan
from labeler.formats import pixels
from labeler.services import collecting, images, labeling, models, versions
from labeler.services.collecting import Reading
from labeler.services.project import Project
from labeler.training.strokes.prompted import Prompted, drawn, strings
from labeler_db.models import BlobRow, BoxRow, ImageRow, InkRow

MADE = strings(drawn(3, each=3, seed=2), 12, seed=8, lengths=(3, 5))
NAMES = tuple("0123456789")


def page_of(made: Prompted, **options: object) -> InkPage:
    return replace(InkPage(tuple(made.strokes), 1280, 560, made.prompt), **options)  # type: ignore[arg-type]


def reading(project: Project, page: InkPage, *, score: float = 0.9, misread: dict[int, int] | None = None) -> Reading:
    """What a model would say that reads the page's digits, but for those at the places in `misread`."""
    groups = [[i for i, o in enumerate(MADE_OWNER[page.prompt]) if o == k] for k in range(len(page.prompt))]
    boxes = boxes_of(page, groups, NAMES)
    wrong = misread or {}
    seen = tuple(Detection(b.x, b.y, b.w, b.h, wrong.get(k, b.class_id), score) for k, b in enumerate(boxes))
    model = models.current(project)
    return Reading(model.name, model.id, seen)


MADE_OWNER = {made.prompt: made.owner for made in MADE}
GOOD = MADE[0]


def counts(project: Project) -> tuple[int, ...]:
    with project.read() as session:
        return tuple(
            session.scalar(select(func.count()).select_from(t)) or 0 for t in (ImageRow, BoxRow, InkRow, BlobRow)
        )


def test_a_page_becomes_an_image_with_its_ink_and_a_box_for_each_digit(project: Project) -> None:
    page = page_of(GOOD, pen=Pen(6), look=Look(Paper.RULED))
    saved = collecting.save(project, page, writer="S01")
    found = labeling.page(project, saved.image_id)
    assert saved.doubts == ()
    assert [b.class_id for b in found.boxes] == [int(c) for c in GOOD.prompt]
    assert {b.origin for b in found.boxes} == {Origin.INK}
    assert (found.image.width, found.image.height, found.image.writer, found.image.kind) == (1280, 560, "S01", "ink")
    assert found.image.prompt == GOOD.prompt
    assert found.image.state is ReviewState.REVIEWED
    assert np.array_equal(pixels.decode(images.picture(project, saved.image_id)), picture(page))


@pytest.mark.parametrize("scale", [1.0, 1.5, 2.0])
def test_boxes_are_the_extent_of_the_ink_in_the_picture(project: Project, scale: float) -> None:
    saved = collecting.save(project, page_of(GOOD, scale=scale), writer="S01")
    shown = pixels.decode(images.picture(project, saved.image_id))
    assert shown.shape[:2] == (round(560 * scale), round(1280 * scale))
    dark = shown.min(axis=2) < 140
    for box in saved.boxes:
        x1, y1, x2, y2 = (round(v) for v in (box.x, box.y, box.right, box.bottom))
        rows, columns = (
            np.flatnonzero(dark[y1 - 1 : y2 + 1, x1:x2].any(axis=1)),
            np.flatnonzero(dark[y1:y2, x1 : x2 + 1].any(axis=0)),
        )
        assert abs(y1 - 1 + rows[0] - box.y) <= 1.5
        assert abs(y1 + rows[-1] - box.bottom) <= 1.5
        assert columns[0] <= 1


def test_the_ink_comes_back_as_it_was_written(project: Project) -> None:
    page = page_of(GOOD, pen=Pen(7, 0.2, 0.1), look=Look(Paper.SQUARED, pitch=33), scale=1.5, device="pen")
    saved = collecting.save(project, page, writer="S01")
    kept = collecting.ink_page(project, saved.image_id)
    assert (kept.width, kept.height, kept.prompt, kept.pen, kept.look, kept.scale, kept.device) == (
        page.width, page.height, page.prompt, page.pen, page.look, page.scale, page.device,
    )  # fmt: skip
    assert all(np.allclose(a.points, b.points, atol=1e-3) for a, b in zip(kept.strokes, page.strokes, strict=True))


def test_a_page_with_a_digit_missing_waits_for_a_person_and_says_why(project: Project) -> None:
    page = page_of(GOOD, prompt=GOOD.prompt + "8")
    saved = collecting.save(project, page, writer="S01")
    found = labeling.page(project, saved.image_id)
    assert saved.boxes == found.boxes == ()
    assert found.image.state is not ReviewState.REVIEWED
    assert [d.asked for d in found.image.doubts] == [GOOD.prompt + "8"]
    collecting.save(project, page_of(MADE[1]), writer="S02")
    assert versions.freeze(project).images == 1


def test_a_model_that_firmly_reads_another_digit_sends_the_page_to_a_person_with_its_suggestions(
    project: Project,
) -> None:
    page = page_of(GOOD)
    wrong = (int(GOOD.prompt[0]) + 1) % 10
    saved = collecting.save(project, page, writer="S01", reading=reading(project, page, misread={0: wrong}))
    found = labeling.page(project, saved.image_id)
    assert [(d.kind, d.asked, d.found) for d in found.image.doubts] == [
        (DoubtKind.DISAGREES, GOOD.prompt[0], str(wrong))
    ]
    assert len(found.suggestions) == len(GOOD.prompt)
    assert found.image.state is ReviewState.SUGGESTED


def test_a_model_that_reads_what_was_asked_confirms_strokes_that_are_not_clear(project: Project) -> None:
    dot = Stroke(np.array([[1200.0, 40.0, 60.0, 0.5]]))
    page = page_of(GOOD, strokes=(*GOOD.strokes, dot))
    doubtful = collecting.save(project, page, writer="S01")
    assert doubtful.boxes == ()
    shifted = replace(page, strokes=(*GOOD.strokes, Stroke(dot.points + np.array([3.0, 0, 0, 0]))))
    groups_reading = reading(project, page_of(GOOD))
    assert collecting.save(project, shifted, writer="S01", reading=groups_reading).boxes == (), "the dot would be boxed"


def test_free_writing_gets_suggestions_as_any_image_does(project: Project) -> None:
    page = page_of(GOOD, prompt="")
    saved = collecting.save(project, page, writer=None, reading=reading(project, page_of(GOOD)))
    found = labeling.page(project, saved.image_id)
    assert found.boxes == ()
    assert found.image.doubts == ()
    assert len(found.suggestions) == len(GOOD.prompt)
    assert found.image.writer is None


def test_an_empty_page_and_a_prompt_without_a_class_are_refused_and_leave_nothing(project: Project) -> None:
    before = counts(project)
    for page in (page_of(GOOD, strokes=()), page_of(GOOD, prompt="1x"), page_of(GOOD, prompt="½")):
        with pytest.raises(BadInput):
            collecting.save(project, page, writer="S01")
    assert counts(project) == before


def test_a_page_taken_back_leaves_no_trace_and_can_be_saved_again(project: Project) -> None:
    before = counts(project)
    page = page_of(GOOD)
    saved = collecting.save(project, page, writer="S01", reading=reading(project, page, misread={0: 0, 1: 1}))
    again = collecting.take_back(project, saved.image_id)
    assert counts(project) == before
    assert again.prompt == GOOD.prompt
    with pytest.raises(NotFound):
        collecting.take_back(project, saved.image_id)
    assert not collecting.save(project, again, writer="S01").duplicate


def test_the_very_same_page_twice_is_kept_once(project: Project) -> None:
    first = collecting.save(project, page_of(GOOD), writer="S01")
    second = collecting.save(project, page_of(GOOD), writer="S01")
    assert second.duplicate
    assert second.image_id == first.image_id
    assert counts(project)[0] == 1


def test_writers_are_added_with_codes_that_go_on(project: Project) -> None:
    assert collecting.next_code(project) == "S01"
    collecting.add_writer(project, " S09 ", note="left hand")
    assert collecting.next_code(project) == "S10"
    assert [(w.code, w.note) for w in images.writers(project)] == [("S09", "left hand")]
    for bad in ("", "  ", "S09", "x" * 41, "a\nb"):
        with pytest.raises(BadInput):
            collecting.add_writer(project, bad)


@pytest.mark.parametrize(
    ("code", "taken", "wanted"),
    [
        ("S07", set(), "S08"),
        ("S99", set(), "S100"),
        ("4a-3", {"4a-4"}, "4a-5"),
        ("Ann", set(), "Ann2"),
        ("班3", set(), "班4"),
    ],
)
def test_the_next_code_follows_the_last(code: str, taken: set[str], wanted: str) -> None:
    assert collecting.following(code, taken) == wanted


def test_the_equal_plan_knows_what_a_writer_has_written(project: Project) -> None:
    for made in MADE[:4]:
        collecting.save(project, page_of(made), writer="S01")
    written = {p.writer: p.digits for p in collecting.progress(project)}["S01"]
    asked = collecting.standing(project, "S01").next_prompt(Plan(Kind.EQUAL, 3))
    most = max(written.values())
    assert all(written.get(int(c), 0) < most for c in asked)


def test_the_weakest_plan_asks_for_what_the_current_model_misreads(project: Project) -> None:
    assert collecting.weak_digits(project) == [0.5] * 10
    made = next(m for m in MADE if len(set(m.prompt)) == len(m.prompt))
    page, first = page_of(made), int(made.prompt[0])
    read = reading(project, page, score=0.5, misread={0: (first + 1) % 10})
    collecting.save(project, page, writer="S01", reading=read)
    weak = collecting.weak_digits(project)
    assert weak[first] == pytest.approx(2 / 3)
    assert [weak[int(c)] for c in made.prompt[1:]] == pytest.approx([1 / 3] * (len(made.prompt) - 1))
    asked, stands = "", collecting.standing(project, "S02")
    for _ in range(40):
        asked += (wanted := stands.next_prompt(Plan(Kind.WEAKEST, 20)))
        stands = stands.after(wanted)
    assert stands.pages == 40
    assert asked.count(str(first)) > max(asked.count(c) for c in made.prompt[1:])


def test_progress_and_summary_count_what_is_there(project: Project) -> None:
    start = datetime.now(UTC) - timedelta(seconds=1)
    collecting.add_writer(project, "S03")
    collecting.save(project, page_of(MADE[0]), writer="S01")
    collecting.save(project, page_of(MADE[1]), writer="S01")
    for n in (2, 3):
        collecting.save(project, page_of(MADE[n], prompt=MADE[n].prompt + "1"), writer="S02")
    found = {p.writer: p for p in collecting.progress(project)}
    assert set(found) == {"S01", "S02", "S03"}
    assert (found["S01"].boxes, found["S01"].pages, found["S01"].waiting) == (
        len(MADE[0].prompt + MADE[1].prompt),
        2,
        0,
    )
    assert (found["S02"].boxes, found["S02"].pages, found["S02"].waiting) == (0, 2, 2)
    assert found["S03"].pages == 0
    told = collecting.summary(project, start, datetime.now(UTC) + timedelta(seconds=1))
    assert (told.pages, told.boxes, told.waiting, told.writers) == (4, found["S01"].boxes, 2, ("S01", "S02"))
    assert collecting.summary(project, start - timedelta(days=2), start).pages == 0


def test_a_prompt_needs_digits_among_the_classes(tmp_path_factory: pytest.TempPathFactory) -> None:
    with Project.create(tmp_path_factory.mktemp("letters") / "p", ["3", "a", "7"]) as project:
        asked = collecting.standing(project, "S01").next_prompt(Plan(Kind.RANDOM, 30))
        assert set(asked) == {"3", "7"}


def test_the_shipped_model_reads_the_board(project: Project) -> None:
    page = page_of(GOOD, strokes=(*GOOD.strokes,))
    found = collecting.Recogniser(project).read(page)
    assert found.model == models.current(project).name
    assert all(d.x >= 0 and d.right <= 1280 and d.class_id in range(10) for d in found.detections)
    assert collecting.Recogniser(project).read(page_of(GOOD, strokes=(stroke([(1, 1)]),))).detections is not None


def test_a_model_does_not_talk_away_a_digit_that_was_struck_out(project: Project) -> None:
    made = next(m for m in MADE if m.prompt[0] in "235689")
    first = [s for s, owner in zip(made.strokes, made.owner, strict=True) if owner == 0]
    every = np.concatenate([s.xy for s in first])
    (left, top), (right, bottom) = every.min(axis=0), every.max(axis=0)
    line = np.linspace((left - 9, bottom + 6), (right + 9, top - 6), 24)
    strike = Stroke(np.column_stack([line, 99 + np.arange(24) * 0.01, np.full(24, 0.5)]))
    page = page_of(made, strokes=(*made.strokes, strike))
    saved = collecting.save(project, page, writer="S01", reading=reading(project, page_of(made)))
    assert saved.boxes == ()
    assert saved.doubts

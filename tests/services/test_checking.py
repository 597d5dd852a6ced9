"""Checking labels: each kind of seeded error is found and settled by one edit, and clean pages raise few doubts."""

import hashlib
import io
from collections.abc import Callable
from dataclasses import replace

import pytest
from PIL import Image as Picture

from labeler.core import gestures
from labeler.core.boxes import ClassRect, Detection, Rect, iou
from labeler.core.errors import Cancelled, Conflict
from labeler.core.findings import Finding, Kind
from labeler.formats import pixels
from labeler.services import _store, _witness, checking, images, labeling, models, splitting, versions, writers
from labeler.services.project import Project
from labeler_db.models import ImageRow, ModelRow
from tests.helpers import handwriting
from tests.helpers.fake_detector import add_model, review_with_boxes, script


def add(project: Project, data: bytes, *, writer: str | None = None, prompt: str | None = None) -> int:
    with project.write() as session:
        new = _store.NewImage(
            hashlib.sha256(data).hexdigest(), data, pixels.normalise(data), "p", "s", writer, prompt=prompt
        )
        return _store.add_image(session, new).image_id


def add_page(project: Project, seed: int, *, writer: int = 0) -> tuple[int, list[ClassRect]]:
    made = handwriting.page(seed, writer=writer, width=480, height=360, digits=9)
    image_id = add(project, made.png(), writer=f"w{writer}")
    truth = [ClassRect(r.x, r.y, r.w, r.h, digit) for digit, r in made.boxes]
    review_with_boxes(project, image_id, *truth)
    return image_id, truth


@pytest.fixture
def pages(project: Project) -> dict[int, list[ClassRect]]:
    """Eight reviewed pages by four hands, all labels right."""
    return dict(add_page(project, n, writer=n % 4) for n in range(8))


def found(project: Project, kind: Kind | None = None) -> list[Finding]:
    report = checking.check(project, ask_models=False)
    return [f for f in report.findings if kind in (None, f.kind)]


def test_right_labels_raise_few_doubts(project: Project, pages: dict[int, list[ClassRect]]) -> None:
    report = checking.check(project, ask_models=False)
    assert (report.images, report.boxes, report.witnesses) == (8, 72, ())
    assert len(report.findings) <= 3


def change(project: Project, image_id: int, n: int, how: Callable[[labeling.Page, str], labeling.Edit]) -> str:
    page = labeling.page(project, image_id)
    labeling.apply(project, how(page, page.boxes[n].id))
    return page.boxes[n].id


def test_a_swapped_class_is_found_first_and_put_right(project: Project, pages: dict[int, list[ClassRect]]) -> None:
    image_id = list(pages)[2]
    right = pages[image_id][4].class_id
    box = change(project, image_id, 4, lambda p, b: gestures.relabel(p, {b}, (right + 3) % 10))
    first = found(project, Kind.CLASS)[0]
    assert (first.image, first.box, first.class_id) == (image_id, box, right)
    assert "look-alikes" in first.by
    checking.settle(project, first, annotator="林")
    assert labeling.page(project, image_id).box(box).class_id == right  # type: ignore[union-attr]
    assert all(f.box != box for f in found(project))
    labeling.undo(project)
    assert labeling.page(project, image_id).box(box).class_id == (right + 3) % 10  # type: ignore[union-attr]


def test_a_missed_digit_is_found_and_drawn(project: Project, pages: dict[int, list[ClassRect]]) -> None:
    image_id = list(pages)[5]
    change(project, image_id, 3, lambda p, b: gestures.delete(p, {b}))
    first = found(project, Kind.MISSED)[0]
    lost = pages[image_id][3]
    assert first.image == image_id
    assert first.rect is not None
    assert iou(first.rect, lost) > 0.5
    checking.settle(project, first)
    assert labeling.page(project, image_id).boxes[-1].class_id == lost.class_id
    assert not found(project, Kind.MISSED)


def test_a_missed_digit_that_touches_another_is_found(project: Project, pages: dict[int, list[ClassRect]]) -> None:
    made = handwriting.pushed_together(handwriting.page(9, writer=1, width=480, height=360, digits=9), 3, 4)
    image_id = add(project, made.png(), writer="w1")
    truth = [ClassRect(r.x, r.y, r.w, r.h, digit) for digit, r in made.boxes]
    review_with_boxes(project, image_id, *truth[:4], *truth[5:])
    [missed] = found(project, Kind.MISSED)
    assert missed.image == image_id
    assert missed.rect is not None
    assert iou(missed.rect, truth[4]) > 0.5


def test_on_a_page_nobody_finished_missing_boxes_are_no_mistake(
    project: Project, pages: dict[int, list[ClassRect]]
) -> None:
    image_id = list(pages)[5]
    change(project, image_id, 3, lambda p, b: gestures.delete(p, {b}))
    labeling.apply(project, gestures.reopen(labeling.page(project, image_id)))
    assert all(f.image != image_id for f in found(project, Kind.MISSED))


def test_a_box_that_misses_its_digit_is_found_and_moved(project: Project, pages: dict[int, list[ClassRect]]) -> None:
    image_id = list(pages)[1]
    t = pages[image_id][4]
    box = change(
        project, image_id, 4, lambda p, b: gestures.place(p, {b: Rect(t.x + t.w * 0.4, t.y + t.h * 0.25, t.w, t.h)})
    )
    first = next(f for f in found(project, Kind.PLACE) if f.box == box)
    checking.settle(project, first)
    now = labeling.page(project, image_id).box(box)
    assert now is not None
    assert iou(now, t) > 0.6


def test_a_box_on_nothing_and_a_doubled_box_are_found_and_deleted(
    project: Project, pages: dict[int, list[ClassRect]]
) -> None:
    one, two = list(pages)[:2]
    t = pages[two][0]
    labeling.apply(project, gestures.draw(labeling.page(project, one), Rect(1, 1, 14, 14), 3))
    labeling.apply(project, gestures.draw(labeling.page(project, two), Rect(t.x + 1, t.y, t.w, t.h), t.class_id))
    nothing, twice = found(project, Kind.NOTHING)[0], found(project, Kind.DOUBLED)[0]
    assert (nothing.image, twice.image) == (one, two)
    for finding in (nothing, twice):
        checking.settle(project, finding)
    assert [len(labeling.page(project, i).boxes) for i in (one, two)] == [9, 9]
    with pytest.raises(Conflict, match="nothing to change"):
        checking.settle(project, nothing)


def test_a_doubt_put_aside_comes_up_no_more_until_the_box_changes(
    project: Project, pages: dict[int, list[ClassRect]]
) -> None:
    image_id = list(pages)[2]
    right = pages[image_id][4].class_id
    box = change(project, image_id, 4, lambda p, b: gestures.relabel(p, {b}, (right + 3) % 10))
    doubt = next(f for f in found(project) if f.box == box)
    checking.put_aside(project, [doubt])
    report = checking.check(project, ask_models=False)
    assert all(f.box != box for f in report.findings)
    assert report.aside == 1
    change(project, image_id, 4, lambda p, b: gestures.place(p, {b: Rect(1, 1, 20, 20)}))
    assert any(f.box == box for f in found(project))


def test_the_prompt_contradicts_the_boxes(project: Project, pages: dict[int, list[ClassRect]]) -> None:
    image_id = next(iter(pages))
    digits = "".join(str(t.class_id) for t in pages[image_id])
    with project.write() as session:
        session.get_one(ImageRow, image_id).prompt = digits[::-1]
    assert found(project, Kind.PROMPT) == []
    with project.write() as session:
        session.get_one(ImageRow, image_id).prompt = digits + "1"
    (doubt,) = found(project, Kind.PROMPT)
    assert digits + "1" in doubt.text
    assert checking.fix(project, doubt) is None


def copy_of(project: Project, image_id: int) -> bytes:
    with Picture.open(io.BytesIO(images.picture(project, image_id))) as page:
        out = io.BytesIO()
        page.resize((page.width * 3 // 4, page.height * 3 // 4)).convert("RGB").save(out, "JPEG", quality=70)
        return out.getvalue()


def test_two_pictures_of_one_page_contradict_each_other(project: Project, pages: dict[int, list[ClassRect]]) -> None:
    image_id, other_id = list(pages)[:2]
    scaled = [ClassRect(t.x * 0.75, t.y * 0.75, t.w * 0.75, t.h * 0.75, t.class_id) for t in pages[image_id]]
    wrong = replace(scaled[2], class_id=(scaled[2].class_id + 1) % 10)
    twin = add(project, copy_of(project, image_id), writer="somebody else")
    review_with_boxes(project, twin, *scaled[:2], wrong, *scaled[4:])
    writers.set_split(project, "w0", "train", allow_harm=True)
    writers.set_split(project, "somebody else", "test", allow_harm=True)
    doubts = [f for f in found(project) if f.kind in (Kind.TWIN, Kind.WRITER, Kind.LEAK)]
    assert {f.kind for f in doubts} == {Kind.TWIN, Kind.WRITER, Kind.LEAK}
    assert all({f.image, f.other} == {image_id, twin} for f in doubts)
    texts = [f.text for f in doubts if f.kind is Kind.TWIN]
    assert len(texts) == 2
    assert any(f"says {wrong.class_id}" in t for t in texts)
    assert any("no box here" in t for t in texts)
    assert other_id not in {f.other for f in doubts}


def test_a_model_is_asked_only_about_pages_it_has_not_learnt_from(
    project: Project, pages: dict[int, list[ClassRect]], monkeypatch: pytest.MonkeyPatch
) -> None:
    splitting.assign(project)
    version = versions.freeze(project)
    parent = add_model(project, "parent", version_id=version.id)
    child = add_model(project, "child", parent_id=parent.id)
    models.promote(project, "child")
    learnt = {i.image_id for i in versions.images_of(project, version.id) if i.split in ("train", "val")}
    assert _witness.seen_by(project, child) == learnt
    with project.write() as session:
        session.get_one(ModelRow, parent.id).parent_id = child.id  # a circle ends
    assert _witness.seen_by(project, child) == learnt
    truth = {i: [Detection(t.x, t.y, t.w, t.h, t.class_id, 0.9) for t in held] for i, held in pages.items()}
    script(monkeypatch, project, {"child": truth, "shipped": truth})
    boxes = {i: labeling.page(project, i).boxes for i in pages}
    heard = {t.model: t for t in _witness.hear(project, boxes, lambda *_: None)}
    assert heard["child"].found.keys() == pages.keys() - learnt
    assert heard["shipped"].found.keys() == learnt
    assert heard["child"].trust == heard["shipped"].trust == 1.0


def test_a_witness_finds_what_look_alikes_do_not(
    project: Project, pages: dict[int, list[ClassRect]], monkeypatch: pytest.MonkeyPatch
) -> None:
    image_id = list(pages)[3]
    truth = {i: [Detection(t.x, t.y, t.w, t.h, t.class_id, 0.9) for t in held] for i, held in pages.items()}
    for n in (0, 1):
        labeling.apply(project, gestures.delete(p := labeling.page(project, image_id), {p.boxes[0].id}))
        assert n < 2
    script(monkeypatch, project, {"shipped": truth})
    report = checking.check(project)
    assert report.witnesses == ("shipped",)
    missed = [f for f in report.findings if f.kind is Kind.MISSED]
    assert {f.image for f in missed} == {image_id}
    assert len(missed) == 2
    assert all("shipped, which has not learnt" in f.by for f in missed)


def test_a_model_that_cannot_be_asked_stops_nothing(
    project: Project, pages: dict[int, list[ClassRect]], monkeypatch: pytest.MonkeyPatch
) -> None:
    models.onnx_file(project, models.current(project)).unlink(missing_ok=True)
    assert checking.check(project).witnesses == ()


def test_an_empty_project_and_one_page_raise_no_error(project: Project) -> None:
    assert checking.check(project).findings == ()
    add_page(project, 1)
    assert len(checking.check(project, ask_models=False).findings) <= 2


def test_checking_can_be_stopped(project: Project, pages: dict[int, list[ClassRect]]) -> None:
    def stop(done: int, total: int, text: str = "") -> None:
        if text == "Comparing digits":
            raise Cancelled

    with pytest.raises(Cancelled):
        checking.check(project, ask_models=False, progress=stop)

"""Splits in a project: sticky, by writer, with near-duplicates on one side whoever wrote them, blank pages in every split."""

import hashlib
import io
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image as Picture

from labeler.core.boxes import ClassRect
from labeler.core.errors import BadInput, Cancelled, NotFound
from labeler.core.progress import silent
from labeler.formats import pixels
from labeler.services import _store, _twins, images, labeling, splitting, versions, writers
from labeler.services.project import Project
from labeler_db.models import ImageRow
from tests.helpers import handwriting
from tests.helpers.fake_detector import add_labelled, add_pages, bare_copy, review_with_boxes
from tests.helpers.pictures import encoded

THREE = {"train", "val", "test"}


def add(project: Project, data: bytes, *, writer: str | None = None, source: str = "s") -> int:
    with project.write() as session:
        new = _store.NewImage(hashlib.sha256(data).hexdigest(), data, pixels.normalise(data), "p", source, writer)
        return _store.add_image(session, new).image_id


def handwritten(seed: int, *, writer: int = 0) -> bytes:
    return handwriting.page(seed, writer=writer, width=320, height=240).png()


def scanned_again(data: bytes, *, scale: float = 0.7, quality: int = 60) -> bytes:
    """The page at another resolution, as a JPEG."""
    with Picture.open(io.BytesIO(data)) as page:
        small = page.resize((round(page.width * scale), round(page.height * scale)), Picture.Resampling.BICUBIC)
        out = io.BytesIO()
        small.convert("RGB").save(out, "JPEG", quality=quality)
        return out.getvalue()


def split_of(project: Project, image_id: int) -> str | None:
    return labeling.page(project, image_id).image.split


def all_splits(project: Project) -> dict[int, str | None]:
    return {i: split_of(project, i) for i in images.image_ids(project)}


def test_every_writer_is_on_one_side_and_every_side_has_one(project: Project) -> None:
    for n in range(5):
        add_pages(project, 3, writer=f"w{n}", first=10 * n)
    report = splitting.assign(project)
    assert report.writers.keys() == {f"w{n}" for n in range(5)}
    assert set(report.writers.values()) == THREE
    assert sum(report.by_split.values()) == 15
    assert report.by_split["none"] == 0
    for image in images.images(project, images.image_ids(project)):
        assert image.split == report.writers[image.writer or ""]
    assert splitting.assign(project) == report == splitting.report(project)


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    batches=st.lists(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 40)), max_size=8), min_size=2, max_size=4),
    seed=st.integers(0, 99),
)
def test_adding_any_data_never_moves_anyone(template: Path, batches: list[list[tuple[int, int]]], seed: int) -> None:
    with (
        tempfile.TemporaryDirectory() as scratch,
        Project.open(bare_copy(template, Path(scratch) / "é")) as project,
    ):
        before: dict[int, str | None] = {}
        for batch in batches:
            for writer, page in batch:
                add_pages(project, 1, first=page, writer=f"w{writer}" if writer else None)
            splitting.assign(project, seed=seed)
            now = all_splits(project)
            assert {i: now[i] for i in before} == before
            assert None not in now.values()
            before = now


def test_the_same_files_imported_in_another_order_split_alike(
    new_project: Callable[[str], Project],
) -> None:
    pages = [handwritten(n) for n in range(9)]
    splits = []
    for name, order in (("one", pages), ("two", pages[::-1])):
        project = new_project(name)
        for data in order:
            add(project, data)
        splitting.assign(project, seed=4)
        with project.read() as session:
            splits.append({r.sha256: split_of(project, r.id) for r in session.query(ImageRow)})
    assert splits[0] == splits[1]
    assert set(splits[0].values()) == THREE


def test_what_is_labelled_comes_into_every_split_though_most_is_not(project: Project) -> None:
    ids = add_pages(project, 40)
    for image_id in ids[7:14]:
        review_with_boxes(project, image_id, ClassRect(5, 5, 9, 9, 3))
    assert set(versions.freeze(project).by_split.values()) >= {1}
    assert min(versions.freeze(project).by_split.values()) >= 1
    assert images.stats(project).by_split["none"] == 33
    splitting.assign(project)
    assert images.stats(project).by_split["none"] == 0


def test_blank_pages_are_in_every_split(project: Project) -> None:
    ids = add_pages(project, 30)
    for n, image_id in enumerate(ids):
        review_with_boxes(project, image_id, *([ClassRect(5, 5, 9, 9, 3)] if n % 6 else []))
    splitting.assign(project)
    assert {split_of(project, i) for i in ids[::6]} == THREE
    version = versions.freeze(project)
    blank = {i.split for i in versions.images_of(project, version.id) if not i.boxes}
    assert blank == THREE


@pytest.mark.parametrize("writers", [(None, None), ("a", None), (None, "a"), ("a", "b")])
def test_a_page_scanned_twice_is_on_one_side_whoever_wrote_it(
    project: Project, writers: tuple[str | None, str | None]
) -> None:
    for n in range(6):
        add(project, handwritten(n + 50), writer=f"w{n}")
    page = handwritten(3)
    first = add(project, page, writer=writers[0])
    splitting.assign(project)
    second = add(project, scanned_again(page), writer=writers[1])
    splitting.assign(project)
    assert split_of(project, first) == split_of(project, second)


def test_twins_that_come_together_share_a_group_and_differ_from_other_pages(project: Project) -> None:
    pages = [handwritten(n) for n in range(8)]
    originals = [add(project, p) for p in pages]
    copies = [add(project, scanned_again(p)) for p in pages]
    splitting.assign(project)
    with project.read() as session:
        groups = {r.id: r.group_id for r in session.query(ImageRow)}
    assert [groups[i] for i in originals] == [groups[i] for i in copies]
    assert len(set(groups.values())) == 8


def test_twins_split_apart_already_stay_where_they_are(project: Project) -> None:
    page = handwritten(3)
    a = add(project, page, writer="a")
    b = add(project, scanned_again(page), writer="b")
    writers.set_split(project, "a", "train", allow_harm=True)
    writers.set_split(project, "b", "test", allow_harm=True)
    splitting.assign(project)
    assert (split_of(project, a), split_of(project, b)) == ("train", "test")


def test_a_writer_is_moved_by_hand_only(project: Project) -> None:
    add_pages(project, 1, writer="a")
    writers.set_split(project, "a", "test", allow_harm=True)
    assert splitting.assign(project).writers == {"a": "test"}
    with pytest.raises(NotFound):
        writers.set_split(project, "nobody", "test", allow_harm=True)
    with pytest.raises(BadInput):
        writers.set_split(project, "a", "none", allow_harm=True)


def test_impossible_shares_change_nothing(project: Project) -> None:
    add_pages(project, 2)
    with pytest.raises(BadInput):
        splitting.assign(project, val=0.6, test=0.6)
    assert images.stats(project).by_split["none"] == 2


def test_shares_of_nothing_leave_a_split_empty(project: Project) -> None:
    add_pages(project, 12)
    assert splitting.assign(project, val=0.5, test=0.0).by_split == {"train": 6, "val": 6, "test": 0, "none": 0}


def test_a_stop_while_pages_are_compared_leaves_no_split(project: Project) -> None:
    add_pages(project, 5)

    def stop(done: int, total: int, text: str = "") -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        splitting.assign(project, progress=stop)
    assert images.stats(project).by_split["none"] == 5


def test_freezing_can_be_stopped_while_pages_are_compared_and_leaves_no_version(project: Project) -> None:
    add_labelled(project, writers=3)
    told: list[str] = []

    def stop(_done: int, _total: int, text: str = "") -> None:
        told.append(text)
        raise Cancelled

    with pytest.raises(Cancelled):
        versions.freeze(project, progress=stop)
    assert told == ["Looking for near-duplicates"]
    assert versions.versions(project) == []
    assert images.stats(project).by_split["none"] == 6


def test_a_writer_without_images_waits(project: Project) -> None:
    with project.write() as session:
        _store.writer(session, "later")
    assert splitting.assign(project).writers == {}


def test_digits_come_into_every_split(project: Project) -> None:
    add_labelled(project, writers=12, pages=3)
    splitting.assign(project)
    held: dict[str, set[int]] = {s: set() for s in THREE}
    for image in versions.labelled(project):
        held[image.split] |= {b.class_id for b in image.boxes}
    assert all({0, 1, 2} <= digits for digits in held.values())


def test_a_sheet_that_many_writers_left_empty_links_nobody(project: Project) -> None:
    form = handwriting.page(5, width=320, height=240)
    for n in range(6):
        add(project, scanned_again(form.png(), scale=0.8 + 0.02 * n), writer=f"w{n}")
        add(project, handwritten(n + 50, writer=n), writer=f"w{n}")
    assert set(splitting.assign(project).writers.values()) == THREE


def test_blank_pages_are_nobodys_twins(project: Project) -> None:
    for n in range(6):
        blank = handwriting.page(n, digits=0, width=300 + n, height=200)
        add(project, blank.png(), writer=f"w{n}")
        add(project, blank.jpeg())
    assert set(splitting.assign(project).writers.values()) == THREE
    with project.read() as session:
        assert len({r.group_id for r in session.query(ImageRow)}) == 7


def test_many_small_sources_leave_most_to_train_on(project: Project) -> None:
    for n in range(12):
        for k in range(3):
            add(project, handwritten(100 + 3 * n + k), source=f"folder {n}")
    assert splitting.assign(project).by_split["train"] >= 20


def test_a_large_source_is_in_every_split(project: Project) -> None:
    for n in range(40):
        add(project, handwritten(100 + n), source="small" if n % 4 == 0 else "large")
    splitting.assign(project)
    found = {(i.source, i.split) for i in images.images(project, images.image_ids(project))}
    assert found == {(source, split) for source in ("small", "large") for split in THREE}


def test_of_many_pictures_of_one_page_each_is_compared_about_once(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    from labeler.detect import same_page

    page = handwritten(3)
    for n in range(8):
        add(project, scanned_again(page, scale=0.6 + 0.04 * n))
    compared: list[int] = []
    real = same_page.laid_over
    monkeypatch.setattr(same_page, "laid_over", lambda *pages: compared.append(1) or real(*pages))
    splitting.assign(project)
    assert len(compared) == 7
    assert sorted(splitting.report(project).by_split.values()) == [0, 0, 0, 8]


def filled_in(hand: int) -> bytes:
    """A printed form with a few digits by one hand: nearly all of it is the same on every sheet."""
    sheet = handwriting.page(1, width=480, height=360, digits=12).picture.copy()
    written = handwriting.page(100 + hand, writer=hand, width=120, height=90, digits=1).picture
    sheet[260:350, 340:460] = np.minimum(sheet[260:350, 340:460], written)
    return encoded(sheet)


def test_on_a_form_that_many_filled_in_few_are_compared_and_what_was_scanned_twice_is_found(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    from labeler.detect import same_page

    ids = [add(project, filled_in(hand)) for hand in range(3 * _twins.TRIES)]
    again = add(project, scanned_again(filled_in(0)))
    compared: list[int] = []
    real = same_page.laid_over
    monkeypatch.setattr(same_page, "laid_over", lambda *pages: compared.append(1) or real(*pages))
    [found] = _twins.find_twins(project, {*ids, again}, silent)
    assert (found.first, found.second) == (ids[0], again)
    assert len(compared) <= _twins.TRIES * (len(ids) + 1)  # of 171 pairs


@given(
    st.lists(st.integers(0, 7), min_size=2, max_size=14),
    st.sets(st.integers(1, 14), min_size=1),
    st.sets(st.tuples(st.integers(1, 14), st.integers(1, 14))),
)
def test_looking_ahead_in_threads_finds_what_looking_at_one_after_the_other_does(
    prints: list[int], wanted: set[int], alike: set[tuple[int, int]]
) -> None:
    ids = list(range(1, len(prints) + 1))
    fresh = wanted & set(ids)

    def compare(image: int, other: int) -> np.ndarray | None:
        return np.eye(3) if (min(image, other), max(image, other)) in alike else None

    found = _twins._joined(
        np.array(ids), np.array(prints, dtype=np.uint64) * np.uint64(0x0101010101010101), fresh, compare, silent
    )
    assert [(t.first, t.second) for t in found] == one_after_the_other(prints, fresh, compare)


def one_after_the_other(
    prints: list[int], fresh: set[int], compare: Callable[[int, int], np.ndarray | None]
) -> list[tuple[int, int]]:
    """Each fresh image beside what is near to it, the nearest first, until it is known to be of the same page or six were in vain."""
    page = {image: {image} for image in range(1, len(prints) + 1)}
    found = []
    for image in sorted(fresh):
        far = {other: 8 * (prints[image - 1] ^ prints[other - 1]).bit_count() for other in page}
        near = [o for o in page if far[o] <= _twins.NEAR and o != image and (o < image or o not in fresh)]
        vain = 0
        for other in sorted(near, key=lambda o: far[o]):
            if vain < _twins.TRIES and other not in page[image]:
                if compare(image, other) is None:
                    vain += 1
                    continue
                found.append((min(image, other), max(image, other)))
                together = page[image] | page[other]
                page.update(dict.fromkeys(together, together))
    return found

"""YOLO data sets as people have them: layouts, names, and every kind of bad line, file and folder."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from labeler.core.boxes import ClassRect
from labeler.core.errors import BadInput, UserError
from labeler.formats import yolo
from labeler.formats.pixels import size_of
from labeler.formats.registry import detect_format
from tests.formats.builders import by_name, page, picture, read, reasons, written

TEN = "".join(f"{n}\n" for n in range(10))
LINE = "7 0.5 0.5 0.25 0.2\n"


def label(path: Path, text: str = LINE) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
    return path


def names_file(folder: Path, text: str = TEN) -> Path:
    return label(folder / "classes.txt", text)


def test_images_beside_labels_in_splits(tmp_path: Path) -> None:
    for split in ("train", "val", "test"):
        picture(tmp_path / "images" / split / f"{split}.png")
        label(tmp_path / "labels" / split / f"{split}.txt")
    names_file(tmp_path)
    assert detect_format(tmp_path) == "yolo"
    dataset = read(tmp_path, "yolo")
    assert {s.path.stem: s.split for s in dataset.samples} == {"train": "train", "val": "val", "test": "test"}
    rect = dataset.samples[0].boxes[0].rect  # type: ignore[index]
    assert (rect.x, rect.y, rect.w, rect.h) == pytest.approx((15, 12, 10, 6))
    assert dataset.classes == tuple("0123456789")
    assert not dataset.rejected


@pytest.mark.parametrize(
    ("picture_at", "label_at", "names_at"),
    [
        ("images/a.png", "labels/a.txt", "."),
        ("images/a.png", "labels/a.txt", "labels"),
        ("a.png", "a.txt", "."),
        ("a.png", "labels/a.txt", "labels"),
        ("Images/a.png", "Labels/a.txt", "Labels"),
        ("train/images/a.png", "train/labels/a.txt", "."),
        ("images/anna/a.png", "labels/anna/a.txt", "labels"),
    ],
)
def test_layouts_without_a_description(tmp_path: Path, picture_at: str, label_at: str, names_at: str) -> None:
    picture(tmp_path / picture_at)
    label(tmp_path / label_at)
    names_file(tmp_path / names_at)
    assert detect_format(tmp_path) == "yolo"
    dataset = read(tmp_path, "yolo")
    assert [[b.class_name for b in s.boxes or ()] for s in dataset.samples] == [["7"]]
    assert not dataset.rejected


def test_the_folder_of_images_alone_finds_its_labels(tmp_path: Path) -> None:
    picture(tmp_path / "images" / "a.png")
    label(tmp_path / "labels" / "a.txt")
    names_file(tmp_path)
    assert [len(s.boxes or ()) for s in read(tmp_path / "images", "yolo").samples] == [1]


def test_several_data_sets_in_one_folder_keep_their_own_names(tmp_path: Path) -> None:
    for name, classes in (("one", TEN), ("two", "7\n8\n9\n")):
        picture(tmp_path / name / "images" / f"{name}.png")
        label(tmp_path / name / "labels" / f"{name}.txt", "1 .5 .5 .2 .2\n")
        names_file(tmp_path / name, classes)
    found = by_name(read(tmp_path, "yolo"))
    assert {name: s.boxes[0].class_name for name, s in found.items() if s.boxes} == {"one.png": "1", "two.png": "8"}


def described(folder: Path, text: str, *, train: str = "images/train") -> Path:
    picture(folder / train / "a.png")
    label(Path(str(folder / train).replace("images", "labels")) / "a.txt", "1 .5 .5 .2 .2\n")
    return label(folder / "data.yaml", text)


@pytest.mark.parametrize(
    "text",
    [
        "train: images/train\nval: images/train\nnames: ['no', 007]\n",
        "train: images/train\nnames: {0: zero, 1: 007}\n",
        "train: [images/train, images/nothing]\nnames:\n  '1': 007\n  '0': zero\n",
        "path: .\ntrain: images/train\nnames: [zero, 007]\nnc: 2\n",
        "path: /somebody/elses/machine\ntrain: images/train\nnames: [zero, 007]\n",
        "train: /content/digits/images/train\nnames: [zero, 007]\n",
        "train: ../images/train\nnames: [zero, 007]\n",
        "train: images\\train\nnames: [zero, 007]\n",
        "train: train.txt\nnames: [zero, 007]\n",
        "\ufefftrain: images/train\ntest: null\nval: ~\nnames: [zero, 007]\n",
        "names: [zero, 007]\n",
    ],
)
def test_descriptions_as_people_write_them(tmp_path: Path, text: str) -> None:
    path = described(tmp_path, text)
    label(tmp_path / "train.txt", "./images/train/a.png\n\nimages/train/lost.png\n")
    assert detect_format(tmp_path) == detect_format(path) == "yolo"
    for at in (tmp_path, path):
        dataset = read(at, "yolo")
        assert [[b.class_name for b in s.boxes or ()] for s in dataset.samples] == [["007"]]
        assert [s.split for s in dataset.samples] == ["train"]
        told = reasons(dataset)
        assert ("there is no images/nothing" in told) == ("nothing" in text)
        assert ("Line 3: there is no picture images/train/lost.png" in told) == ("train.txt" in text)
        assert ("also in a split before it" in told) == ("val: images" in text)


def test_names_in_any_order_go_by_name(tmp_path: Path) -> None:
    picture(tmp_path / "images" / "a.png")
    label(tmp_path / "labels" / "a.txt", "".join(f"{n} .5 .5 .{n + 1} .2\n" for n in range(3)))
    label(tmp_path / "data.yaml", "train: images\nnames: [nine, '0', five]\n")
    dataset = read(tmp_path, "yolo")
    assert dataset.classes == ("nine", "0", "five")
    assert [b.class_name for b in dataset.samples[0].boxes or ()] == ["nine", "0", "five"]


def test_a_class_without_a_name_is_refused_and_the_others_stay(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    label(tmp_path / "a.txt", "0 .5 .5 .2 .2\n1 .5 .5 .2 .2\n2 .5 .5 .2 .2\n")
    names_file(tmp_path, "zero\n\ntwo\n\n")
    dataset = read(tmp_path, "yolo")
    assert [b.class_name for b in dataset.samples[0].boxes or ()] == ["zero", "two"]
    assert "Line 2: Class 1 has no name" in reasons(dataset)


@pytest.mark.parametrize(
    "text",
    [
        "train: images/train\n",
        "train: images/train\nnames:\n",
        "train: images/train\nnames: []\n",
        "train: images/train\nnames: digits.txt\n",
        "train: images/train\nnames: {a: b}\n",
        "train: images/train\nnames: [[a], [b]]\n",
        "train: images/train\nnames: &x [*x]\n",
        "names: [zero\n",
        "- a\n- b\n",
        "train: {a\n: [b]}\nnames: *gone\n",
        "[" * 3000,
        "# nothing\n" * 150_000,
    ],
)
def test_a_description_without_usable_names_is_refused_with_a_hint(tmp_path: Path, text: str) -> None:
    described(tmp_path, text)
    with pytest.raises(UserError) as refusal:
        read(tmp_path, "yolo")
    assert refusal.value.message
    assert "\n" not in refusal.value.message


def test_a_classes_file_stands_in_for_missing_names(tmp_path: Path) -> None:
    described(tmp_path, "train: images/train\n")
    names_file(tmp_path)
    assert read(tmp_path, "yolo").samples[0].boxes[0].class_name == "1"  # type: ignore[index]


def test_no_names_anywhere_is_refused_with_a_hint(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    label(tmp_path / "a.txt")
    with pytest.raises(UserError) as refusal:
        read(tmp_path, "yolo")
    assert "names" in refusal.value.hint


def test_a_wrong_count_of_classes_is_said(tmp_path: Path) -> None:
    described(tmp_path, "train: images/train\nnames: [zero, one]\nnc: 80\n")
    assert "nc: 80 but names 2" in reasons(read(tmp_path, "yolo"))


BAD_LINES = {
    "7 0.5 0.5 0.25": "4 values where 5",
    "7 0.5 0.5 0.25 0.2 0.99": "6 values where 5",
    "7 0.1 0.1 0.2 0.1 0.2 0.2": "polygon",
    "7 0.1 0.1 0.2 0.1 0.2 0.2 0.1 0.2": "polygon",
    "7,0.5,0.5,0.25,0.2": "1 values where 5",
    "seven 0.5 0.5 0.25 0.2": "“seven” is not a number",
    "7 0,5 0.5 0.25 0.2": "“0,5” is not a number",
    "7 0_5 0.5 0.25 0.2": "“0_5” is not a number",
    "7 nan 0.5 0.25 0.2": "“nan” is not a finite number",
    "7 0.5 0.5 inf 0.2": "“inf” is not a finite number",
    "7 0.5 0.5 1e999 0.2": "“1e999” is not a finite number",
    "99 0.5 0.5 0.25 0.2": "Class 99 has no name; there are 10 classes",
    "-1 0.5 0.5 0.25 0.2": "Class -1 has no name",
    "1.5 0.5 0.5 0.25 0.2": "Class 1.5 has no name",
    "7 1.5 0.5 0.25 0.2": "outside the page",
    "7 0.5 0.5 1.1 0.2": "outside the page",
    "7 0.05 0.5 0.25 0.2": "outside the page",
    "7 250 180 40 30": "outside the page",
    "7 0.5 0.5 0 0.2": "no area",
    "7 0.5 0.5 0.25 -0.2": "no area",
    "7 0.5 0.5 0.0001 0.2": "no area",
    "7 1.005 0.5 0.01 0.2": "no area",
}


@pytest.mark.parametrize("line", BAD_LINES)
def test_a_bad_line_is_refused_with_its_number_and_the_good_ones_stay(tmp_path: Path, line: str) -> None:
    picture(tmp_path / "a.png")
    file = label(tmp_path / "a.txt", f"{LINE}\n{line}\r\n7.0 0.5 0.25 5e-1 0.2\n")
    names_file(tmp_path)
    dataset = read(tmp_path, "yolo")
    assert [r.path for r in dataset.rejected] == [str(file)]
    assert dataset.rejected[0].reason.startswith("Line 3: ")
    assert BAD_LINES[line] in dataset.rejected[0].reason
    sample = dataset.samples[0]
    assert len(sample.boxes or ()) == 2
    assert not sample.is_complete


def test_a_file_of_nothing_but_bad_lines_is_no_blank_page(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    label(tmp_path / "a.txt", "99 .5 .5 .2 .2\n")
    names_file(tmp_path)
    assert read(tmp_path, "yolo").samples[0].boxes is None


@pytest.mark.parametrize(("text", "boxes"), [("", ()), ("  \n\n", ()), (None, None)])
def test_an_empty_file_is_a_blank_page_and_none_is_unlabelled(tmp_path: Path, text: str | None, boxes: object) -> None:
    picture(tmp_path / "images" / "a.png")
    picture(tmp_path / "images" / "b.png")
    label(tmp_path / "labels" / "b.txt")
    if text is not None:
        label(tmp_path / "labels" / "a.txt", text)
    names_file(tmp_path)
    assert by_name(read(tmp_path, "yolo"))["a.png"].boxes == boxes


def test_a_small_overhang_is_cut(tmp_path: Path) -> None:
    picture(tmp_path / "a.png", (1000, 1000))
    label(tmp_path / "a.txt", "7 0.095 0.9 0.2 0.21\n")
    names_file(tmp_path)
    rect = read(tmp_path, "yolo").samples[0].boxes[0].rect  # type: ignore[index]
    assert (rect.x, rect.y, rect.right, rect.bottom) == pytest.approx((0, 795, 195, 1000))


def test_boxes_count_from_the_upright_picture(tmp_path: Path) -> None:
    picture(tmp_path / "a.jpg", (40, 30), orientation=6)
    label(tmp_path / "a.txt", "7 0.5 0.5 0.5 0.5\n")
    names_file(tmp_path)
    rect = read(tmp_path, "yolo").samples[0].boxes[0].rect  # type: ignore[index]
    assert (rect.w, rect.h) == (15, 20)


def test_labels_in_other_encodings(tmp_path: Path) -> None:
    names_file(tmp_path)
    for name, data in (
        ("bom", b"\xef\xbb\xbf" + LINE.encode()),
        ("wide", LINE.encode("utf-16")),
        ("odd", b"\xff\x00\x81"),
    ):
        picture(tmp_path / f"{name}.png")
        (tmp_path / f"{name}.txt").write_bytes(data)
    dataset = read(tmp_path, "yolo")
    assert {n: len(s.boxes or ()) for n, s in by_name(dataset).items()} == {"bom.png": 1, "wide.png": 1, "odd.png": 0}
    assert "odd.txt: It is not text" in reasons(dataset)


def test_labels_without_a_picture_are_reported_and_notes_are_not(tmp_path: Path) -> None:
    picture(tmp_path / "images" / "train" / "a.png")
    label(tmp_path / "labels" / "train" / "a.txt")
    lost = [label(tmp_path / "labels" / "train" / "lost.txt"), label(tmp_path / "labels" / "val" / "gone.txt", "")]
    label(tmp_path / "images" / "train" / "about these pictures.txt", "they are nice\n")
    label(tmp_path / "README.txt", "hello\n")
    names_file(tmp_path / "labels")
    dataset = read(tmp_path, "yolo")
    assert [r.path for r in dataset.rejected] == [str(p) for p in lost]


def test_a_broken_picture_with_labels_is_refused_once(tmp_path: Path) -> None:
    label(tmp_path / "a.jpg", "no picture")
    label(tmp_path / "a.txt")
    picture(tmp_path / "b.png")
    label(tmp_path / "b.txt")
    names_file(tmp_path)
    dataset = read(tmp_path, "yolo")
    assert [s.path.name for s in dataset.samples] == ["b.png"]
    assert "a.jpg is not a picture" in reasons(dataset)


def test_hidden_files_and_circles_of_links_are_passed_over(tmp_path: Path) -> None:
    picture(tmp_path / "images" / "a.png")
    picture(tmp_path / "images" / "._a.png")
    picture(tmp_path / ".cache" / "b.png")
    label(tmp_path / "labels" / "a.txt")
    names_file(tmp_path)
    (tmp_path / "images" / "again").symlink_to(tmp_path, target_is_directory=True)
    assert [s.path.name for s in read(tmp_path, "yolo").samples] == ["a.png"]


@pytest.fixture
def as_nobody() -> Iterator[Path]:
    """A folder of a person who may not do everything: tests may be run by root, whom no permission stops."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o777)
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    if is_root:
        os.seteuid(65534)
    yield folder
    if is_root:
        os.seteuid(0)
    for at, folders, _ in os.walk(folder):
        for name in folders:
            Path(at, name).chmod(0o755)
    shutil.rmtree(folder)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_folders_and_files_without_permission_are_reported_and_the_rest_comes_in(as_nobody: Path) -> None:
    for name in ("a", "b"):
        picture(as_nobody / "images" / f"{name}.png")
        label(as_nobody / "labels" / f"{name}.txt")
    picture(as_nobody / "images" / "secret" / "c.png")
    picture(as_nobody / "images" / "closed" / "d.png")
    picture(as_nobody / "images" / "closed" / "e.png")
    label(as_nobody / "labels" / "closed" / "d.txt")
    names_file(as_nobody)
    (as_nobody / "labels" / "b.txt").chmod(0)
    (as_nobody / "images" / "secret").chmod(0)
    (as_nobody / "labels" / "closed").chmod(0)
    dataset = read(as_nobody, "yolo")
    assert {n: s.boxes is None for n, s in by_name(dataset).items()} == {
        "a.png": False,
        "b.png": True,
        "d.png": True,
        "e.png": True,
    }
    told = reasons(dataset)
    assert told.count("ermission denied") == len(dataset.rejected)
    assert sorted(Path(r.path).name for r in dataset.rejected) == ["b.txt", "closed", "secret"]


def test_a_folder_of_pictures_and_notes_is_no_yolo_data_set(tmp_path: Path) -> None:
    picture(tmp_path / "a.png")
    label(tmp_path / "a.txt", "a nice page\n")
    label(tmp_path / "notes.yaml", "writer: anna\n")
    assert detect_format(tmp_path) == "images"
    assert detect_format(tmp_path / "a.png") == "images"


@given(text=st.text(alphabet="0123456789.-+einf \t\n,x", max_size=80))
@settings(max_examples=300, deadline=None)
def test_any_line_is_a_box_on_the_page_or_a_reason(text: str) -> None:
    for line in text.splitlines():
        try:
            box = yolo.parse_line(line, names={0: "0", 1: "1"}, size=(300, 200))
        except BadInput:
            continue
        rect = box.rect
        assert 0 <= rect.x < rect.right <= 300
        assert 0 <= rect.y < rect.bottom <= 200


# --- writing ---


def test_files_are_where_everybody_expects_them(tmp_path: Path) -> None:
    boxes = [ClassRect(20, 3, 10, 15, 1), ClassRect(0, 0, 40, 30, 0)]
    written(tmp_path, "yolo", [page("a.1", "train", boxes), page("b", "test")], ["0", "no", "7: seven"])
    files = sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file())
    assert files == [
        "data.yaml",
        "images/test/b.png",
        "images/train/a.1.png",
        "labels/test/b.txt",
        "labels/train/a.1.txt",
    ]
    assert (tmp_path / "labels/test/b.txt").read_bytes() == b""
    assert (tmp_path / "labels/train/a.1.txt").read_text() == (
        "0 0.50000000 0.50000000 1.00000000 1.00000000\n1 0.62500000 0.35000000 0.25000000 0.50000000\n"
    )
    data = yaml.safe_load((tmp_path / "data.yaml").read_text(encoding="utf-8"))
    assert data["names"] == {0: "0", 1: "no", 2: "7: seven"}
    assert "path" not in data
    assert (data["train"], data["val"], data["test"]) == ("images/train", "images/val", "images/test")
    assert "No page is in val" in (tmp_path / "data.yaml").read_text(encoding="utf-8")


ULTRALYTICS = """
import json, os, sys
os.environ["YOLO_OFFLINE"] = "1"
from ultralytics.data.utils import check_det_dataset, verify_image_label
data = check_det_dataset(sys.argv[1], autodownload=False)
from ultralytics.data.dataset import YOLODataset
found = {}
for split in json.loads(sys.argv[2]):
    labels = YOLODataset(img_path=data[split], data=data, augment=False, imgsz=64, task="detect").labels
    found[split] = [[os.path.basename(l["im_file"]), list(l["shape"]), l["cls"].ravel().tolist(), l["bboxes"].tolist()] for l in labels]
print(json.dumps({"names": data["names"], "found": found}))
"""


@pytest.mark.slow
@pytest.mark.parametrize("how", ["absolute", "relative", "inside"])
def test_ultralytics_loads_the_export_from_any_folder(tmp_path: Path, how: str) -> None:
    boxes = [ClassRect(10.5, 3.25, 17.125, 15, 1), ClassRect(0, 0, 320, 20, 0)]
    size = (320, 20)
    out = written(
        tmp_path / "数据 é",
        "yolo",
        [page("a", "train", boxes, size), page("b", "train", (), size), page("c", "val", boxes, size)],
    )
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    cwd, argument = {
        "absolute": (elsewhere, str(out / "data.yaml")),
        "relative": (tmp_path, "数据 é/data.yaml"),
        "inside": (out, "data.yaml"),
    }[how]
    run = subprocess.run(
        [sys.executable, "-c", ULTRALYTICS, argument, json.dumps(["train", "val"])],
        cwd=cwd,
        capture_output=True,
        text=True,
        env={**os.environ, "YOLO_CONFIG_DIR": str(tmp_path / "settings"), "YOLO_VERBOSE": "false"},
        check=False,
    )
    assert run.returncode == 0, run.stderr
    answer = json.loads(run.stdout.strip().splitlines()[-1])
    assert answer["names"] == {"0": "0", "1": "1", "2": "+", "3": "seven & <8>", "4": "数字"}
    found = {
        name: (shape, classes, rects) for split in answer["found"].values() for name, shape, classes, rects in split
    }
    assert sorted(found) == ["a.png", "b.png", "c.png"]
    assert found["b.png"][1] == []
    shape, classes, rects = found["a.png"]
    assert shape == [20, 320]
    assert classes == [0, 1]
    assert rects[1] == pytest.approx([(10.5 + 17.125 / 2) / 320, (3.25 + 7.5) / 20, 17.125 / 320, 15 / 20], abs=1e-6)


@pytest.mark.slow
def test_ultralytics_loads_the_description_of_an_export_without_val(tmp_path: Path) -> None:
    out = written(tmp_path / "out", "yolo", [page("a", "train", [ClassRect(1, 1, 5, 5, 0)])])
    run = subprocess.run(
        [sys.executable, "-c", ULTRALYTICS, str(out / "data.yaml"), '["train"]'],
        capture_output=True,
        text=True,
        env={**os.environ, "YOLO_CONFIG_DIR": str(tmp_path / "settings"), "YOLO_VERBOSE": "false"},
        check=False,
    )
    assert run.returncode == 0, run.stderr
    assert len(json.loads(run.stdout.strip().splitlines()[-1])["found"]["train"]) == 1


# --- the real ones ---


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "images", "boxes"),
    [
        ("hme_vas", 151, 1536),
        ("car_a", 540, 2477),
        ("ink_pages_rendered", 220, 1926),
        ("sudoku_phone", 41, 1254),
        ("worksheet_scans", 2, 116),
        ("webcam_numbers", 6, 27),
    ],
)
def test_real_data_sets_come_in_whole(shared: Path, name: str, images: int, boxes: int) -> None:
    folder = shared / "detection" / name
    assert detect_format(folder) == "yolo"
    dataset = yolo.read(folder, size_of=size_of)
    assert not dataset.rejected
    assert dataset.classes == tuple("0123456789")
    assert len(dataset.samples) == images
    assert sum(len(s.boxes or ()) for s in dataset.samples) == boxes
    assert sum(s.boxes == () for s in dataset.samples) == (60 if name == "ink_pages_rendered" else 0)


@pytest.mark.shared
def test_fourteen_classes_by_name_as_their_authors_wrote_them(shared: Path, tmp_path: Path) -> None:
    original = shared / "detection" / "hme_vas"
    (tmp_path / "images").symlink_to(original / "images", target_is_directory=True)
    (tmp_path / "labels").symlink_to(original / "labels_original", target_is_directory=True)
    shutil.copyfile(original / "classes_original.txt", tmp_path / "classes.txt")
    dataset = yolo.read(tmp_path, size_of=size_of)
    assert dataset.classes == (*"0123456789+-=", "c1")
    counts: dict[str, int] = {}
    for sample in dataset.samples:
        for box in sample.boxes or ():
            counts[box.class_name] = counts.get(box.class_name, 0) + 1
    lines = [
        line for file in (original / "labels_original").glob("*.txt") for line in file.read_text().splitlines() if line
    ]
    assert sum(counts.values()) == len(lines)
    assert counts["c1"] == sum(line.startswith("13 ") for line in lines)

"""Looking at pictures without a project: what is drawn where, and what cannot be looked at."""

from collections.abc import Callable
from pathlib import Path

import pytest

from labeler.core.errors import BadInput, NotFound, UserError
from labeler.services.predicting import predict
from tests.helpers import handwriting
from tests.helpers.pictures import PictureFile, decoded, encoded, pixels

Handwritten = Callable[..., tuple[Path, handwriting.Handwriting]]


def test_copies_keep_their_names_and_clashes_are_numbered(tmp_path: Path, handwritten: Handwritten) -> None:
    one, made = handwritten("a/page.png", seed=1)
    two, _ = handwritten("b/page.png", seed=2)
    odd = tmp_path / "c" / "page.bmp"
    odd.parent.mkdir()
    odd.write_bytes(encoded(made.picture, "BMP"))
    report = predict([one, two, odd], draw=tmp_path / "out", min_score=0.01)
    assert [seen.drawn for seen in report.images] == [
        tmp_path / "out" / n for n in ("page.png", "page-2.png", "page-3.png")
    ]
    assert decoded((tmp_path / "out" / "page.png").read_bytes()).shape == made.picture.shape
    assert report.images[0].boxes == predict([odd], min_score=0.01).images[0].boxes, "the format does not matter"


def test_one_picture_may_be_drawn_to_a_file(tmp_path: Path, handwritten: Handwritten) -> None:
    path, _ = handwritten("page.png")
    predict([path], draw=tmp_path / "seen.jpg")
    assert (tmp_path / "seen.jpg").read_bytes()[:2] == b"\xff\xd8"
    with pytest.raises(BadInput):
        predict([path, path], draw=tmp_path / "seen.jpg")


def test_the_pictures_themselves_are_never_drawn_over(tmp_path: Path, handwritten: Handwritten) -> None:
    path, made = handwritten("page.png")
    with pytest.raises(BadInput):
        predict([path], draw=tmp_path)
    assert path.read_bytes() == made.png()


def test_a_turned_photo_is_looked_at_upright(tmp_path: Path) -> None:
    from PIL import Image

    turned = tmp_path / "turned.jpg"
    exif = Image.Exif()
    exif[274] = 6
    turned.write_bytes(encoded(pixels(80, 40), "JPEG", exif=exif.tobytes()))
    (seen,) = predict([turned]).images
    assert (seen.width, seen.height) == (40, 80)


def test_what_cannot_be_looked_at_is_told_and_the_rest_is_seen(tmp_path: Path, png: PictureFile) -> None:
    good = png("good.png")
    (tmp_path / "text.jpg").write_text("no picture", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    report = predict([tmp_path / "text.jpg", good, tmp_path / "nowhere.png", tmp_path / "empty"])
    assert [seen.path for seen in report.images] == [good]
    assert sorted(Path(r.path).name for r in report.rejected) == ["empty", "nowhere.png", "text.jpg"]


def test_a_model_that_is_none_is_the_user_s_problem(tmp_path: Path, png: PictureFile) -> None:
    (tmp_path / "odd.onnx").write_bytes(b"not a model")
    with pytest.raises(BadInput):
        predict([png()], model=tmp_path / "odd.onnx")
    with pytest.raises(NotFound):
        predict([png()], model=tmp_path / "nowhere.onnx")


def test_cancelling_stops_between_pictures(png: PictureFile) -> None:
    from labeler.core.errors import Cancelled

    files = [png(f"{n}.png", seed=n) for n in range(3)]

    def stop(done: int, total: int, text: str = "") -> None:
        if done:
            raise Cancelled

    with pytest.raises(Cancelled):
        predict(files, progress=stop)


def test_a_target_that_cannot_be_written_is_said(tmp_path: Path, png: PictureFile) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    with pytest.raises(UserError):
        predict([png()], draw=tmp_path / "file" / "out")

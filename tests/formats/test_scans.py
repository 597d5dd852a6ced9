"""Files of several pages: each page is a picture of its own; what is damaged is told and stops nothing."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from labeler.core.errors import BadInput
from labeler.formats import pixels, scans
from tests.helpers.pictures import pixels as picture


def tiff(path: Path, pages: list[np.ndarray], **options: object) -> Path:
    frames = [Image.fromarray(p) for p in pages]
    frames[0].save(path, save_all=True, append_images=frames[1:], **options)  # type: ignore[arg-type]
    return path


def pdf(path: Path, pages: list[np.ndarray], dpi: int = 150) -> Path:
    frames = [Image.fromarray(p) for p in pages]
    frames[0].save(path, "PDF", save_all=True, append_images=frames[1:], resolution=dpi, quality=95)
    return path


PAGES = [picture(330, 450, seed=n) for n in range(3)]


@pytest.mark.parametrize("options", [{}, {"compression": "tiff_lzw"}, {"compression": "tiff_deflate"}])
def test_every_frame_of_a_tiff_is_a_page_without_loss(tmp_path: Path, options: dict[str, str]) -> None:
    found = scans.expand(tiff(tmp_path / "扫描.tif", PAGES, **options))
    assert [s.path.name for s in found] == ["扫描 1.png", "扫描 2.png", "扫描 3.png"]
    for sample, page in zip(found, PAGES, strict=True):
        assert np.array_equal(pixels.decode(pixels.normalise(sample.read()).data), page)
        assert sample.boxes is None


def test_a_tiff_of_one_frame_is_itself(tmp_path: Path) -> None:
    path = tiff(tmp_path / "one.tiff", PAGES[:1])
    assert [(s.path, s.load) for s in scans.expand(path)] == [(path, None)]


def test_a_fax_of_one_bit_frames_comes_in_black_and_white(tmp_path: Path) -> None:
    frames = [Image.fromarray(p[..., 0]).convert("1") for p in PAGES]
    path = tmp_path / "fax.tif"
    frames[0].save(path, save_all=True, append_images=frames[1:], compression="group4")
    found = scans.expand(path)
    assert len(found) == 3
    assert set(np.unique(pixels.decode(pixels.normalise(found[1].read()).data))) == {0, 255}


@pytest.mark.parametrize("dpi", [100, 150, 300])
def test_every_page_of_a_pdf_is_about_as_fine_as_the_scan_in_it(tmp_path: Path, dpi: int) -> None:
    pages = [picture(dpi * 4, dpi * 5, seed=n) for n in range(2)]
    found = scans.expand(pdf(tmp_path / "scan é.pdf", pages, dpi))
    assert [s.path.name for s in found] == ["scan é 1.jpg", "scan é 2.jpg"]
    for sample, page in zip(found, pages, strict=True):
        shown = pixels.decode(pixels.normalise(sample.read()).data)
        assert shown.shape[1] == pytest.approx(page.shape[1] * max(dpi, 120) / dpi, abs=3)
        small = np.asarray(Image.fromarray(shown).resize((40, 50), Image.Resampling.BOX), float)
        want = np.asarray(Image.fromarray(page).resize((40, 50), Image.Resampling.BOX), float)
        assert np.abs(small - want).mean() < 12


@pytest.mark.parametrize("data", [b"", b"%PDF-1.4 nothing more", b"\x00" * 4000])
def test_a_damaged_pdf_is_one_sample_that_says_so(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "bad.pdf"
    path.write_bytes(data)
    (sample,) = scans.expand(path)
    with pytest.raises(BadInput, match=r"bad\.pdf"):
        sample.read()


def test_a_pdf_with_a_password_asks_for_one_without(tmp_path: Path) -> None:
    path = pdf(tmp_path / "plain.pdf", PAGES[:1])
    import pypdfium2

    with pytest.raises(pypdfium2.PdfiumError):
        pypdfium2.PdfDocument(path.read_bytes()[:200])
    (sample,) = scans.expand(tmp_path / "missing.pdf")
    with pytest.raises(BadInput):
        sample.read()


def test_a_frame_cut_off_is_told_and_the_others_come_in(tmp_path: Path) -> None:
    whole = tiff(tmp_path / "cut.tif", PAGES).read_bytes()
    path = tmp_path / "cut.tif"
    path.write_bytes(whole[: len(whole) - 2000])
    good = bad = 0
    for sample in scans.expand(path):
        try:
            pixels.normalise(sample.read())
            good += 1
        except BadInput:
            bad += 1
    assert bad >= 1
    assert good + bad == len(scans.expand(path))


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    out = io.BytesIO()
    Image.fromarray(PAGES[0]).save(out, "PNG")
    path.write_bytes(out.getvalue())
    assert [(s.path, s.load) for s in scans.expand(path)] == [(path, None)]

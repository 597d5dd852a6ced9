"""Files that hold several pages: PDF scans and TIFFs with more than one frame, each page a picture of its own."""

import io
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from labeler.core.errors import BadInput
from labeler.core.i18n import tr
from labeler.formats import rasters
from labeler.formats.sample import Sample

SUFFIXES = frozenset({".pdf"})
"""File name endings, beside those of pictures, that import looks at."""
_TIFF = frozenset({".tif", ".tiff"})
_DPI_LOW, _DPI_USUAL, _DPI_HIGH = 120.0, 200.0, 300.0
_MOST_PAGES = 2000
_MOST_INCHES = 60.0

_pdfium = threading.Lock()  # PDFium runs on one thread at a time


def expand(path: Path) -> list[Sample]:
    """The pages of the file at `path` as samples without labels; a picture of one page is its own single sample.

    Nothing is raised here: what is wrong with a file is said when its sample is read.
    """
    suffix = path.suffix.lower()
    if suffix not in _TIFF | SUFFIXES:
        return [Sample(path, None)]
    try:
        count = _pdf_pages(path) if suffix in SUFFIXES else _tiff_pages(path)
    except BadInput as error:
        return [Sample(path, None, load=partial(_refuse, error))]
    if count == 1 and suffix in _TIFF:
        return [Sample(path, None)]
    read: Callable[[Path, int], bytes] = pdf_page if suffix in SUFFIXES else tiff_page
    digits = len(str(count))
    return [
        Sample(
            path.with_name(f"{path.stem} {n + 1:0{digits}d}{_ENDING[suffix in SUFFIXES]}"),
            None,
            load=partial(read, path, n),
        )
        for n in range(count)
    ]


_ENDING = {True: ".jpg", False: ".png"}


def pdf_page(path: Path, number: int) -> bytes:
    """Page `number` (from 0) of a PDF as a JPEG, about as fine as the scan in it. Raises BadInput or OSError."""
    with _pdfium:
        document = _open_pdf(path)
        try:
            page = document[number]
            width, height = (side / 72 for side in page.get_size())
            if max(width, height) > _MOST_INCHES:
                raise BadInput(tr("Page {number} of {name} is too large.", number=number + 1, name=path.name))
            picture = page.render(scale=_resolution(page) / 72).to_numpy()
            return rasters.jpeg(
                picture[..., 2::-1] if picture.ndim == 3 and picture.shape[2] >= 3 else picture.squeeze()
            )
        except BadInput:
            raise
        except Exception as error:
            raise BadInput(tr("Page {number} of {name} is damaged.", number=number + 1, name=path.name)) from error
        finally:
            document.close()


def tiff_page(path: Path, number: int) -> bytes:
    """Frame `number` (from 0) of a TIFF as a file of its own, without loss. Raises BadInput or OSError."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(path.read_bytes()), formats=("TIFF",)) as picture:
            picture.seek(number)
            out = io.BytesIO()
            picture.save(out, "TIFF", compression="tiff_deflate")
            return out.getvalue()
    except OSError as error:
        if error.errno is not None:
            raise
        raise BadInput(tr("Page {number} of {name} is damaged.", number=number + 1, name=path.name)) from error
    except Exception as error:
        raise BadInput(tr("Page {number} of {name} is damaged.", number=number + 1, name=path.name)) from error


def _pdf_pages(path: Path) -> int:
    with _pdfium:
        document = _open_pdf(path)
        try:
            count = len(document)
        finally:
            document.close()
    if not 0 < count <= _MOST_PAGES:
        raise BadInput(tr("{name} has no pages, or more than {most}.", name=path.name, most=_MOST_PAGES))
    return count


def _tiff_pages(path: Path) -> int:
    from PIL import Image

    try:
        with Image.open(path, formats=("TIFF",)) as picture:
            return min(int(getattr(picture, "n_frames", 1)), _MOST_PAGES)
    except Exception:  # noqa: BLE001 - reading it as a picture says what is wrong
        return 1


def _open_pdf(path: Path) -> Any:
    import pypdfium2

    try:
        return pypdfium2.PdfDocument(path.read_bytes())
    except OSError as error:
        raise BadInput(
            tr("{name} cannot be opened: {reason}", name=path.name, reason=error.strerror or error)
        ) from error
    except pypdfium2.PdfiumError as error:
        raise BadInput(
            tr("{name} is damaged, or protected by a password.", name=path.name),
            tr("Save it without a password first."),
        ) from error


def _resolution(page: Any) -> float:
    """Dots per inch of the largest picture on a page, within reason; the usual where there is none."""
    import pypdfium2.raw as raw

    best = 0.0
    for found in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3):
        left, bottom, right, top = found.get_bounds()
        inches = max((right - left) / 72, 1e-3), max((top - bottom) / 72, 1e-3)
        wide, tall = found.get_px_size()
        if inches[0] * inches[1] > 1:
            best = max(best, min(wide / inches[0], tall / inches[1]))
    return min(max(best, _DPI_LOW), _DPI_HIGH) if best else _DPI_USUAL


def _refuse(error: BadInput) -> bytes:
    raise error

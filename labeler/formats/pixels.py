"""Turns the bytes of any picture file into upright, 8-bit, metadata-free JPEG or PNG bytes, without loss where that can be.

Owns what counts as a picture. Knows nothing of labels or projects. Safe to call from several threads.
"""

import io
import warnings
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Literal

import numpy as np
import numpy.typing as npt

from labeler.core.errors import BadInput
from labeler.core.i18n import tr
from labeler.formats import colours, containers, fingerprints

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

IMAGE_SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".bmp", ".dib", ".tif", ".tiff"}
    | {".webp", ".gif", ".heic", ".heif", ".avif", ".pgm", ".ppm", ".pbm"}
)
"""File name endings (lower case) that import looks at. What a file is, its bytes decide."""

MAX_PIXELS = 300_000_000
"""Larger pictures are refused: an A3 page at 1,200 dpi fits, a decompression bomb does not."""

JPEG_QUALITY = 95
_PNG_LEVEL = 3
_JPEG_MAX_SIDE = 65_500
_FORMATS = ("JPEG", "PNG", "BMP", "DIB", "GIF", "PPM", "TIFF", "WEBP", "AVIF")
_TIFF_WIDTH, _TIFF_HEIGHT, _ORIENTATION = 256, 257, 274
_HEIF_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1")


@dataclass(frozen=True, slots=True)
class Upright:
    """A picture as the project keeps it: 8-bit RGB or grey, turned upright, with no metadata at all.

    `width` and `height` are in pixels; `thumbnail` is a JPEG of at most 256 pixels; `fingerprint` is a perceptual hash
    of 64 bits (signed), compared by `fingerprints.distance`.
    """

    data: bytes
    format: Literal["jpeg", "png"]
    width: int
    height: int
    thumbnail: bytes
    fingerprint: int

    @property
    def suffix(self) -> Literal[".jpg", ".png"]:
        return ".jpg" if self.format == "jpeg" else ".png"


def normalise(data: bytes, *, name: str = "") -> Upright:
    """The picture in `data`, upright and clean. `name` is for messages only.

    Upright JPEGs and 8-bit PNGs lose their metadata and keep every pixel. Anything else is written anew: as JPEG where
    the source was stored with loss (a turned JPEG, CMYK, WebP, HEIC), else as PNG. Of several pages or frames the first.
    Raises BadInput with one sentence when this is no picture, or not a whole one.
    """
    name = name or tr("The file")
    picture = _open(io.BytesIO(data), name)
    kind = picture.format or ""
    stripped = _stripped(picture, data)
    try:
        if stripped is None:
            upright = colours.eight_bit(_turned(picture))
            stripped, kind = _encoded(upright, is_lossy=_is_lossy(picture, data))
        else:
            # Decoding what was kept, not what came in, proves that the stripping left a whole picture.
            upright = _open(io.BytesIO(stripped), name)
        width, height = upright.size
        small = fingerprints.shrink(upright)
    except Exception as error:
        raise _damaged(name) from error
    return Upright(
        data=stripped,
        format="png" if kind == "PNG" else "jpeg",
        width=width,
        height=height,
        thumbnail=fingerprints.thumbnail_bytes(small),
        fingerprint=fingerprints.fingerprint(small),
    )


def decode(data: bytes) -> npt.NDArray[np.uint8]:
    """Pixels of normalised bytes: shape (height, width, 3), uint8, RGB, upright. Raises BadInput for anything unreadable."""
    name = tr("The picture")
    picture = _open(io.BytesIO(data), name)
    try:
        return np.array(picture.convert("RGB"))
    except Exception as error:
        raise _damaged(name) from error


def glance(data: bytes, *, side: int) -> npt.NDArray[np.uint8] | None:
    """A small grey version, (h, w), its longer side about `side`, not turned upright; quick for JPEGs. None for what is no picture."""
    try:
        picture = _open(io.BytesIO(data), "")
        picture.draft("L", (side, side))
        grey = picture.convert("L")
        grey.thumbnail((side, side))
        return np.asarray(grey)
    except Exception:  # noqa: BLE001 - whatever is wrong with it, reading it in full will say so
        return None


def size_of(path: Path) -> tuple[int, int]:
    """Width and height in pixels of the upright picture at `path`, from its header alone.

    Raises BadInput when it cannot be opened or is no picture; that the rest of it is whole is not checked.
    """
    try:
        with path.open("rb") as file:
            return _upright_size(file, path.name)
    except OSError as error:
        raise BadInput(
            tr("{name} cannot be opened: {reason}", name=path.name, reason=error.strerror or error)
        ) from error


def size_of_bytes(data: bytes, *, name: str = "") -> tuple[int, int]:
    """As `size_of`, for a picture in memory."""
    return _upright_size(io.BytesIO(data), name or tr("The file"))


def _upright_size(file: BinaryIO, name: str) -> tuple[int, int]:
    picture = _open(file, name)
    # Pillow turns TIFFs by itself, and their size with them in recent releases only.
    tags = getattr(picture, "tag_v2", {})
    width, height = tags.get(_TIFF_WIDTH, picture.width), tags.get(_TIFF_HEIGHT, picture.height)
    return (height, width) if _orientation(picture) >= 5 else (width, height)


def _open(file: BinaryIO, name: str) -> "Picture":
    """The picture with its header read and its pixels not."""
    from PIL import Image

    _prepare()
    _load_plugins()
    head = file.read(32)
    if not head:
        raise BadInput(tr("{name} is empty.", name=name))
    file.seek(0)
    formats: tuple[str, ...] = _FORMATS
    if head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS and b"avif" not in head:
        _load_heif_plugin()
        formats = ("HEIF",)
    try:
        picture = Image.open(file, formats=formats)
    except Exception as error:
        hint = tr("Pictures are JPEG, PNG, TIFF, BMP, WebP, GIF, HEIC and the like.")
        raise BadInput(tr("{name} is not a picture that can be read.", name=name), hint) from error
    width, height = picture.size
    if width * height > MAX_PIXELS:
        millions = round(width * height / 1e6)
        raise BadInput(tr("{name} has {millions} million pixels, more than is safe.", name=name, millions=millions))
    return picture


def _prepare() -> None:
    from PIL import Image

    # The limit is ours (MAX_PIXELS), an error rather than a warning. What Pillow has to say about odd metadata, which
    # gets dropped anyway, is nobody's concern. Not cached: whoever resets the warning filters must not change us.
    Image.MAX_IMAGE_PIXELS = None
    warnings.filterwarnings("ignore", module=r"PIL\.")


@cache
def _load_plugins() -> None:
    # Pillow loads these by itself only once it has tried all others, and all others are none of ours.
    from PIL import (  # noqa: F401  # noqa: F401
        AvifImagePlugin,
        BmpImagePlugin,
        GifImagePlugin,
        JpegImagePlugin,
        PngImagePlugin,
        PpmImagePlugin,
        TiffImagePlugin,
        WebPImagePlugin,
    )


@cache
def _load_heif_plugin() -> None:
    import pillow_heif

    pillow_heif.register_heif_opener()


def _damaged(name: str) -> BadInput:
    return BadInput(tr("{name} is damaged or cut off, so not all of the picture is there.", name=name))


def _orientation(picture: "Picture") -> int:
    """The EXIF orientation, 1…8; 1 where there is none or it cannot be read."""
    try:
        value = picture.getexif().get(_ORIENTATION, 1)
    except Exception:  # noqa: BLE001 - damaged EXIF raises anything, and then says nothing about the picture
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _turned(picture: "Picture") -> "Picture":
    from PIL.Image import Transpose

    ways = (
        Transpose.FLIP_LEFT_RIGHT,
        Transpose.ROTATE_180,
        Transpose.FLIP_TOP_BOTTOM,
        Transpose.TRANSPOSE,
        Transpose.ROTATE_270,
        Transpose.TRANSVERSE,
        Transpose.ROTATE_90,
    )
    picture.load()
    orientation = _orientation(picture)
    if orientation == 1:
        return picture
    turned = picture.transpose(ways[orientation - 2])
    turned.info = picture.info
    return turned


def _stripped(picture: "Picture", data: bytes) -> bytes | None:
    """`data` without metadata and with its pixels as they are; None where the picture must be written anew."""
    if picture.mode not in ("L", "RGB") or _orientation(picture) != 1 or colours.has_foreign_colours(picture):
        return None
    if picture.format in ("JPEG", "MPO"):
        return containers.strip_jpeg(data)
    return containers.strip_png(data) if picture.format == "PNG" else None


def _is_lossy(picture: "Picture", data: bytes) -> bool:
    if picture.format == "WEBP":
        return containers.is_lossy_webp(data)
    return picture.format in ("JPEG", "MPO", "HEIF", "AVIF") or picture.info.get("compression") == "jpeg"


def _encoded(picture: "Picture", *, is_lossy: bool) -> tuple[bytes, str]:
    """The bytes of an 8-bit grey or RGB picture, and JPEG or PNG."""
    out = io.BytesIO()
    picture.info = {}
    if is_lossy and max(picture.size) <= _JPEG_MAX_SIDE:
        picture.save(out, "JPEG", quality=JPEG_QUALITY, subsampling=0)
        return out.getvalue(), "JPEG"
    picture.save(out, "PNG", compress_level=_PNG_LEVEL)
    return out.getvalue(), "PNG"

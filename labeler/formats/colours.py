"""Brings any pixels a picture file can hold to 8-bit grey or sRGB on white. Knows nothing of files or metadata."""

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from PIL.Image import Image as Picture
    from PIL.ImageCms import ImageCmsTransform

TOLERANCE = 8
"""Greatest difference (of 255) that a colour profile may make and still be dropped unheard."""

_WHITE_IS_ZERO = 0
_PHOTOMETRIC_TAG = 262


def eight_bit(picture: "Picture") -> "Picture":
    """`picture` as mode L or RGB: depth scaled to 8 bits, palette looked up, alpha flattened on white, sRGB."""
    if picture.mode.startswith("I;16"):
        return _sixteen_bit(picture)
    if picture.mode in ("I", "F"):
        return _from_numbers(np.asarray(picture))
    if picture.mode == "1":
        return picture.convert("L")
    if picture.has_transparency_data:
        return _managed(_on_white(picture), picture)
    if picture.mode == "P":
        return _managed(picture.convert("RGB"), picture)
    return _managed(picture, picture)


def has_foreign_colours(picture: "Picture") -> bool:
    """Whether `picture` (not yet decoded) has a colour profile that changes what is seen."""
    profile = picture.info.get("icc_profile")
    return bool(profile) and picture.mode in ("L", "RGB") and _transform(profile, picture.mode) is not None


def _on_white(picture: "Picture") -> "Picture":
    from PIL import Image

    is_grey = picture.mode in ("L", "LA", "La", "1")
    layers = picture.convert("RGBA")
    mode = "L" if is_grey else "RGB"
    page = Image.new(mode, picture.size, "white")
    page.paste(layers.convert(mode), mask=layers.getchannel("A"))
    return page


def _sixteen_bit(picture: "Picture") -> "Picture":
    from PIL import Image

    values = np.asarray(picture).astype(np.uint32)
    grey = ((values * 255 + 32767) // 65535).astype(np.uint8)
    tags = getattr(picture, "tag_v2", {})
    # Pillow turns 8-bit TIFFs that store ink rather than light, but not 16-bit ones.
    is_inverted = tags.get(_PHOTOMETRIC_TAG) == _WHITE_IS_ZERO
    return Image.fromarray(255 - grey if is_inverted else grey)


def _from_numbers(values: npt.NDArray[np.generic]) -> "Picture":
    """32-bit integers or floats: by their greatest value the scale is 0…1, 0…255 or 0…65535, else from least to greatest."""
    from PIL import Image

    numbers = np.nan_to_num(values.astype(np.float64), nan=0.0, posinf=0.0, neginf=0.0)
    low, high = float(numbers.min()), float(numbers.max())
    is_fraction = values.dtype.kind == "f" and low >= 0.0 and high <= 1.0
    if low < 0.0 or high > 65535.0:
        numbers, scale = numbers - low, (high - low) / 255.0
    elif is_fraction:
        scale = 1.0 / 255.0
    else:
        scale = 1.0 if high <= 255.0 else 257.0
    return Image.fromarray(np.clip(np.rint(numbers / scale), 0, 255).astype(np.uint8))


def _managed(picture: "Picture", original: "Picture") -> "Picture":
    """`picture` in sRGB, by the colour profile of `original` where that matters; the result is L or RGB."""
    from PIL import ImageCms

    profile = original.info.get("icc_profile") or b""
    transform = _transform(profile, picture.mode)
    if transform is None:
        return picture if picture.mode in ("L", "RGB") else picture.convert("RGB")
    result = ImageCms.applyTransform(picture, transform)
    assert result is not None
    return result.convert("L") if picture.mode == "L" else result


@lru_cache(maxsize=16)
def _transform(profile: bytes, mode: str) -> "ImageCmsTransform | None":
    """The way from `profile` to sRGB; None where there is none to go: no profile, a broken one, or nearly sRGB already."""
    import io

    from PIL import ImageCms

    if not profile and mode != "LAB":
        return None
    srgb = ImageCms.createProfile("sRGB")
    try:
        source = ImageCms.createProfile("LAB") if mode == "LAB" else ImageCms.getOpenProfile(io.BytesIO(profile))
        transform = ImageCms.buildTransform(source, srgb, mode, "RGB", ImageCms.Intent.RELATIVE_COLORIMETRIC)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None
    return transform if mode not in ("L", "RGB") or _difference(transform, mode) > TOLERANCE else None


def _difference(transform: "ImageCmsTransform", mode: str) -> int:
    """The greatest change in any channel that `transform` makes over a grid of colours."""
    from PIL import Image, ImageCms

    steps = np.arange(0, 256, 51, dtype=np.uint8)
    cube = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(1, -1, 3)
    before = Image.fromarray(cube).convert(mode)
    after = ImageCms.applyTransform(before, transform)
    assert after is not None
    apart = np.abs(np.asarray(after).astype(int) - np.asarray(before.convert("RGB")).astype(int))
    return int(apart.max())

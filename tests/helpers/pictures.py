"""Small pictures made on the spot, each different, as bytes or files."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image as Picture

PictureFile = Callable[..., Path]


def pixels(width: int = 64, height: int = 48, *, seed: int = 0, grey: bool = False) -> np.ndarray:
    """A soft gradient that depends on `seed`: shape (height, width, 3), or (height, width) where `grey`; uint8."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width]
    planes = [
        127.5
        + 60 * np.sin(x / width * rng.uniform(2, 9) + rng.uniform(0, 6))
        + 60 * np.cos(y / height * rng.uniform(2, 9))
        for _ in range(1 if grey else 3)
    ]
    picture = np.stack(planes, axis=-1).clip(0, 255).astype(np.uint8)
    return picture[..., 0] if grey else picture


def encoded(picture: np.ndarray, format: str = "PNG", **options: object) -> bytes:
    """`picture` (RGB or grey, uint8) as the bytes of a file."""
    out = io.BytesIO()
    Picture.fromarray(picture).save(out, format=format, **options)
    return out.getvalue()


def decoded(data: bytes) -> np.ndarray:
    """Bytes of a picture as (h, w, 3) RGB, turned upright as its EXIF says."""
    from PIL import ImageOps

    with Picture.open(io.BytesIO(data)) as picture:
        return np.asarray(ImageOps.exif_transpose(picture).convert("RGB"))

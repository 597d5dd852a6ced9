"""Pixels to PNG bytes: for pictures that are made here and not read from a file."""

import io

import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]


def png(picture: Picture) -> bytes:
    """A picture, (h, w, 3) RGB or (h, w) grey, as a PNG without metadata."""
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(picture).save(out, "PNG", compress_level=3)
    return out.getvalue()


def jpeg(picture: Picture, *, quality: int = 92) -> bytes:
    """The same as a JPEG with full colour resolution."""
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(picture).save(out, "JPEG", quality=quality, subsampling=0)
    return out.getvalue()

"""What light, lens, sensor and file format do to a page. Changes pixels, never places."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from labeler.training.synth.paper import Canvas, Generator


def photograph(canvas: Canvas, rng: Generator) -> Canvas:
    """Uneven light, a shadow at times, blur, colour cast, sensor noise and JPEG, each by its own chance."""
    image = canvas.astype(np.float32)
    image *= _light(canvas.shape[1], canvas.shape[0], rng)[:, :, None]
    if rng.random() < 0.4:
        image *= rng.uniform(0.82, 1.06, 3).astype(np.float32)
    return _develop(image, rng, blur=1.2, noise=9.0)


def scan(canvas: Canvas, rng: Generator) -> Canvas:
    """A flat-bed's picture: even light, a little blur and noise, often grey."""
    image: NDArray[np.float32] = canvas.astype(np.float32) * float(rng.uniform(0.85, 1.1)) + float(rng.uniform(-20, 20))
    out = _develop(image, rng, blur=0.9, noise=5.0)
    if rng.random() < 0.6:
        out[:] = out.mean(axis=2, keepdims=True).astype(np.uint8)
    return out


def jpeg(image: Canvas, quality: int) -> Canvas:
    """The picture after a round through JPEG."""
    import cv2

    _, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)


def _light(width: int, height: int, rng: Generator) -> NDArray[np.float32]:
    import cv2

    corners = rng.uniform(0.6, 1.1, (2, 2)).astype(np.float32)
    field = cv2.resize(corners, (width, height), interpolation=cv2.INTER_LINEAR)
    if rng.random() < 0.3:
        shade = np.ones((height, width), np.float32)
        hull = (rng.uniform(-0.3, 1.3, (int(rng.integers(3, 6)), 2)) * (width, height)).astype(np.int32)
        cv2.fillPoly(shade, [hull], float(rng.uniform(0.45, 0.85)))
        soft = float(rng.uniform(1, 25))
        field = field * cv2.GaussianBlur(shade, (0, 0), soft)
    return np.asarray(field, np.float32)


def _develop(image: NDArray[np.float32], rng: Generator, *, blur: float, noise: float) -> Canvas:
    import cv2

    if rng.random() < 0.5:
        image = cv2.GaussianBlur(image, (0, 0), float(rng.uniform(0.3, blur)))
    if rng.random() < 0.1:
        length = int(rng.integers(2, 5))
        kernel = np.zeros((length, length), np.float32)
        kernel[length // 2 if rng.random() < 0.5 else slice(None), :] = 1.0
        image = cv2.filter2D(image, -1, kernel / kernel.sum())
    if rng.random() < 0.6:
        grain = rng.standard_normal(image.shape[:2], np.float32)[:, :, None]
        image = image + grain * float(rng.uniform(0.5, noise))
    out = np.clip(image, 0, 255).astype(np.uint8)
    return jpeg(out, int(rng.integers(35, 95))) if rng.random() < 0.6 else out

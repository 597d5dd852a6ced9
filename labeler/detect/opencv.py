"""The one door to OpenCV: importing cv2 points Qt at OpenCV's own Qt 5 plugins, which a later PySide6 window dies of."""

import os
from typing import Any


def load() -> Any:
    """The module `cv2`, with the environment it leaves behind put right."""
    kept = {name: os.environ.get(name) for name in ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR")}
    import cv2

    for name, value in kept.items():
        # A value of the user's own stays; one that points into cv2 came with an import somewhere else.
        if value is None or f"{os.sep}cv2{os.sep}" in value:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
    return cv2

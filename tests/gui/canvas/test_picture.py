"""Pictures are decoded by several threads at once, whole and small, and no two wait for each other for ever."""

import subprocess
import sys
from pathlib import Path

import pytest

from labeler.core.errors import BadInput
from labeler.gui.canvas import picture
from tests.helpers.pictures import encoded, pixels

MANY = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from PySide6.QtWidgets import QApplication
from labeler.gui.canvas import picture
application = QApplication(["pictures", "-platform", "offscreen"])
data = Path(sys.argv[1]).read_bytes()
with ThreadPoolExecutor(4) as pool:
    jobs = [pool.submit(*((picture.decode, data) if n % 2 else (picture.decode_small, data, 96))) for n in range(2000)]
    assert all(job.result() is not None for job in jobs)
"""


def test_threads_that_decode_at_once_all_come_to_an_end(tmp_path: Path) -> None:
    file = tmp_path / "page.jpg"
    file.write_bytes(encoded(pixels(400, 300), "JPEG"))
    subprocess.run([sys.executable, "-c", MANY, str(file)], check=True, timeout=120)


def test_a_small_picture_keeps_its_shape_and_is_never_enlarged() -> None:
    data = encoded(pixels(400, 300))
    small, same = picture.decode_small(data, 100), picture.decode_small(data, 4000)
    assert (small.width(), small.height()) == (100, 75)
    assert (same.width(), same.height()) == (400, 300)


@pytest.mark.parametrize("data", [b"", b"no picture", encoded(pixels(40, 30))[:40]])
def test_what_is_no_picture_is_said(data: bytes) -> None:
    with pytest.raises(BadInput):
        picture.decode(data)

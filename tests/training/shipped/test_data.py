"""The training set: the same files from one seed, and tiles whose boxes stay on their digits."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from labeler.training.shipped import data, tiles
from labeler.training.synth.page import Page, Sources, make_page


def test_the_set_is_the_same_from_one_seed_whatever_the_number_of_processes(tmp_path: Path) -> None:
    one, two = tmp_path / "一", tmp_path / "two"
    assert data.build(tmp_path / "no data", one / "data", pages=8, seed=3, processes=1) == 10
    command = ["build-data", "--data", tmp_path / "no data", "--work", two, "--pages", 8, "--seed", 3, "--processes", 2]
    subprocess.run([sys.executable, "-m", "labeler.training.shipped", *map(str, command)], check=True, timeout=120)
    first, second = ({p.name: p.read_bytes() for p in sorted(n.rglob("*.*"))} for n in (one, two))
    assert first == second
    assert len(first) == 20


def test_labels_survive_writing_and_reading(tmp_path: Path) -> None:
    page = make_page(np.random.default_rng(4), Sources(), kind="pad")
    data.write_page(page, tmp_path / "é.jpg", tmp_path)
    again = tiles.read_page(tmp_path / "é.jpg", tmp_path / "é.txt")
    assert again.image.shape == page.image.shape
    assert again.boxes == pytest.approx(page.boxes, abs=1e-3)


def _page_of_frames() -> Page:
    image = np.full((300, 500, 3), 255, np.uint8)
    boxes = []
    for digit in range(10):
        x, y = 40 + (digit % 5) * 90, 60 + (digit // 5) * 120
        image[y : y + 50, x : x + 30] = 20 * digit
        image[y + 8 : y + 42, x + 8 : x + 22] = 255
        boxes.append((digit, x, y, x + 30, y + 50))
    return Page(image, np.array(boxes, np.float64))


@pytest.mark.parametrize("seed", range(25))
def test_a_window_keeps_each_whole_digit_under_its_box(seed: int) -> None:
    tile = tiles.window(_page_of_frames(), np.random.default_rng(seed))
    assert max(tile.image.shape[:2]) <= tiles.TILE
    for digit, x1, y1, x2, y2 in tile.boxes:
        if (x2 - x1) / (y2 - y1) != pytest.approx(0.6, abs=0.03):
            continue  # cut by the window's edge: its left rim may be outside
        ink = tile.image[int((y1 + y2) / 2), int(x1 + 0.13 * (x2 - x1))]
        assert np.abs(ink.astype(int) - 20 * int(digit)).max() <= 12


@pytest.mark.parametrize("seed", range(10))
def test_a_window_shows_no_digit_without_a_box(seed: int) -> None:
    tile = tiles.window(_page_of_frames(), np.random.default_rng(seed), low=60, high=90)
    image = tile.image.copy()
    for _, x1, y1, x2, y2 in tile.boxes:
        image[max(0, int(y1) - 2) : int(y2) + 3, max(0, int(x1) - 2) : int(x2) + 3] = 255
    assert (image < 190).mean() < 0.02


def test_a_stack_holds_each_strip_with_its_boxes() -> None:
    tile = tiles.stacked([_page_of_frames()] * 2, np.random.default_rng(2))
    assert tile.image.shape == (tiles.TILE, tiles.TILE, 3)
    assert len(tile.boxes) in {10, 20}
    for digit, x1, y1, x2, y2 in tile.boxes:
        ink = tile.image[int((y1 + y2) / 2), int(x1 + 0.13 * (x2 - x1))]
        assert np.abs(ink.astype(int) - 20 * int(digit)).max() <= 12

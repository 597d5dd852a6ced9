"""A page is looked at again where its digits are tiny or huge in the input, and that look counts unless it saw clearly less."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeler.core.boxes import Detection, iou
from labeler.core.shipped import detector
from labeler.detect import looking
from labeler.detect.load import shipped
from labeler.detect.onnx import OnnxDetector
from labeler.training.synth.hands import Hand
from labeler.training.synth.homework import homework

sides = st.floats(1.0, 4000.0)
found_lists = st.lists(
    st.builds(lambda side, score: Detection(0, 0, side, side / 2, 3, score), sides, st.floats(0.01, 1.0)), max_size=12
)
sizes = st.integers(10, 40).map(lambda n: 32 * n)
OWN = 512


@given(found=found_lists, longest=st.integers(20, 8000), own=sizes, share=st.floats(0.1, 1.0))
def test_a_size_is_a_whole_number_of_strides_and_never_beyond_what_the_page_has(
    found: list[Detection], longest: int, own: int, share: float
) -> None:
    size = max(32, int(own * share) // 32 * 32)
    chosen = looking.next_size(found, longest=longest, size=size, own=own)
    assert chosen % 32 == 0
    assert 0 < chosen <= max(own, min(looking.LARGEST, longest))


@given(longest=st.integers(1, 8000), own=sizes)
def test_a_small_page_is_first_seen_as_it_is_and_no_page_larger_than_the_models_own_size(
    longest: int, own: int
) -> None:
    first = looking.first_size(longest, own=own)
    assert first % 32 == 0
    assert min(own, looking.SMALLEST_FIRST) <= first <= own
    assert first == own or first < max(longest, looking.SMALLEST_FIRST) + 32


@given(longest=st.integers(600, 8000), side=st.floats(4.0, 500.0))
def test_the_size_chosen_brings_the_usual_digit_where_it_should_be(longest: int, side: float) -> None:
    chosen = looking.next_size([Detection(0, 0, side, side, 1, 0.9)], longest=longest, size=512, own=OWN)
    before, after = side * 512 / longest, side * chosen / longest
    if looking.TOO_SMALL <= before <= looking.TOO_LARGE:
        assert chosen == 512
    elif before < looking.TOO_SMALL:
        assert before <= after <= looking.SMALL_AIM * 1.1
    else:
        assert after < before


@pytest.mark.parametrize(("large_sees", "kept"), [(3, 3), (1, 2)])
def test_a_look_that_saw_clearly_less_does_not_count(large_sees: int, kept: int) -> None:
    asked: list[int] = []

    def at(size: int) -> list[Detection]:
        asked.append(size)
        return [Detection(20 * i, 0, 10, 10, 1, 0.9) for i in range(2 if size == 512 else large_sees)]

    assert len(looking.look(at, longest=1024, own=OWN)) == kept
    assert asked[0] == 512
    assert len(asked) == len(set(asked)) <= looking.LOOKS


@pytest.mark.parametrize(("longest", "looks"), [(800, [512]), (300, [352, 512]), (1100, [512, 1024])])
def test_a_blank_page_is_looked_at_once_more_where_that_can_show_more(longest: int, looks: list[int]) -> None:
    asked: list[int] = []

    def at(size: int) -> list[Detection]:
        asked.append(size)
        return []

    assert looking.look(at, longest=longest, own=OWN) == []
    assert asked == looks


def test_small_writing_on_a_small_page_is_enlarged_to_the_models_own_size() -> None:
    assert looking.next_size([Detection(0, 0, 10, 10, 1, 0.9)], longest=300, size=352, own=OWN) == OWN


def share_found(found: list[Detection], truth: np.ndarray) -> float:
    digits = [Detection(x1, y1, x2 - x1, y2 - y1, int(c), 1.0) for c, x1, y1, x2, y2 in truth]
    return float(np.mean([any(d.class_id == t.class_id and iou(d, t) > 0.5 for d in found) for t in digits]))


@pytest.mark.parametrize("seed", [1, 2])
def test_small_writing_on_a_large_scan_is_read(seed: int) -> None:
    rng = np.random.default_rng(seed)
    page = homework(rng, Hand(seed=40 + seed), width=700, height=500)
    scan = np.full((2600, 1900, 3), 250, np.uint8)
    scan[900:1400, 300:1000] = page.image
    truth = page.boxes + np.array([0, 300, 900, 300, 900])
    upright = np.ascontiguousarray(scan[:, :, ::-1])
    (found,) = shipped(threads=1).detect([upright])
    (once,) = OnnxDetector(detector().onnx, threads=1, look_again=False).detect([upright])
    assert share_found(found, truth) > 0.8
    assert share_found(found, truth) > share_found(once, truth) + 0.2

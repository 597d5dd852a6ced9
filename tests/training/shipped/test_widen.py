"""A wider network begins where the narrower one is, and the two halves of a channel are not the same."""

from typing import Any

import pytest
import torch
from ultralytics.nn.tasks import DetectionModel

from labeler.training.shipped.widen import fits, widened


def network(arch: str) -> Any:
    torch.manual_seed(3)
    model = DetectionModel(f"{arch}.yaml", nc=10, verbose=False)
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.normal_(module.running_mean, std=0.2)
    return model.eval()


def test_the_wider_network_computes_what_the_narrower_one_does() -> None:
    narrow, wide = network("yolov5n"), network("yolov5s")
    wide.load_state_dict(widened(narrow.state_dict(), wide.state_dict()))
    pages = torch.rand(2, 3, 96, 128)
    with torch.no_grad():
        expected, found = narrow(pages)[0], wide(pages)[0]
    assert expected[:, 4:].std() > 0
    torch.testing.assert_close(found, expected, atol=1e-3, rtol=1e-4)


def test_two_copies_of_a_channel_can_learn_apart() -> None:
    narrow, wide = network("yolov5n"), network("yolov5s")
    weight = widened(narrow.state_dict(), wide.state_dict())["model.1.conv.weight"]
    assert not torch.allclose(weight[:, 0::2], weight[:, 1::2])


def test_a_network_as_wide_keeps_its_weights() -> None:
    state = network("yolov5n").state_dict()
    assert all(torch.equal(value, state[name]) for name, value in widened(state, state).items())


def test_a_deeper_network_is_refused() -> None:
    narrow, deep = network("yolov5n").state_dict(), network("yolov5m").state_dict()
    assert not fits(narrow, deep)
    with pytest.raises(ValueError, match="doubled channels"):
        widened(narrow, deep)

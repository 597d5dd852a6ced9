"""What is written is what is read, and what cannot be read disturbs nothing."""

import json
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labeler.core.errors import BadInput, NotFound
from labeler.training import protocol
from labeler.training.archs import ARCHS, arch
from labeler.training.protocol import (
    AnyEvent,
    Batch,
    Cancelled,
    Checkpoint,
    Done,
    Epoch,
    Exporting,
    Failed,
    Interrupted,
    Request,
    Retrying,
    Started,
    Weights,
    decode,
    encode,
    read_events,
    read_request,
    write_request,
)  # fmt: skip

EVENTS: list[AnyEvent] = [
    Started(1, 50, 12, 16, 190, 40, 640, "cpu", 1, pid=7),
    Weights("学生.pt", 400, 427, used=True),
    Batch(1, 3, 12, {"box_loss": 1.5}, eta=30.0),
    Epoch(1, 50, {"box_loss": 1.5}, {"box_loss": 1.0}, 0.5, 0.3, 0.6, 0.4, 0.001, 12.5, 600.0, best=True),
    Checkpoint(1, "resume.pt"),
    Retrying(8, "less"),
    Exporting(),
    Done({"map50": 0.9}, "a.pt", "ab", "a.onnx", "cd", 50, 41, 99.0, {"images": 8.0}),
    Cancelled(3, resumable=True),
    Failed("disk_full", "The disk is full.", "Free some space."),
    Interrupted(resumable=True),
]


@pytest.mark.parametrize("event", EVENTS, ids=lambda e: e.kind)
def test_an_event_comes_back_as_it_was(event: AnyEvent) -> None:
    line = encode(event)
    assert "\n" not in line
    assert decode(line) == event
    assert json.loads(line)["kind"] == event.kind


def test_every_kind_of_event_is_tried() -> None:
    assert {type(e) for e in EVENTS} == set(protocol._KINDS.values())


def test_a_loss_that_is_no_number_survives_the_trip() -> None:
    event = decode(encode(Batch(1, 1, 1, {"box_loss": math.nan, "cls_loss": math.inf})))
    assert isinstance(event, Batch)
    assert all(math.isnan(v) for v in event.loss.values())


@given(st.text())
def test_garbage_is_no_event(text: str) -> None:
    assert decode(text) is None


@pytest.mark.parametrize(
    "line",
    [
        '{"v": 2, "kind": "exporting"}',
        '{"v": 1, "kind": "party"}',
        '{"v": 1, "kind": "checkpoint"}',
        "[]",
        '{"v": 1}',
        "7",
    ],
)
def test_what_is_of_another_version_or_kind_or_incomplete_is_skipped(line: str) -> None:
    assert decode(line) is None


def test_fields_of_a_later_version_are_ignored() -> None:
    assert decode('{"v": 1, "t": 5.0, "kind": "checkpoint", "epoch": 2, "path": "p", "mood": "good"}') == Checkpoint(
        2, "p", t=5.0
    )


@given(st.lists(st.integers(0, 40), max_size=8))
def test_events_are_read_once_however_the_file_grows(cuts: list[int]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.jsonl"
        data = "".join(encode(e) + "\n" for e in EVENTS).encode()
        step = len(data) // 40
        offset, seen = 0, []
        for end in [*sorted(c * step for c in cuts), len(data)]:
            path.write_bytes(data[:end])
            events, offset = read_events(path, offset)
            seen += events
        assert seen == EVENTS
        assert offset == len(data)


def test_noise_between_events_is_skipped(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"hello\n\xff\xfe\n" + encode(EVENTS[4]).encode() + b"\n\n" + encode(EVENTS[6]).encode())
    events, offset = read_events(path)
    assert events == [EVENTS[4]]
    with path.open("ab") as file:
        file.write(b"\n")
    assert read_events(path, offset)[0] == [EVENTS[6]]


def test_a_file_that_is_not_there_yet_holds_nothing(tmp_path: Path) -> None:
    assert read_events(tmp_path / "none.jsonl", 0) == ([], 0)


def test_an_order_comes_back_as_it_was(tmp_path: Path) -> None:
    order = Request("/数据/data.yaml", "yolov5n", "/w.pt", epochs=3, overrides={"lr0": 0.01, "freeze": [1, 2]})
    write_request(tmp_path / "é" / "run", order)
    assert read_request(tmp_path / "é" / "run") == order
    assert [p.name for p in (tmp_path / "é" / "run").iterdir()] == ["request.json"]


def test_an_order_that_is_missing_or_broken_is_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read_request(tmp_path)
    for text in ("", "[]", '{"arch": "yolov5n"}', "{"):
        (tmp_path / "request.json").write_text(text)
        with pytest.raises(BadInput):
            read_request(tmp_path)


def test_architectures_are_found_by_name() -> None:
    assert set(ARCHS) == {"yolov5n", "yolov5s", "yolo11n", "yolo11s", "yolo26n", "yolo26s"}
    assert arch("yolov5s").yaml == "yolov5s.yaml"
    with pytest.raises(NotFound, match="yolo99"):
        arch("yolo99")

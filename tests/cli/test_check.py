"""`labeler check` as a command: the contract's keys, plain values, and a summary."""

import json
from pathlib import Path

from tests.helpers import handwriting
from tests.helpers.command import labeler


def test_check_lists_findings_as_plain_values_and_in_words(tmp_path: Path) -> None:
    project, data = tmp_path / "项目", tmp_path / "data"
    labeler("init", project).ok()
    handwriting.write_yolo(data, {f"p{n}": handwriting.page(n, digits=6, width=480, height=360) for n in range(5)})
    label = data / "labels" / "train" / "p3.txt"
    first, *rest = label.read_text(encoding="utf-8").splitlines(keepends=True)
    digit, _, place = first.partition(" ")
    label.write_text("".join([f"{(int(digit) + 3) % 10} {place}", *rest]), encoding="utf-8")
    labeler("import", project, data).ok()
    answer = labeler("check", project, "--no-models", "--json").ok().json
    assert set(answer) >= {"findings", "images", "boxes", "witnesses"}
    swapped = [f for f in answer["findings"] if f["kind"] == "class"]
    assert swapped[0]["class_id"] == int(digit)
    assert set(swapped[0]) >= {"kind", "image", "box", "score", "text"}
    assert json.loads(json.dumps(answer)) == answer
    told = labeler("check", project, "--no-models").ok().out
    assert f"looks like {digit}" in told
    assert labeler("check", tmp_path / "nowhere").code == 2

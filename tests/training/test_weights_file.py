"""What a weights file asks for is known without opening it."""

import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from labeler.core import assets
from labeler.core.errors import BadInput, NotFound
from labeler.training import weights_file
from tests.helpers import gifts

Gift = Callable[[Path, Path], Path]


def test_the_shipped_weights_ask_for_networks_only() -> None:
    weights_file.refuse_programs(assets.weights() / "digits.pt")
    assert "ultralytics.nn.tasks.DetectionModel" in weights_file.look(assets.weights() / "digits.pt")


@pytest.mark.parametrize("gift", [gifts.bare, gifts.archive, gifts.modern], ids=lambda g: g.__name__)
def test_a_hidden_program_is_named_and_not_run(gift: Gift, tmp_path: Path) -> None:
    trace = tmp_path / "owned"
    file = gift(tmp_path / "礼物.pt", trace)
    with pytest.raises(BadInput, match="hides a program") as caught:
        weights_file.refuse_programs(file)
    assert ".system" in caught.value.message
    assert "礼物.pt" in caught.value.message
    assert caught.value.hint
    assert not trace.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="the gifts speak to a POSIX shell")
@pytest.mark.parametrize("gift", [gifts.bare, gifts.modern], ids=lambda g: g.__name__)
def test_the_gifts_are_real(gift: Gift, tmp_path: Path) -> None:
    """Whoever unpickles them without care does run the program, or these tests would prove nothing."""
    trace, file = tmp_path / "owned", gift(tmp_path / "gift.pt", tmp_path / "owned")
    code = """
import io, pickle, sys, zipfile
data = open(sys.argv[1], "rb").read()
if zipfile.is_zipfile(sys.argv[1]):
    data = zipfile.ZipFile(sys.argv[1]).read("gift/data.pkl")
pickle.loads(data)
"""
    subprocess.run([sys.executable, "-c", code, file], check=True, timeout=60)
    assert trace.exists()


@pytest.mark.parametrize(
    ("asked", "named"),
    [
        (b"cbuiltins\neval\n(V1\ntR.", "builtins.eval"),
        (b"(V1\ni__main__\nThing\n.", "__main__.Thing"),
        (b"\x80\x02cbuiltins\ngetattr\nq\x00.", "builtins.getattr"),
        (b"\x80\x04\x8c\x02os\x94\x8c\x04exec\x94h\x00h\x01\x93.", "os.exec"),
        (b"\x80\x02\x82\x01.", "?"),
        (b"ccollections\nOrderedDict\n(tR0cos\nsystem\n", "os.system"),
    ],
)
def test_names_are_found_however_they_are_written(asked: bytes, named: str, tmp_path: Path) -> None:
    file = tmp_path / "w.pt"
    file.write_bytes(asked)
    assert named in weights_file.look(file)
    with pytest.raises(BadInput, match="hides a program"):
        weights_file.refuse_programs(file)


def test_a_second_pickle_behind_a_harmless_one_is_read_too(tmp_path: Path) -> None:
    file = tmp_path / "w.pt"
    file.write_bytes(pickle.dumps({"a": 1}, protocol=2) + b"cos\nsystem\n(V1\ntR.")
    assert weights_file.look(file) == {"os.system"}


@pytest.mark.parametrize("content", [b"", b"no pickle", b"PK\x03\x04 torn", b"\x89PNG\r\n\x1a\n", bytes(4000)])
def test_what_is_no_weights_file_is_said_so(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "w.pt"
    file.write_bytes(content)
    with pytest.raises(BadInput, match="no file of PyTorch weights"):
        weights_file.look(file)


def test_a_missing_file_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        weights_file.look(tmp_path / "无.pt")

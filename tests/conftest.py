"""What every test gets: a home of its own, real projects, and a watch that fails it for what it leaves behind or logs unexpectedly.

Qt draws off screen unless `--headed`; Qt warnings fail a test (`qt_log_level_fail`), log records from WARNING up do too, unless
the test says `@pytest.mark.expected_log("regular expression")`.
"""

import logging
import os
import re
import shutil
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import hypothesis
import pytest
from PIL import Image

from labeler.services.project import Project
from tests.helpers import command, handwriting, leaks, pictures

ROOT = Path(__file__).resolve().parent.parent
SHARED = ROOT.parent / "shared" / "data"
MARK = uuid.uuid4().hex
PILLOW_OPEN = Image.open

hypothesis.settings.register_profile("local", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, database=None)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "local")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--headed", action="store_true", help="show the windows that tests open")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "expected_log(pattern): log records of WARNING and up that match do not fail the test"
    )
    if not config.getoption("--headed"):
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    os.environ["LABELER_TEST_RUN"] = MARK
    os.environ["LABELER_LANGUAGE"] = "en"
    os.environ["YOLO_OFFLINE"] = "1"


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("shared") is not None and not SHARED.is_dir():
        pytest.skip("needs the real handwriting in ../shared/data, which is not here")


@pytest.fixture(scope="session", autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home folder for the whole run: nothing is read from or written to the person's own."""
    folder = tmp_path_factory.mktemp("home")
    places = {
        "HOME": folder, "USERPROFILE": folder, "APPDATA": folder / "Roaming", "LOCALAPPDATA": folder / "Local",
        "XDG_CONFIG_HOME": folder / ".config", "XDG_DATA_HOME": folder / ".local" / "share", "XDG_STATE_HOME": folder / ".state",
        "XDG_CACHE_HOME": folder / ".cache", "YOLO_CONFIG_DIR": folder / "yolo", "MPLCONFIGDIR": folder / "mpl",
    }  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        for name, place in places.items():
            place.mkdir(parents=True, exist_ok=True)
            patch.setenv(name, str(place))
        yield folder


@pytest.fixture(scope="session", autouse=True)
def nothing_astray() -> Iterator[None]:
    """No process that any test started, however detached, outlives the run."""
    yield
    astray = leaks.strays(MARK)
    assert not astray, "processes outlived the test run: " + "; ".join(astray)


@pytest.fixture(autouse=True)
def own_settings(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Settings, state and cache of the app in this test's own folder."""
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(tmp_path / ".home" / name.lower()))
    for name in ("QT_QPA_PLATFORM_PLUGIN_PATH", "QT_QPA_FONTDIR"):  # importing cv2 points Qt at its own plugins
        monkeypatch.delenv(name, raising=False)
    if "PySide6.QtCore" in sys.modules:
        from PySide6.QtCore import QSettings

        for kind in (QSettings.Format.IniFormat, QSettings.Format.NativeFormat):
            QSettings.setPath(kind, QSettings.Scope.UserScope, str(tmp_path / ".home" / "qt"))


@pytest.fixture(autouse=True)
def nothing_left_behind(own_settings: None) -> Iterator[None]:
    """Fails a test that leaves a thread, a Qt timer, a child process or an open project."""
    with pytest.MonkeyPatch.context() as patch:
        watch = leaks.Watch(patch)
        yield
        left = watch.left()
    assert not left, "the test left behind: " + "; ".join(left)


@pytest.fixture(autouse=True)
def pillow_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Importing ultralytics, as some tests do, gives Pillow another `open` for the whole process; the app never does."""
    monkeypatch.setattr(Image, "open", PILLOW_OPEN)


@pytest.fixture(autouse=True)
def no_unexpected_log(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fails a test during which something logged a warning or worse that the test did not announce."""
    expected = [re.compile(str(mark.args[0])) for mark in request.node.iter_markers("expected_log")]
    records: list[logging.LogRecord] = []
    handler = logging.Handler(logging.WARNING)
    handler.emit = records.append  # type: ignore[method-assign]
    logging.getLogger().addHandler(handler)
    yield
    logging.getLogger().removeHandler(handler)
    odd = [f"{r.name}: {r.getMessage()}" for r in records if not any(e.search(r.getMessage()) for e in expected)]
    assert not odd, "unexpected log: " + "; ".join(odd)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty, migrated project, made once and copied for every test that wants one."""
    folder = tmp_path_factory.mktemp("template") / "project"
    Project.create(folder).close()
    return folder


def _copy(source: str, target: str) -> None:
    """Weights are never written to: a second name for them does."""
    (os.link if source.endswith((".pt", ".onnx")) else shutil.copyfile)(source, target)


@pytest.fixture
def new_project(template: Path, tmp_path: Path) -> Iterator[Callable[[str], Project]]:
    """Makes empty projects by folder name; closes them after the test."""
    made: list[Project] = []

    def new(name: str = "数据集é") -> Project:
        shutil.copytree(template, tmp_path / name, copy_function=_copy)
        made.append(Project.open(tmp_path / name))
        return made[-1]

    yield new
    for project in made:
        project.close()


@pytest.fixture
def project(new_project: Callable[[str], Project]) -> Project:
    """An empty project in a folder whose name is not ASCII."""
    return new_project("数据集é")


@pytest.fixture
def png(tmp_path: Path) -> pictures.PictureFile:
    """Writes a picture that differs by `seed` to tmp_path / `name` and returns its path."""

    def write(name: str = "page.png", *, width: int = 64, height: int = 48, seed: int = 0, grey: bool = False) -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pictures.encoded(pictures.pixels(width, height, seed=seed, grey=grey)))
        return path

    return write


@pytest.fixture
def handwritten(tmp_path: Path) -> Callable[..., tuple[Path, handwriting.Handwriting]]:
    """Writes a page of handwriting to tmp_path / `name`; returns its path and the page with its true boxes."""

    def write(name: str = "page.png", **options: int) -> tuple[Path, handwriting.Handwriting]:
        made = handwriting.page(**options)
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(made.png())
        return path, made

    return write


@pytest.fixture
def shared() -> Path:
    """The folder of real handwriting; skips the test where it is absent."""
    if not SHARED.is_dir():
        pytest.skip("needs the real handwriting in ../shared/data, which is not here")
    return SHARED


@pytest.fixture
def labeler() -> Callable[..., command.Outcome]:
    """`labeler("stats", folder, "--json")` runs the command in this process."""
    return command.labeler


@pytest.fixture
def labeler_process() -> Callable[..., command.Outcome]:
    """The same as a process of its own."""
    return command.labeler_process

"""What starting loads, and what it must not: asked of fresh processes. And the PySide6 release that ends them."""

import json
import sys
import textwrap

import pytest

from labeler.services.project import Project
from tests.conftest import ROOT
from tests.helpers.command import python_process
from tests.helpers.fake_detector import add_pages

HEAVY = {"torch", "torchvision", "ultralytics", "onnxruntime", "onnx", "cv2", "matplotlib", "scipy", "pandas", "polars"}


def loaded_by(statement: str) -> set[str]:
    """Top-level modules in a fresh process after `statement`."""
    code = (
        f"{statement}\nimport sys, json; print(json.dumps(sorted({{name.partition('.')[0] for name in sys.modules}})))"
    )
    return set(json.loads(python_process(code).ok().out))


def test_the_window_loads_nothing_heavy() -> None:
    assert not loaded_by("import labeler.gui.app") & HEAVY


def test_the_command_line_loads_neither_qt_nor_the_database_nor_numpy() -> None:
    loaded = loaded_by("import labeler.cli.main")
    assert not loaded & (HEAVY | {"PySide6", "shiboken6", "numpy", "sqlalchemy", "alembic", "PIL", "rich"})


def test_services_and_the_worker_door_load_nothing_heavy() -> None:
    services = (
        "from labeler.services import importing, suggesting, exporting, training, models, evaluating, labeling, images"
    )
    assert not loaded_by(f"{services}; import labeler.training.launcher, labeler.training.worker") & (
        HEAVY | {"PySide6"}
    )


def test_opening_a_project_and_walking_its_pages_loads_nothing_heavy(project: Project) -> None:
    ids = add_pages(project, 3)
    project.close()
    code = f"""
        import sys, json
        from pathlib import Path
        from PySide6.QtWidgets import QApplication
        from labeler.gui import app
        window = app.build(Path({str(project.folder)!r}))
        window.show()
        desk = window.workspace.pages["desk"]
        def until(true):
            while not true():
                QApplication.processEvents()
        until(lambda: len(desk.images.ids) == 3 and desk.editor.page is not None)
        for wanted in {ids!r}[1:]:
            desk.go(1)
            until(lambda: desk.editor.image_id == wanted and desk.canvas.scene.picture is not None)
        window.close()
        print(json.dumps(sorted({{name.partition('.')[0] for name in sys.modules}})))
    """
    done = python_process(textwrap.dedent(code), PYTHONPATH=str(ROOT), QT_QPA_PLATFORM="offscreen").ok()
    assert not set(json.loads(done.out)) & (HEAVY | {"PIL", "alembic"})


def test_the_open_window_is_spared_long_garbage_collections() -> None:
    """Each full one looks at all that is not frozen, and nothing else runs meanwhile."""
    code = """
        import gc
        from PySide6.QtCore import QTimer
        from labeler.gui import app
        application = app.application()
        left = []
        def look():
            left.append((gc.get_freeze_count(), sum(len(gc.get_objects(n)) for n in range(3))))
            application.closeAllWindows()
        QTimer.singleShot(0, look)
        app.run(None)
        ((frozen, others),) = left
        assert frozen > 20 * others, left
    """
    python_process(textwrap.dedent(code), PYTHONPATH=str(ROOT), QT_QPA_PLATFORM="offscreen").ok()


def test_everything_but_the_window_works_without_qt_and_torch() -> None:
    """The whole command line in a process where importing Qt or torch fails."""
    code = """
        import sys
        for name in ("PySide6", "shiboken6", "torch", "torchvision", "ultralytics"):
            sys.modules[name] = None
        import tempfile, pathlib
        from labeler.cli.main import main
        from tests.helpers.handwriting import page
        folder = pathlib.Path(tempfile.mkdtemp())
        (folder / "a.png").write_bytes(page(1).png())
        project = str(folder / "p")
        for words in (["init", project], ["import", project, str(folder / "a.png")], ["suggest", project], ["accept", project],
                      ["split", project], ["stats", project], ["models", project], ["predict", str(folder / "a.png")]):
            assert main(words) == 0, words
        assert main(["open", project]) == 2
    """
    python_process(textwrap.dedent(code), PYTHONPATH=str(ROOT)).ok()


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal from Python 3.12 on")
def test_qt_calls_keep_their_references_to_none() -> None:
    """PySide6 6.12.0 loses one reference to None per void call, and Python aborts after a few thousand paints."""
    code = """
        import sys
        from PySide6.QtGui import QImage, QPainter
        image = QImage(8, 8, QImage.Format.Format_RGB32)
        painter = QPainter(image)
        before = sys.getrefcount(None)
        for _ in range(500):
            painter.drawRect(0, 0, 2, 2)
        lost = before - sys.getrefcount(None)
        painter.end()
        assert abs(lost) < 50, f"{lost} references to None lost in 500 calls"
    """
    python_process(textwrap.dedent(code), PYTHONPATH=str(ROOT)).ok()

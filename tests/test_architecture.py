"""The house rules as tests: which way imports point, how long files and functions may get, what must not be called what.

The import contracts stand in pyproject.toml; each is a test of its own, named by its sentence.
"""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

SETTINGS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
SENTENCES = [contract["name"] for contract in SETTINGS["tool"]["importlinter"]["contracts"]]
SOURCES = sorted([*(ROOT / "labeler").rglob("*.py"), *(ROOT / "db" / "labeler_db").rglob("*.py")])
TESTS = sorted((ROOT / "tests").rglob("*.py"))

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 60
BANNED_NAME = re.compile(r"(^|_)(utils?|helpers?|common|misc|managers?)($|_)", re.IGNORECASE)


def test_files_are_short() -> None:
    long = {str(path): lines for path in SOURCES if (lines := len(_text(path).splitlines())) > MAX_FILE_LINES}
    assert not long


def test_functions_are_short() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}: {length} lines"
        for path in SOURCES
        if "migrations" not in path.parts  # a migration says every table, once
        for node in _definitions(path)
        if not isinstance(node, ast.ClassDef) and (length := _lines_of_code(node)) > MAX_FUNCTION_LINES
    ]
    assert not long


def test_every_module_and_package_says_what_it_owns() -> None:
    silent = [str(path.relative_to(ROOT)) for path in SOURCES if ast.get_docstring(ast.parse(_text(path))) is None]
    assert not silent


def test_every_folder_of_modules_is_a_package() -> None:
    folders = {path.parent for path in SOURCES if path.parent.name != "versions"}
    assert not [
        str(f.relative_to(ROOT)) for f in folders if not (f / "__init__.py").exists() and f.name != "migrations"
    ]


def test_nothing_is_called_utils_or_manager() -> None:
    named = [str(path.relative_to(ROOT)) for path in SOURCES if BANNED_NAME.search(path.stem)]
    named += [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in SOURCES
        for node in _definitions(path)
        if isinstance(node, ast.ClassDef) and node.name.endswith(("Manager", "Helper", "Utils"))
    ]
    assert not named


def test_no_test_sleeps_except_to_ask_a_process_again() -> None:
    naps = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in TESTS
        if "benchmarks" not in path.parts
        for node in _outside_of_loops(ast.parse(_text(path)))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("time.sleep", "sleep", "QTest.qWait", "qtbot.wait")
    ]
    assert not naps


@pytest.fixture(scope="session")
def contracts() -> dict[str, str]:
    """Each contract's sentence → KEPT or BROKEN, and under "" the whole report."""
    return _lint(ROOT)


@pytest.mark.parametrize("sentence", SENTENCES)
def test_import_contract(contracts: dict[str, str], sentence: str) -> None:
    assert contracts.get(sentence) == "KEPT", contracts[""]


PLANTED = {
    "labeler/services/planted_a.py": "import labeler.gui.session",
    "labeler/gui/planted_b.py": "import labeler_db.models",
    "labeler/core/planted_c.py": "import PIL",
    "labeler/detect/planted_d.py": "import torch",
    "labeler/cli/planted_e.py": "import PySide6.QtCore",
    "db/labeler_db/planted_f.py": "import labeler.core.boxes",
}


def test_planted_violations_break_every_contract(tmp_path: Path) -> None:
    for path in SOURCES:  # the imports are all that counts, so modules are copied without their bodies
        copy = tmp_path / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text("\n".join(_imports(path)), encoding="utf-8")
    (tmp_path / "pyproject.toml").write_text(_text(ROOT / "pyproject.toml"), encoding="utf-8")
    for place, line in PLANTED.items():
        (tmp_path / place).write_text(f"{line}\n", encoding="utf-8")
    verdicts = _lint(tmp_path)
    assert [verdicts.get(sentence) for sentence in SENTENCES] == ["BROKEN"] * len(SENTENCES), verdicts[""]
    assert all(Path(place).stem in verdicts[""] for place in PLANTED), verdicts[""]


def _lint(folder: Path) -> dict[str, str]:
    program = (
        f"import sys; sys.path[:0] = [{str(folder)!r}, {str(folder / 'db')!r}]; "
        "from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=False)
    found = dict(re.findall(r"^(.+?) (KEPT|BROKEN)(?: \(.*\))?$", done.stdout, re.MULTILINE))
    return {**found, "": done.stdout + done.stderr}


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(_text(path))):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            yield ast.unparse(node)


def _definitions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    for node in ast.walk(ast.parse(_text(path))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            yield node


def _lines_of_code(node: ast.stmt) -> int:
    """Lines of a definition; a text that goes over several lines counts as one."""
    texts = [
        n
        for n in ast.walk(node)
        if isinstance(n, ast.JoinedStr) or (isinstance(n, ast.Constant) and isinstance(n.value, str))
    ]
    inner = {(n.lineno, n.end_lineno) for n in texts if (n.end_lineno or 0) > n.lineno}
    return (node.end_lineno or 0) - node.lineno + 1 - sum((end or 0) - start for start, end in inner)


def _outside_of_loops(tree: ast.AST) -> Iterator[ast.AST]:
    for node in ast.iter_child_nodes(tree):
        if not isinstance(node, ast.While):
            yield node
            yield from _outside_of_loops(node)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")

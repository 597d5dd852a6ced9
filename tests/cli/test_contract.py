"""The command line's contract: names, `--json` keys and exit codes that scripts rely on."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from labeler.cli.arguments import FORMATS
from labeler.cli.main import COMMANDS, with_command
from labeler.formats.registry import READERS, WRITERS
from tests.helpers import handwriting
from tests.helpers.command import Outcome, labeler, labeler_process
from tests.helpers.older import older

Handwritten = Callable[..., tuple[Path, handwriting.Handwriting]]

KEYS = {
    "init": {"project", "classes"},
    "import": {"added", "duplicates", "boxes", "rejected", "seconds"},
    "stats": {"images", "writers", "boxes", "by_state", "by_split", "by_class"},
    "suggest": {"model", "images", "suggestions", "seconds"},
    "accept": {"images", "accepted"},
    "split": {"by_split", "writers"},
    "export": {"version", "hash", "path", "by_split", "boxes", "seconds"},
    "train": {"run", "state", "model", "metrics", "seconds"},
    "runs": {"runs"},
    "evaluate": {"model", "images", "boxes", "map50", "map50_95", "per_class", "confusion"},
    "predict": {"images"},
    "models": {"models", "current"},
    "ledger": {"models"},
    "backup": {"path"},
    "restore": set(),
    "doctor": {"checks"},
}


def said(command: str, *arguments: object) -> dict[str, object]:
    """The JSON object of a command that succeeds, which holds at least the keys of the contract."""
    answer = labeler(command, *arguments, "--json").ok().json
    assert isinstance(answer, dict)
    assert KEYS[command] <= set(answer)
    return answer


@pytest.fixture(scope="module")
def labelled_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project of twelve labelled pages by six writers, split; made once."""
    top = tmp_path_factory.mktemp("labelled")
    said("init", top / "project")
    for writer in range(6):
        pages = {f"w{writer}-{n}": handwriting.page(n, writer=writer, digits=4) for n in range(2)}
        data = handwriting.write_yolo(top / "data" / f"writer{writer}", pages)
        said("import", top / "project", data, "--writer", f"w{writer}")
    said("split", top / "project", "--val", "0.2", "--test", "0.2")
    return top / "project"


@pytest.fixture
def labelled(labelled_once: Path, tmp_path: Path) -> Path:
    """A copy of it for one test."""
    return Path(shutil.copytree(labelled_once, tmp_path / "项目 é"))


def test_init_makes_a_project_with_the_digits_or_the_classes_named(tmp_path: Path) -> None:
    made = said("init", tmp_path / "数据集")
    assert made == {"project": str(tmp_path / "数据集"), "classes": [str(n) for n in range(10)]}
    assert said("init", tmp_path / "abc", "--classes", "a,b, c")["classes"] == ["a", "b", "c"]


def test_importing_counts_images_boxes_and_duplicates(tmp_path: Path, handwritten: Handwritten) -> None:
    project = tmp_path / "p"
    said("init", project)
    pages = {f"page{n}": handwriting.page(n, digits=5) for n in range(3)}
    handwriting.write_yolo(tmp_path / "yolo", pages, names=["9", "8", "7", "6", "5", "4", "3", "2", "1", "0"])
    report = said("import", project, tmp_path / "yolo", "--writer", "ann")
    assert (report["added"], report["boxes"], report["rejected"]) == (3, 15, [])
    again = said("import", project, tmp_path / "yolo", "--writer", "ann")
    assert (again["added"], again["duplicates"]) == (0, 3)
    stats = said("stats", project)
    digits = [str(digit) for page in pages.values() for digit, _ in page.boxes]
    assert stats["by_class"] == {str(n): digits.count(str(n)) for n in range(10)}
    assert (stats["images"], stats["writers"], stats["boxes"]) == (3, 1, 15)


def test_writers_come_from_folders_or_from_a_pattern(tmp_path: Path, handwritten: Handwritten) -> None:
    for n, name in enumerate(("甲/a_x1.png", "乙/b_x2.png", "乙/c_x2.png")):
        handwritten(f"in/{name}", seed=n)
    for rule, expected in (("folder", {"甲", "乙"}), (r"_(x\d)\.", {"x1", "x2"})):
        project = tmp_path / f"p{len(rule)}"
        said("init", project)
        said("import", project, tmp_path / "in", "--writer-from", rule)
        assert set(said("split", project)["writers"]) == expected  # type: ignore[call-overload]


def test_suggest_then_accept_turns_sure_suggestions_into_boxes(tmp_path: Path, handwritten: Handwritten) -> None:
    project = tmp_path / "p"
    said("init", project)
    path, _ = handwritten("a.png", seed=2)
    said("import", project, path)
    suggested = said("suggest", project, "--min-score", "0.01")
    assert (suggested["model"], suggested["images"]) == ("shipped", 1)
    assert said("suggest", project, "--state", "reviewed")["images"] == 0
    accepted = said("accept", project, "--min-score", "0")
    assert accepted["accepted"] == suggested["suggestions"] == said("stats", project)["boxes"]
    assert accepted["images"] == (1 if suggested["suggestions"] else 0)
    assert said("accept", project, "--min-score", "0")["accepted"] == 0


def test_export_freezes_once_and_writes_what_the_database_holds(labelled: Path, tmp_path: Path) -> None:
    first = said("export", labelled, tmp_path / "out1")
    second = said("export", labelled, tmp_path / "out2")
    assert (first["version"], first["hash"]) == (second["version"], second["hash"])
    stats = said("stats", labelled)
    assert first["boxes"] == stats["boxes"] == 48
    assert sum(first["by_split"].values()) == stats["images"] == 12  # type: ignore[attr-defined]
    labels = sorted((tmp_path / "out1" / "labels").rglob("*.txt"))
    assert len(labels) == 12
    assert sum(len(file.read_text(encoding="utf-8").splitlines()) for file in labels) == 48
    named = said("export", labelled, tmp_path / "out3", "--version", str(first["version"]))
    assert said("export", labelled, tmp_path / "out4", "--thorough")["hash"] == first["hash"]
    assert named["hash"] == first["hash"]


def test_evaluate_judges_the_current_model(labelled: Path) -> None:
    found = said("evaluate", labelled, "--split", "test")
    assert found["model"] == "shipped"
    assert found["boxes"] == 4 * int(found["images"])  # type: ignore[call-overload]
    assert len(found["per_class"]) == 10  # type: ignore[arg-type]
    confusion = found["confusion"]
    assert isinstance(confusion, list)
    assert sum(sum(row) for row in confusion[:-1]) == found["boxes"]


def test_models_are_listed_imported_promoted_rolled_back_and_saved(labelled: Path, tmp_path: Path) -> None:
    listed = said("models", labelled)
    assert listed["current"] == "shipped"
    saved = tmp_path / "导出" / "mine.onnx"
    said("models", labelled, "save", "shipped", saved)
    said("models", labelled, "import", saved, "--name", "mine")
    assert said("models", labelled, "promote", "mine", "--reason", "a try")["current"] == "mine"
    assert said("suggest", labelled)["model"] == "mine"
    assert said("models", labelled, "rollback")["current"] == "shipped"
    assert {model["name"] for model in said("models", labelled)["models"]} >= {"shipped", "mine"}  # type: ignore[attr-defined]


def test_the_ledger_balances(labelled: Path) -> None:
    assert said("ledger", labelled)["models"] == []


def test_a_backup_opens_as_a_project(labelled: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy" / "labeler.db"
    assert said("backup", labelled, copy)["path"] == str(copy)
    assert said("stats", copy.parent)["boxes"] == said("stats", labelled)["boxes"]


def test_a_damaged_project_is_named_and_brought_back(labelled: Path) -> None:
    boxes = said("stats", labelled)["boxes"]
    copy = said("backup", labelled, labelled / "backups" / "mine.db")["path"]
    database = labelled / "labeler.db"
    with database.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 8192)
    refused = labeler("stats", labelled)
    assert refused.code == 2
    assert f"labeler restore {labelled}" in refused.err
    listed = said("restore", labelled)["backups"]
    assert isinstance(listed, list)
    assert [(entry["path"], entry["boxes"]) for entry in listed] == [(copy, boxes)]
    assert copy in labeler("restore", labelled).ok().out
    kept = said("restore", labelled, copy)["kept"]
    assert Path(str(kept)).read_bytes()[4096:12288] == b"\xff" * 8192
    assert said("stats", labelled)["boxes"] == boxes


def test_a_project_of_an_older_program_is_brought_up_to_date_and_its_backup_named(labelled: Path) -> None:
    first = labeler("stats", older(labelled)).ok()
    again = labeler("stats", labelled).ok()
    (saved,) = (labelled / "backups").iterdir()
    assert str(saved) in first.err
    assert (first.out, again.err) == (again.out, "")
    listed = said("restore", labelled)["backups"]
    assert isinstance(listed, list)
    assert [(entry["path"], entry["reason"]) for entry in listed] == [(str(saved), "update")]


def test_predict_reads_folders_and_draws_copies(tmp_path: Path, handwritten: Handwritten) -> None:
    first, page = handwritten("页/a.png", seed=1, digits=6)
    handwritten("页/b.png", seed=2)
    found = said("predict", first.parent, "--draw", tmp_path / "out", "--min-score", "0.01")["images"]
    assert isinstance(found, list)
    assert [Path(image["path"]).name for image in found] == ["a.png", "b.png"]
    assert (found[0]["width"], found[0]["height"]) == (400, 300)
    for image in found:
        assert Path(image["drawn"]).read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
        for box in image["boxes"]:
            assert set(box) == {"class", "score", "x", "y", "w", "h"}
            assert 0 <= box["x"] <= box["x"] + box["w"] <= 400.01
    assert page.boxes


def test_doctor_reports_every_check() -> None:
    checks = said("doctor")["checks"]
    assert isinstance(checks, list)
    assert {"name", "ok", "detail", "hint", "required"} == set(checks[0])
    names = [check["name"] for check in checks]
    assert {"python", "packages", "onnxruntime", "detector", "qt", "torch", "disk"} <= set(names)
    assert all(check["ok"] for check in checks if check["required"]), checks
    assert all(check["hint"] for check in checks if not check["ok"])


def test_every_command_has_help_and_a_summary_for_people(labelled: Path, tmp_path: Path) -> None:
    listed = labeler("--help").ok().out
    for name in COMMANDS:
        assert name in listed
        assert f"labeler {name}" in labeler(name, "--help").ok().out
    for arguments in (
        ["stats", labelled], ["runs", labelled], ["models", labelled], ["ledger", labelled], ["split", labelled],
        ["evaluate", labelled], ["accept", labelled], ["export", labelled, tmp_path / "o"], ["backup", labelled, tmp_path / "b.db"],
    ):  # fmt: skip
        out = labeler(*arguments).ok().out
        assert out.strip()
        assert not out.lstrip().startswith("{")


def test_every_format_of_the_registry_can_be_named() -> None:
    assert set(FORMATS) == set(READERS) == set(WRITERS)


def test_json_is_one_object_even_where_people_watch_a_bar(labelled: Path) -> None:
    done = labeler_process("suggest", labelled, "--json", FORCE_COLOR="1")
    assert json.loads(done.ok().out)["images"] >= 0


@pytest.mark.parametrize(
    ("given", "becomes"),
    [
        ([], ["open"]),
        (["folder"], ["open", "folder"]),
        (["--language", "en", "folder"], ["--language", "en", "open", "folder"]),
        (["stats", "folder"], ["stats", "folder"]),
        (["--language=en", "stats", "folder"], ["--language=en", "stats", "folder"]),
        (["--help"], ["--help"]),
        (["--version"], ["--version"]),
    ],
)
def test_no_command_means_open(given: list[str], becomes: list[str]) -> None:
    assert with_command(given) == becomes


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_training_from_the_command_line_ends_with_a_candidate(labelled: Path) -> None:
    started = ["train", labelled, "--epochs", "1", "--imgsz", "160", "--batch", "4", "--device", "cpu"]
    outcome: Outcome = labeler_process(*started, "--json", timeout=600)
    answer = outcome.ok().json
    assert KEYS["train"] <= set(answer)
    assert (answer["state"], answer["run"]) == ("done", 1)
    assert {"split", "map50", "map50_95", "val"} <= set(answer["metrics"])
    assert answer["metrics"]["split"] == "test"
    assert "Epoch 1 of 1" in outcome.err
    runs = said("runs", labelled)["runs"]
    assert isinstance(runs, list)
    assert [(run["state"], run["model"]) for run in runs] == [("done", answer["model"])]
    assert said("models", labelled)["current"] == "shipped", "a candidate is not the current model until it is promoted"
    assert said("models", labelled, "promote", answer["model"])["current"] == answer["model"]
    assert said("suggest", labelled, "--state", "new,suggested,reviewed")["model"] == answer["model"]
    cancelled = labeler("cancel", labelled, 1)
    assert cancelled.code == 2

"""Restoring a backup: what is in it is told first, the database as it was is kept, and what cannot be is refused untouched."""

from pathlib import Path

import pytest

from labeler.core.boxes import ClassRect
from labeler.core.errors import BadInput, NotFound, UserError
from labeler.services import backup, images, recovery
from labeler.services.project import DATABASE, Project
from tests.helpers.fake_detector import add_pages, review_with_boxes


@pytest.fixture
def saved(project: Project, tmp_path: Path) -> tuple[Path, Path]:
    """A project's folder and a backup of it with two pages, of which one is reviewed; the project has three by now."""
    first, _ = add_pages(project, 2)
    review_with_boxes(project, first, ClassRect(5, 5, 10, 10, 7))
    file = backup.backup(project, tmp_path / "копия" / "backup.db")
    add_pages(project, 1, first=9)
    project.close()
    return project.folder, file


def count(folder: Path) -> int:
    with Project.open(folder) as project:
        return len(images.image_ids(project))


def test_a_backup_tells_what_is_in_it(saved: tuple[Path, Path]) -> None:
    found = recovery.look(saved[1])
    assert (found.images, found.boxes, found.reviewed) == (2, 1, 1)


def test_a_backup_takes_the_place_of_the_project_and_what_was_is_kept(saved: tuple[Path, Path]) -> None:
    folder, file = saved
    assert count(folder) == 3
    kept = recovery.restore(folder, file)
    assert kept is not None
    assert count(folder) == 2
    assert recovery.look(kept).images == 3
    assert recovery.look(file).images == 2
    newest = recovery.backups(folder)[0]
    assert (newest.path, newest.is_replaced, newest.occasion) == (kept, True, "before a backup was restored")
    recovery.restore(folder, kept)
    assert count(folder) == 3


def test_a_damaged_project_is_restored(saved: tuple[Path, Path]) -> None:
    folder, file = saved
    (folder / DATABASE).write_bytes(b"not a database at all" * 100)
    with pytest.raises(BadInput):
        Project.open(folder)
    recovery.restore(folder, file)
    assert count(folder) == 2


def test_a_project_whose_database_is_gone_is_restored(saved: tuple[Path, Path]) -> None:
    folder, file = saved
    for part in recovery.PARTS:
        (folder / f"{DATABASE}{part}").unlink(missing_ok=True)
    assert recovery.restore(folder, file) is None
    assert count(folder) == 2


def test_backups_in_the_folder_are_found_newest_first(saved: tuple[Path, Path]) -> None:
    folder, file = saved
    for n, name in enumerate(("mine.db", "backups/monday.db")):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(file.read_bytes())
        import os

        os.utime(folder / name, (1e9 + n, 1e9 + n))
    (folder / "broken.db").write_bytes(b"x" * 5000)
    assert [b.path.name for b in recovery.backups(folder)] == ["monday.db", "mine.db"]


def test_what_the_program_saved_says_when_and_before_what_even_once_copied(saved: tuple[Path, Path]) -> None:
    folder, file = saved
    (folder / "backups").mkdir()
    for name in ("auto-20260301T120000000000-training.db", "auto-20260302T120000000000-update.db", "tuesday.db"):
        (folder / "backups" / name).write_bytes(file.read_bytes())
    by_hand, update, training = recovery.backups(folder)
    assert [b.occasion for b in (by_hand, update, training)] == [
        "by hand", "before an update of Labeler", "before a training",
    ]  # fmt: skip
    assert (update.at - training.at).days == 1


def test_what_cannot_be_restored_is_refused_and_nothing_is_changed(saved: tuple[Path, Path], tmp_path: Path) -> None:
    folder, file = saved
    cut = tmp_path / "cut.db"
    cut.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    other = tmp_path / "notes.db"
    other.write_text("notes", encoding="utf-8")
    for bad in (cut, other, folder / DATABASE):
        with pytest.raises(BadInput):
            recovery.restore(folder, bad)
    with pytest.raises(NotFound):
        recovery.restore(folder, tmp_path / "none.db")
    assert count(folder) == 3
    assert not list(folder.glob("*restored*"))


def test_a_project_that_is_open_elsewhere_is_not_replaced(saved: tuple[Path, Path]) -> None:
    folder, file = saved
    with Project.open(folder) as elsewhere, elsewhere.write() as session:
        from labeler_db.models import SettingRow

        session.add(SettingRow(key="busy", value=1))
        session.flush()
        with pytest.raises(UserError, match="open"):
            recovery.restore(folder, file)
    assert count(folder) == 3

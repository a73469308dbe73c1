"""F03, F11, F13, F14: programs that are killed, and programs that want the same project at the same time."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.unit.project.conftest import found
from tlstudio.operations import projects
from tlstudio.operations.checking import check
from tlstudio.project import layout, migrations
from tlstudio.project.project import Project

REPOSITORY = Path(__file__).resolve().parents[2]
ROUNDS = 15


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A closed project with 40 images whose first note counts the edits."""
    project = Project.create(tmp_path / "Insects")
    root = project.add_root(tmp_path / "photos", copied=False)
    project.add_samples(root, [found(name, number) for name in ("ants", "bees") for number in range(20)], given_splits=False)
    project.close()
    return project.folder


@contextmanager
def process(*arguments: object, code: str = "") -> Iterator["subprocess.Popen[str]"]:
    """A Python process with this package; killed at the end, whatever happens."""
    command = [sys.executable, *(["-c", code] if code else []), *(str(item) for item in arguments)]
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY)}
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=REPOSITORY)
    try:
        yield child
    finally:
        child.kill()
        child.communicate()


def test_killed_while_editing_again_and_again_nothing_acknowledged_is_lost(folder: Path) -> None:
    chance = random.Random(4)
    num_edits = 0
    for seed in range(ROUNDS):
        with process(REPOSITORY / "tests/faults/editing_process.py", folder, seed) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == "ready\n", "the lock of a killed program must be free"
            said = [int(child.stdout.readline()) for _ in range(seed % 4)]  # so many at least, however slow the disk
            time.sleep(chance.uniform(0.0, 0.15))
            child.send_signal(signal.SIGKILL)
            said += [int(line) for line in child.stdout.read().splitlines()]
        project = Project.open(folder)
        assert (project.writable, project.notices) == (True, ())
        on_disk = int(project.samples([1])[0].note or 0)
        acknowledged = said[-1] if said else on_disk
        assert acknowledged <= on_disk <= acknowledged + 1
        num_edits = on_disk
        project.close()
        assert [item for item in check(folder) if item.check != "images"] == []
    assert num_edits > ROUNDS, "too few edits to have proved anything"


def test_two_programs_never_write_at_once(folder: Path) -> None:
    with process(REPOSITORY / "tests/faults/editing_process.py", folder, 1) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "ready\n"
        project = projects.open_project(folder)
        assert not project.writable
        assert project.read_only_reason is not None
        assert "window" in project.read_only_reason.text()
        assert str(first.pid) in project.read_only_reason.text()
        assert len(project.dataset().samples) >= 40
        project.close()
        first.send_signal(signal.SIGKILL)
        first.wait()
    again = Project.open(folder)
    assert again.writable
    again.close()


NEXT_VERSION = """
ALTER TABLE samples ADD COLUMN taken_at REAL;
CREATE TABLE cameras (id INTEGER PRIMARY KEY, name TEXT NOT NULL) STRICT;
INSERT INTO cameras (name) SELECT path FROM samples;
UPDATE samples SET taken_at = id * 1.5;
DELETE FROM folds;
"""

NEXT_FILE = f"v{migrations.current() + 1:03d}.sql"

# Migrates with the next version's table, and kills itself after so many statements of it.
MIGRATING = """
import os, signal, sys
from pathlib import Path
from tlstudio.project import migrations
from tlstudio.project.database import Database
from tlstudio.project.project import Project

folder, schema, after = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
migrations.SCHEMA = schema
migrations.MIGRATIONS.append(sys.argv[4])
usual = Database.run

def run(self, sql, bindings=()):
    parts = [part for part in sql.split(";") if part.strip()] if "cameras" in sql else [sql]
    for number, part in enumerate(parts):
        if "cameras" in sql and number == after:
            os.kill(os.getpid(), signal.SIGKILL)
        usual(self, part, bindings)
    if after == 5 and "user_version" in sql:
        os.kill(os.getpid(), signal.SIGKILL)

Database.run = run
Project.open(folder)
"""


@pytest.fixture
def schema(tmp_path: Path) -> Path:
    """The files of a program one version further than this one."""
    place = tmp_path / "schema"
    shutil.copytree(migrations.SCHEMA, place)
    (place / NEXT_FILE).write_text(NEXT_VERSION)
    return place


@pytest.mark.parametrize("after", range(6))
def test_a_migration_killed_in_the_middle_leaves_the_old_version(
    folder: Path, schema: Path, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Project.open(folder)
    samples = before.dataset().samples
    before.close()
    with process(folder, schema, after, NEXT_FILE, code=MIGRATING) as child:
        assert child.wait(90) == -signal.SIGKILL
    assert (folder / layout.BACKUPS / f"before-v{migrations.current() + 1:03d}-from-v{migrations.current():03d}.sqlite").is_file()
    old = Project.open(folder)
    assert (old.writable, old.dataset().samples, old.notices) == (True, samples, ())
    old.close()
    assert [item for item in check(folder) if item.check != "images"] == []
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "SCHEMA", schema)
        patch.setattr(migrations, "MIGRATIONS", [*migrations.MIGRATIONS, NEXT_FILE])
        new = Project.open(folder)
        assert (new.writable, new.dataset().samples) == (True, samples)
        new.close()
    later = Project.open(folder)
    assert later.read_only_reason is not None
    assert f"newer version of TL Studio (format {migrations.current() + 1})" in later.read_only_reason.text()
    assert later.dataset().samples == samples
    later.close()

"""F02: the window is killed while a run trains; the run ends well and is there exactly once on reopening."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.real_jobs import NETWORK, environment, tlstudio, wait_for
from tlstudio.domain.run_state import Status
from tlstudio.operations.projects import open_project

# The real window, its own threads and its own job process; only the finger on the button is a timer's.
WINDOW = f"""
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
import msgspec
from tlstudio.domain.recipe import RECIPES, NetworkPart
from tlstudio.ui.app import build_application, open_window

recipe = RECIPES["balanced"].build(NetworkPart(architecture="{NETWORK}"))
part = msgspec.structs.replace(recipe.finetune, epochs=6, patience=0, batch_size=4)
recipe = msgspec.structs.replace(recipe, finetune=part, device="cpu")
application = build_application(["tlstudio"])
shell = open_window(Path(sys.argv[1]), warm=False)
shell.workspace.changes.project_changed.connect(lambda: shell.workspace.train(recipe))
application.exec()
"""


def test_a_run_outlives_the_window_and_is_there_once(project: Path, home: Path) -> None:
    surroundings = environment(home) | {"QT_QPA_PLATFORM": "offscreen"}
    window = subprocess.Popen([sys.executable, "-c", WINDOW, str(project)], env=surroundings)
    folder = project / "runs" / "0001"
    wait_for(folder, lambda state: len(state.steps) >= 3)
    os.kill(window.pid, signal.SIGKILL)
    window.wait(10)

    finished = wait_for(folder, lambda state: state.status is Status.FINISHED)
    assert finished.attempt == 1
    with_reopened = open_project(project)
    runs = with_reopened.runs()
    with_reopened.close()
    assert [(run.number, run.status) for run in runs] == [(1, Status.FINISHED)]
    assert runs[0].summary == finished.summary
    assert tlstudio("check", project, home=home).stdout.startswith("Everything is whole")

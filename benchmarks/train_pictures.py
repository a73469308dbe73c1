"""Pictures of the Train panel with real runs: one on its way, the same paused, several compared in the plots, a sweep.

`python -m benchmarks.train_pictures [FOLDER]` takes these on the sample, and idle, failed and the learning-rate finder, which else are
taken with the other panels; `QT_SCALE_FACTOR=1.5` before it at another scale.
"""

import shutil
from pathlib import Path

from benchmarks.alone import take_alone
from benchmarks.camera import Camera, num_validations, run_over, run_started

_SEEN_EPOCHS = 3


def take_train(camera: Camera) -> None:
    """All of them, on the open project; each part leaves the panel with its runs ended. What compares more adds its part here."""
    for part in (_running_and_paused, _compared, _swept):
        part(camera)


def _running_and_paused(camera: Camera) -> None:
    """A run with some points on its curves; then it waits for the person."""
    number = _start(camera, seed=0)
    camera.take("busy", panels=("train",), settle_ms=150)
    if _panel(camera).header.pause.isVisible():  # type: ignore[attr-defined]
        _panel(camera).header.pause.click()  # type: ignore[attr-defined]
        camera.until(lambda: _status(camera, number) == "paused", "the run to pause")
        camera.take("paused", panels=("train",))
        _panel(camera).header.proceed.click()  # type: ignore[attr-defined]
    _wait(camera, number)
    camera.take("two-runs", panels=("train", "evaluate"))


def _compared(camera: Camera) -> None:
    """The curves of a run with another's over them."""
    other = max(run.number for run in camera.shell.workspace.runs)
    _wait(camera, _start(camera, seed=1))
    _panel(camera).on_overlay(other, True)  # type: ignore[attr-defined]
    camera.take("compared", panels=("train",))
    _panel(camera).on_overlay(other, False)  # type: ignore[attr-defined]


def _swept(camera: Camera) -> None:
    """A sweep as it is planned, and its trials when they are over."""
    from tlstudio.domain.recipe_settings import SETTINGS

    camera.shell.show_panel("train")
    panel, workspace = _panel(camera), camera.shell.workspace
    panel.recipe.card.recipes.segment("balanced").click()  # type: ignore[attr-defined]
    workspace.choice.change("epochs", 4)
    workspace.changes.recipe_changed.emit()
    planner = panel.trials.planner  # type: ignore[attr-defined]
    planner.door.click()
    second = planner.axes[1]
    second.setting.setCurrentIndex(second.setting.findData("num_stages"))
    second.setting.activated.emit(second.setting.currentIndex())
    second.field.setText("1   2")
    second.field.textEdited.emit(second.field.text())
    camera.settle(500)
    camera.take("sweep-planned", panels=("train",), prepare=planner.reveal)
    known = len(workspace.runs)
    planner.queue.click()
    camera.until(lambda: len(workspace.runs) == known + 6, "the trials to wait")
    camera.until(lambda: all(run.status.is_over for run in workspace.runs), "the trials to end")
    assert all(SETTINGS["epochs"].read(run.recipe) == 4 for run in workspace.runs[-6:])
    camera.take("sweep", panels=("train",))


def _start(camera: Camera, *, seed: int) -> int:
    """A *Balanced* run of a few epochs more than can be looked at; its number, when it has some."""
    workspace = camera.shell.workspace
    camera.shell.show_panel("train")
    number = run_started(camera, "balanced", seed=seed)
    folder = workspace.project.folder / f"runs/{number:04d}"  # type: ignore[union-attr]
    camera.until(lambda: num_validations(folder) >= _SEEN_EPOCHS, "points of the curves")
    return number


def _wait(camera: Camera, number: int) -> None:
    camera.until(run_over(camera, number), "the run to end")


def _status(camera: Camera, number: int) -> str:
    state = camera.shell.workspace.watches.state(number)
    return "" if state is None else str(state.status)


def _panel(camera: Camera) -> object:
    return camera.shell.panels.panel("train")


def _waits(camera: Camera, number: int) -> bool:
    state = camera.shell.workspace.watches.state(number)
    return state is not None and state.waits_for is not None


def take_failed(camera: Camera) -> None:
    """The images are taken away: the run waits for them. Then something lies where its predictions should go: it fails."""
    from tlstudio.operations.projects import open_sample
    from tlstudio.paths import cache_dir

    workspace = camera.shell.workspace
    workspace.open_with(lambda report, stop: open_sample(report, stop, kind="window"))
    camera.until(lambda: workspace.project is not None, "the sample")
    images = Path(workspace.project.folder) / "images"  # type: ignore[union-attr]
    shutil.rmtree(cache_dir() / "features", ignore_errors=True)
    images.rename(images.with_name("images away"))
    number = run_started(camera, "quick")
    camera.until(lambda: _waits(camera, number), "the run that waits")
    camera.take("waiting", panels=("train",))
    (Path(workspace.project.folder) / f"runs/{number:04d}/predictions/predictions.safetensors").mkdir(parents=True)  # type: ignore[union-attr]
    images.with_name("images away").rename(images)
    camera.until(run_over(camera, number), "the failing run")
    camera.take("failed", panels=("train",))
    camera.shell.go_home()


def _take_all(camera: Camera) -> None:
    from benchmarks.cockpit_pictures import take_finder

    camera.take("idle", panels=("train",))
    take_train(camera)
    camera.shell.show_panel("models")
    panel = camera.shell.panels.panel("models")
    take_finder(camera, panel)
    panel.on_back_wanted()  # type: ignore[union-attr]
    camera.shell.go_home()
    take_failed(camera)


if __name__ == "__main__":
    take_alone(_take_all)

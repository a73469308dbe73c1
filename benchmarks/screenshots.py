"""Writes a picture of every panel: light and dark, empty, busy, waiting, failed and read-only, 1440 x 900 and 1024 x 700.

Everything in them is real: the sample project, real runs of the real job process, one that waits for its images and one that fails,
a project that another process holds. `python -m benchmarks.screenshots [FOLDER]`; a few of them stand in the README.
"""

import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec
from PySide6.QtCore import QDeadlineTimer, QEventLoop, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QApplication

from benchmarks.cockpit_pictures import take_cockpit
from benchmarks.data_pictures import take_all
from benchmarks.ranking_pictures import take_ranking
from benchmarks.train_pictures import take_train
from benchmarks.zoo_pictures import take_zoo

SIZES = ((1440, 900), (1024, 700))
SCHEMES = ("light", "dark")
STEPS = ("data", "models", "train", "evaluate", "use", "settings")
_WAIT_MS = 240_000


class Camera:
    """The window, and the folder that its pictures go to."""

    def __init__(self, folder: Path) -> None:
        from tlstudio.ui.app import build_application, open_window

        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self.application = build_application(["tlstudio"])
        self.shell = open_window(None, warm=False)
        self.settle()

    def settle(self, ms: int = 400) -> None:
        """Let the window do what it has to."""
        deadline = QDeadlineTimer(ms)
        while not deadline.hasExpired():
            self.application.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
        background = self.shell.workspace.background
        self.until(lambda: background.is_idle, "the background to be idle")

    def until(self, holds: Callable[[], bool], what: str, ms: int = _WAIT_MS) -> None:
        """Wait for something that must come."""
        deadline = QDeadlineTimer(ms)
        while not holds():
            if deadline.hasExpired():
                raise SystemExit(f"waited in vain for {what}")
            self.application.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)

    def take(self, name: str, *, panels: tuple[str, ...] = (), settle_ms: int = 400, prepare: Callable[[], object] | None = None) -> None:
        """A picture in every scheme and size, of the window as it is or of each of `panels`; `prepare` opens what is to be seen."""
        for width, height in SIZES:
            self.shell.resize(width, height)
            for scheme in SCHEMES:
                self._use(scheme)
                for panel in panels or ("",):
                    if panel:
                        self.shell.show_panel(panel)
                    if prepare is not None:
                        prepare()
                    self.settle(settle_ms)
                    scale = self.shell.devicePixelRatioF()
                    size = f"{width}x{height}" if scale == 1 else f"{width}x{height}-{scale:.0%}"
                    title = "-".join(part for part in (name, panel, scheme, size) if part)
                    self._picture().save(str(self.folder / f"{title}.png"))

    def _picture(self) -> QPixmap:
        """The window with the cards that lie over it; they are closed then."""
        picture = self.shell.grab()
        cards = [widget for widget in QApplication.topLevelWidgets() if widget.isVisible() and widget.windowType() is Qt.WindowType.Popup]
        painter = QPainter(picture)
        for card in cards:
            painter.drawPixmap(card.pos() - self.shell.pos(), card.grab())
        painter.end()
        for card in cards:
            card.close()
        return picture

    def _use(self, scheme: str) -> None:
        from tlstudio.ui.theme import Theme

        theme = self.application.findChild(Theme)
        assert isinstance(theme, Theme)
        theme.choose(scheme)  # type: ignore[arg-type]


def main(folder: Path) -> None:
    """Take all pictures into `folder`."""
    camera = Camera(folder)
    workspace = camera.shell.workspace
    camera.take("start-new")
    _empty(camera)
    _sample(camera)
    take_failed(camera)
    _read_only(camera)
    with tempfile.TemporaryDirectory() as images:
        take_all(camera, Path(images))
    workspace.close()
    camera.shell.close()


def _empty(camera: Camera) -> None:
    from tlstudio.operations.projects import create_project
    from tlstudio.paths import projects_dir

    create_project(projects_dir() / "Empty project").close()
    camera.shell.workspace.open(projects_dir() / "Empty project")
    camera.until(lambda: camera.shell.workspace.project is not None, "the empty project")
    camera.take("empty", panels=STEPS)
    camera.shell.go_home()


def _sample(camera: Camera) -> None:
    from tlstudio.operations.projects import open_sample

    workspace = camera.shell.workspace
    workspace.open_with(lambda report, stop: open_sample(report, stop, kind="window"))
    camera.until(lambda: workspace.project is not None, "the sample")
    camera.settle(1500)
    _import_weights(camera)
    take_zoo(camera)
    camera.take("untrained", panels=("data", "train", "evaluate", "use"))
    take_cockpit(camera)
    _health(camera)
    quick = run_started(camera, "quick")
    camera.until(run_over(camera, quick), "the quick run")
    _try_images(camera)
    camera.take("done", panels=STEPS)
    take_ranking(camera)
    take_train(camera)
    camera.shell.go_home()
    camera.take("start-recent")


def _health(camera: Camera) -> None:
    """What the checks found in the sample, unfolded."""
    camera.shell.show_panel("data")
    health = camera.shell.panels.panel("data").view.health  # type: ignore[union-attr]
    camera.until(lambda: bool(health.findings), "the findings")
    health.review.click()
    camera.take("health", panels=("data",))
    health.review.click()


def _try_images(camera: Camera) -> None:
    """Ask the model about a few images, one of which is none."""
    from tlstudio.paths import resources

    camera.shell.show_panel("use")
    camera.settle()
    files = [sorted((resources() / "sample" / name).glob("*.jpg"))[7] for name in ("chains", "diatoms", "rods", "yeast")]
    broken = Path(os.environ["HOME"]) / "broken.jpg"
    broken.write_bytes(files[0].read_bytes()[:900])
    panel = camera.shell.panels.panel("use")
    panel.take_drop([*files, broken])  # type: ignore[union-attr]
    camera.until(lambda: not panel.model.waiting, "the answers")  # type: ignore[union-attr]


def _import_weights(camera: Camera) -> None:
    """Pretrained weights, where some are at hand; else the pictures show what random ones give."""
    from tlstudio.operations.weights import import_weights, inspect_weights

    folder = Path(os.environ.get("TLSTUDIO_SHARED", "../shared")) / "weights" / "mobilenetv2_100.qat_in1k"
    if folder.is_dir():
        import_weights(inspect_weights(folder))
        camera.shell.workspace.networks.reload()
        camera.settle()


def num_validations(folder: Path) -> int:
    """Points that a run's curves have."""
    from tlstudio.jobs.watcher import read_state

    return len(read_state(folder).validations)


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


def _read_only(camera: Camera) -> None:
    """The same project, held by another opener."""
    from tlstudio.operations.projects import open_sample

    held = open_sample()
    workspace = camera.shell.workspace
    workspace.open(held.folder)
    camera.until(lambda: workspace.project is not None, "the held project")
    camera.take("read-only", panels=("data", "train"))
    held.close()
    camera.shell.go_home()


def run_started(camera: Camera, recipe_id: str, *, seed: int = 0) -> int:
    """Start a run on the open project as the Train button does; returns its number, when it has some."""
    from tlstudio.domain.recipe import RECIPES
    from tlstudio.operations.weights import default_network

    workspace = camera.shell.workspace
    known = {run.number for run in workspace.runs}
    workspace.training.start(msgspec.structs.replace(RECIPES[recipe_id].build(default_network()), seed=seed))
    camera.until(lambda: bool({run.number for run in workspace.runs} - known), "the run to begin")
    return max(run.number for run in workspace.runs)


def run_over(camera: Camera, number: int) -> Callable[[], bool]:
    """Whether a run has ended and the table knows."""
    return lambda: any(run.number == number and run.status.is_over for run in camera.shell.workspace.runs)


if __name__ == "__main__":
    os.environ.setdefault("TLSTUDIO_NO_WARM_WORKER", "1")
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("build/screenshots")
    shutil.rmtree(target, ignore_errors=True)
    with tempfile.TemporaryDirectory() as home:
        # A home of its own, so that the places in the pictures are those of a fresh user.
        os.environ["HOME"] = home
        for name in ("TLSTUDIO_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_DOCUMENTS_DIR"):
            os.environ.pop(name, None)
        main(target)
    QApplication.quit()

"""Writes a picture of every panel: light and dark, empty, busy, waiting, failed and read-only, 1440 x 900 and 1024 x 700.

Everything in them is real: the sample project, real runs of the real job process, one that waits for its images and one that fails,
a project that another process holds. `python -m benchmarks.screenshots [FOLDER]`; a few of them stand in the README.
"""

import os
import shutil
import sys
import tempfile
from pathlib import Path

from PySide6.QtWidgets import QApplication

from benchmarks.camera import Camera, run_over, run_started
from benchmarks.cockpit_pictures import take_cockpit
from benchmarks.data_pictures import take_all
from benchmarks.ranking_pictures import take_ranking
from benchmarks.train_pictures import take_failed, take_train
from benchmarks.zoo_pictures import take_zoo

STEPS = ("data", "models", "train", "evaluate", "use", "settings")


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

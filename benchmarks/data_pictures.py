"""Pictures of the Data panel with little, much, and troubled data."""

from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.material import shared
from benchmarks.planted_copies import plant

if TYPE_CHECKING:
    from benchmarks.camera import Camera
    from tlstudio.ui.data.panel import DataPanel

_FEW = 12
_MANY = 2000
_SETS = ("flowers5", "office_caltech10", "hymenoptera")


def take_all(camera: "Camera", folder: Path) -> None:
    """Twelve images, two thousand, a health report, the split card, a sweep; skipped where the real photographs are missing."""
    found = shared()
    if found is None:
        return
    data = found / "data"
    _project(camera, "Twelve insects", _some([data / "hymenoptera"], folder / "twelve", _FEW))
    camera.take("twelve", panels=("data",))
    _project(camera, "Two thousand", _some([data / name for name in _SETS], folder / "many", _MANY))
    camera.take("many", panels=("data",), settle_ms=1500)
    camera.take("split", panels=("data",), settle_ms=800, prepare=lambda: _split_card(camera))
    camera.take("sweep", prepare=_panel(camera).sweeping.start, settle_ms=1500)
    _panel(camera).sweeping.view.put_away()
    _project(camera, "Troubled insects", plant(data / "hymenoptera", folder / "planted").folder)
    camera.take("leaks", panels=("data",), prepare=lambda: _panel(camera).view.health.unfold(), settle_ms=1500)
    camera.shell.go_home()


def _panel(camera: "Camera") -> "DataPanel":
    return camera.shell.panels.panel("data")  # type: ignore[return-value]


def _split_card(camera: "Camera") -> None:
    """The card about dividing again, with another division than the one there is."""
    dividing = _panel(camera).dividing
    dividing.open()
    if dividing.popover is not None:
        dividing.popover.another.click()


def _some(sources: list[Path], target: Path, number: int) -> Path:
    """Links to `number` images of class folders, each folder in turn."""
    folders = sorted({file.parent for source in sources for file in source.rglob("*.jpg")})
    files = [sorted(folder.glob("*.jpg")) for folder in folders]
    for turn in range(max(map(len, files))):
        for of_class in files:
            if turn < len(of_class) and number > 0:
                number -= 1
                place = target / of_class[turn].parent.name / f"{folders.index(of_class[turn].parent)}_{of_class[turn].name}"
                place.parent.mkdir(parents=True, exist_ok=True)
                place.symlink_to(of_class[turn])
    return target


def _project(camera: "Camera", name: str, images: Path) -> None:
    """Make a project of images and open it."""
    from tlstudio.operations import splitting
    from tlstudio.operations.importing import import_data
    from tlstudio.operations.projects import create_project
    from tlstudio.paths import projects_dir

    project = create_project(projects_dir() / name)
    import_data(project, images)
    if any(sample.split is None for sample in project.dataset().ready):
        splitting.split(project)
    project.close()
    workspace = camera.shell.workspace
    camera.shell.go_home()
    workspace.open(projects_dir() / name)
    camera.until(lambda: workspace.project is not None and workspace.project.name == name, name)
    camera.settle(1000)

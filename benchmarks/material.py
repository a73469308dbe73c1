"""Real images and weights for the cases, and the end of what they started; without real data the sample of the program stands in."""

import os
from dataclasses import dataclass
from pathlib import Path

import psutil

REPOSITORY = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, kw_only=True)
class Material:
    """A folder of class folders and, where there are any, weights to start from."""

    images: Path
    weights: Path | None


def shared() -> Path | None:
    """The folder of real data, as TLSTUDIO_SHARED names it, or beside the checkout."""
    folder = Path(os.environ.get("TLSTUDIO_SHARED", REPOSITORY.parent / "shared")).resolve()
    return folder if (folder / "data").is_dir() else None


def material(data: str, weights: str) -> Material:
    """`data` and `weights` by their names in the shared folder."""
    folder = shared()
    if folder is None:
        return Material(images=REPOSITORY / "resources" / "sample", weights=None)
    file = folder / "weights" / weights
    return Material(images=folder / "data" / data, weights=file if file.exists() else None)


def small_project(folder: Path, num_images: int) -> Path:
    """A project beside links to so many images of the flowers, evenly of each class; its folder, which is not open."""
    from tlstudio.operations import importing, projects

    source, chosen, made = material("flowers5", "").images, folder / "images", folder / "flowers"
    classes = sorted(item for item in source.iterdir() if item.is_dir())
    for item in classes:
        (chosen / item.name).mkdir(parents=True)
        for file in sorted(item.iterdir())[: num_images // len(classes)]:
            (chosen / item.name / file.name).symlink_to(file)
    project = projects.create_project(made)
    importing.import_data(project, chosen)
    project.close()
    return made


def end_processes_of(folder: Path) -> None:
    """End the jobs that a case which failed left behind: those whose command names something in `folder`."""
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and any(str(folder) in part for part in process.cmdline()):
                process.kill()
                process.wait(10)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue

"""Job folders for engine tests: images on disk, a manifest over them, and what the engine then says."""

from pathlib import Path

import msgspec
from blake3 import blake3

from tlstudio.domain import jobs
from tlstudio.domain.events import AnyEvent
from tlstudio.domain.journal import JournalLine, decode_lines
from tlstudio.domain.manifest import LABEL, Manifest, ManifestAnnotation, ManifestClass, ManifestEntry, manifest_hash
from tlstudio.domain.recipe import Recipe
from tlstudio.domain.run_state import RunState, apply
from tlstudio.domain.splits import Split

TVS = {"t": Split.TRAIN, "v": Split.VAL, "s": Split.TEST}


def manifest_of(folder: Path, *, pattern: str = "tttttvvvss") -> Manifest:
    """The images of class folders in `folder`; `pattern` gives the splits, image by image within a class."""
    names = sorted(item.name for item in folder.iterdir() if item.is_dir())
    entries = []
    for index, name in enumerate(names):
        for number, file in enumerate(sorted((folder / name).iterdir())):
            path = f"{name}/{file.name}"
            split = TVS[pattern[number % len(pattern)]]
            entries.append(entry(len(entries) + 1, path, blake3(file.read_bytes()).hexdigest(), index, split))
    classes = tuple(ManifestClass(index=index, id=f"id-{name}", name=name) for index, name in enumerate(names))
    return Manifest(classes=classes, entries=tuple(entries))


def entry(sample: int, path: str, content_hash: str, label: int, split: Split) -> ManifestEntry:
    """One labelled image under root 1."""
    annotations = (ManifestAnnotation(kind=LABEL, class_index=label),)
    return ManifestEntry(sample=sample, root=1, path=path, content_hash=content_hash, annotations=annotations, split=split)


def write_training(
    project: Path,
    recipe: Recipe,
    manifest: Manifest,
    *,
    images: Path,
    number: int = 1,
    weights_file: Path | None = None,
    threads: int = 1,
    loader_threads: int | None = None,
) -> Path:
    """A job folder as `operations` makes it, ready to run; caches are shared within `project`."""
    folder = project / "runs" / f"{number:04d}"
    folder.mkdir(parents=True)
    data = manifest.encode()
    environment = jobs.Environment(
        roots={"1": str(images)},
        weights_file=str(weights_file) if weights_file else None,
        project_folder=str(project),
        cache_folder=str(project / "cache"),
        device=recipe.device,
        threads=threads,
        loader_threads=loader_threads,
    )
    (folder / jobs.MANIFEST_FILE).write_bytes(data)
    (folder / jobs.RECIPE_FILE).write_bytes(msgspec.json.encode(recipe))
    (folder / jobs.ENVIRONMENT_FILE).write_bytes(msgspec.json.encode(environment))
    (folder / jobs.JOB_FILE).write_bytes(msgspec.json.encode(jobs.TrainJob(manifest_hash=manifest_hash(data))))
    return folder


def lines_of(folder: Path) -> list[JournalLine]:
    """The journal's lines."""
    return [line for line, _offset in decode_lines((folder / jobs.JOURNAL_FILE).read_bytes())]


def events_of(folder: Path) -> list[AnyEvent]:
    """Everything the job has said."""
    return [line.event for line in lines_of(folder)]


def state_of(folder: Path) -> RunState:
    """The fold over it."""
    state = RunState()
    for event in events_of(folder):
        state = apply(state, event)
    return state

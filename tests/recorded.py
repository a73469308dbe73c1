"""Projects with images and runs that a test writes down itself: journals and predictions as the engine leaves them, without torch."""

import functools
import io
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np
from blake3 import blake3
from PIL import Image
from safetensors.numpy import save_file

from tlstudio.domain import events as ev
from tlstudio.domain import jobs
from tlstudio.domain.jobs import Environment, JobSpec, TrainJob
from tlstudio.domain.journal import JournalLine, encode_line
from tlstudio.domain.manifest import LABEL, Manifest, ManifestAnnotation, ManifestClass, ManifestEntry, manifest_hash
from tlstudio.domain.recipe import RECIPES, NetworkPart
from tlstudio.domain.run_state import RunState, apply
from tlstudio.domain.runs import Run
from tlstudio.domain.samples import NewSample
from tlstudio.domain.splits import Split
from tlstudio.evaluation import metrics
from tlstudio.evaluation.predictions import SPLIT_CODES, softmax
from tlstudio.project.project import Project

CLASSES = ("ants", "bees", "wasps")
_SIDE_PX = 48


def make_project(folder: Path, *, num_per_class: int = 10, classes: Sequence[str] = CLASSES, splits: str = "tttttvvvss") -> Project:
    """A project with linked, distinct images. `splits` is gone through image by image: t train, v validation, s test."""
    images = folder.parent / f"{folder.name} images"
    new = []
    for class_index, name in enumerate(classes):
        (images / name).mkdir(parents=True)
        for item in range(num_per_class):
            data = picture(class_index, item)
            path = f"{name}/{name}_{item:03d}.png"
            (images / path).write_bytes(data)
            split = {"t": Split.TRAIN, "v": Split.VAL, "s": Split.TEST}[splits[item % len(splits)]]
            new.append(
                NewSample(
                    path=path,
                    content_hash=blake3(data).hexdigest(),
                    width_px=_SIDE_PX,
                    height_px=_SIDE_PX,
                    format="PNG",
                    class_name=name,
                    split=split,
                )
            )
    project = Project.create(folder)
    project.add_samples(project.add_root(images, copied=False), new, given_splits=True)
    store_thumbnails(project, images)
    return project


@functools.cache  # hundreds of tests begin with the same thirty pictures
def picture(class_index: int, item: int, *, side_px: int = _SIDE_PX) -> bytes:
    """A PNG that no other class and item has."""
    random = np.random.default_rng((class_index, item))
    y, x = np.mgrid[:side_px, :side_px] / side_px - 0.5
    base = np.array([(210, 160, 60), (70, 150, 90), (90, 110, 190)][class_index % 3])
    centre = random.uniform(-0.25, 0.25, 2)
    spot = np.exp(-((x - centre[0]) ** 2 + (y - centre[1]) ** 2) * 14)[..., None]
    # Grains in places of their own: a spot alone is the near copy of any spot that happens to lie beside it.
    places = np.random.default_rng((class_index, item, 1)).uniform(-0.45, 0.45, (10, 2))
    grains = sum(np.exp(-((x - left) ** 2 + (y - top) ** 2) * 300) for left, top in places)[..., None]
    pixels = np.clip(235 - (235 - base) * spot - 60 * grains + random.normal(0, 4, (side_px, side_px, 3)), 0, 255).astype(np.uint8)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def store_thumbnails(project: Project, images: Path) -> None:
    """Put the pictures themselves into the project's thumbnails, which are JPEGs."""
    from tlstudio.operations.thumbnails import thumbnail_store

    store = thumbnail_store(project)
    store.put({sample.content_hash: _jpeg((images / sample.path).read_bytes()) for sample in project.dataset().samples})
    store.close()


@functools.cache
def _jpeg(data: bytes) -> bytes:
    made = io.BytesIO()
    with Image.open(io.BytesIO(data)) as image:
        image.convert("RGB").save(made, "JPEG", quality=95)
    return made.getvalue()


def manifest_of(project: Project) -> Manifest:
    """What a training of this project would be given."""
    dataset = project.dataset()
    classes = tuple(ManifestClass(index=index, id=item.id, name=item.name) for index, item in enumerate(dataset.classes))
    index_of = {item.id: item.index for item in classes}
    entries = tuple(
        ManifestEntry(
            sample=sample.id,
            root=sample.root,
            path=sample.path,
            content_hash=sample.content_hash,
            annotations=(ManifestAnnotation(kind=LABEL, class_index=index_of[sample.class_id]),),
            split=sample.split,
        )
        for sample in dataset.ready
        if sample.class_id is not None
    )
    return Manifest(classes=classes, entries=entries)


def write_job(project: Project, folder: Path, spec: JobSpec, *, outputs: dict[str, str] | None = None) -> None:
    """The files a job starts with, as far as every kind has them."""
    folder.mkdir(parents=True, exist_ok=True)
    roots = {str(root.id): root.path for root in project.dataset().roots}
    environment = Environment(roots=roots, outputs=outputs or {}, project_folder=str(project.folder), cache_folder=str(folder / "cache"))
    (folder / jobs.JOB_FILE).write_bytes(msgspec.json.encode(spec))
    (folder / jobs.ENVIRONMENT_FILE).write_bytes(msgspec.json.encode(environment))


def write_journal(folder: Path, events: Sequence[ev.AnyEvent]) -> RunState:
    """Replay: append `events` as the job would have; gives the state after them."""
    state = RunState()
    with open(folder / jobs.JOURNAL_FILE, "ab") as journal:
        for seq, event in enumerate(events):
            journal.write(encode_line(JournalLine(seq=seq, time=time.time(), event=event)))
            state = apply(state, event)
    return state


def record_run(
    project: Project, number: int, *, recipe: str = "quick", wrong: dict[int, int] | None = None, confidence: float = 3.0
) -> Run:
    """A finished run in its folder and in the run table. `wrong` gives sample id -> class index it was taken for; all else is right.

    Confidence falls with the sample's id, so that an order can be told.
    """
    folder = project.folder / f"runs/{number:04d}"
    manifest = manifest_of(project)
    write_job(project, folder, TrainJob(manifest_hash=manifest_hash(manifest.encode())))
    (folder / jobs.MANIFEST_FILE).write_bytes(manifest.encode())
    built = RECIPES[recipe].build(NetworkPart(architecture="test_resnet"))
    (folder / jobs.RECIPE_FILE).write_bytes(msgspec.json.encode(built))
    num_by_split = write_predictions(folder, manifest, wrong or {}, confidence)
    summary = _summary(folder)
    saved = ev.PredictionsSaved(file=jobs.PREDICTIONS_FILE, hash="0" * 64, num_by_split=num_by_split)
    state = write_journal(folder, [ev.Started(attempt=1, pid=1), saved, ev.Finished(summary=summary)])
    run = Run(
        number=number,
        recipe=built,
        weights_name="",
        created_at=1_700_000_000.0 + number,
        status=state.status,
        summary=summary,
        num_classes=len(manifest.classes),
    )
    project.record_run(run)
    return run


def write_predictions(folder: Path, manifest: Manifest, wrong: dict[int, int], confidence: float) -> dict[Split, int]:
    """Validation and test answers of a run, with the tensors the engine writes."""
    judged = [*manifest.of(Split.VAL), *manifest.of(Split.TEST)]
    targets = np.array([entry.label for entry in judged], np.int64)
    answers = np.array([wrong.get(entry.sample, entry.label) for entry in judged], np.int64)
    logits = np.zeros((len(judged), len(manifest.classes)), np.float32)
    logits[np.arange(len(judged)), answers] = confidence - 0.01 * np.array([entry.sample for entry in judged])
    file = folder / jobs.PREDICTIONS_FILE
    file.parent.mkdir()
    save_file(
        {
            "logits": logits,
            "features": np.zeros((len(judged), 4), np.float16),
            "samples": np.array([entry.sample for entry in judged], np.int64),
            "splits": np.array([SPLIT_CODES[entry.split] for entry in judged if entry.split], np.uint8),
            "targets": targets,
        },
        file,
        {
            "class_ids": msgspec.json.encode([item.id for item in manifest.classes]).decode(),
            "class_names": msgspec.json.encode([item.name for item in manifest.classes]).decode(),
        },
    )
    return {split: len(manifest.of(split)) for split in (Split.VAL, Split.TEST) if manifest.of(split)}


def _summary(folder: Path) -> ev.Summary:
    from tlstudio.evaluation.predictions import read

    part = read(folder / jobs.PREDICTIONS_FILE).of(Split.VAL)
    predicted = softmax(part.logits).argmax(axis=1)
    counts = metrics.count(metrics.confusion(part.targets, predicted, num_classes=len(part.class_names)))
    return ev.Summary(
        accuracy=float(metrics.accuracy(counts)),
        balanced_accuracy=float(metrics.balanced_accuracy(counts)),
        loss=0.3,
        best_step=0,
        seconds=4.2,
        checkpoint=f"{jobs.CHECKPOINTS}/best.safetensors",
    )

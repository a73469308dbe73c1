"""Whether a data set can be trained on, and the frozen list of samples a training works with."""

from collections import Counter

from tlstudio.datasets.copies import leak
from tlstudio.domain.dataset import Dataset
from tlstudio.domain.intensity import IntensityRule
from tlstudio.domain.manifest import LABEL, Manifest, ManifestAnnotation, ManifestClass, ManifestEntry
from tlstudio.domain.samples import Class, Sample
from tlstudio.domain.splits import Split
from tlstudio.errors import TLStudioError
from tlstudio.messages import Message, message


def require_trainable(dataset: Dataset) -> None:
    """Raise `TLStudioError` where no run can come of it: too few classes, or nothing to choose by."""
    if not dataset.ready:
        raise TLStudioError(
            message("train.no_images", "There are no images to train on."),
            message("train.no_images.hint", "Import a folder that has one folder of images for each class."),
        )
    classes = trained_classes(dataset)
    if len(classes) < 2:
        raise _too_few_classes(dataset, classes)
    trained = {item.id for item in classes}
    if not any(sample.split is Split.VAL and sample.class_id in trained for sample in dataset.ready):
        raise TLStudioError(
            message("train.nothing_validates", "No labelled image is in the validation part, so nothing can say how good a run is."),
            message(
                "train.nothing_validates.hint",
                "Divide the images again, or move some to validation by hand. Two images a class are the least.",
            ),
        )


def trained_classes(dataset: Dataset) -> list[Class]:
    """The classes that have training images, in the order of the project."""
    present = {sample.class_id for sample in dataset.ready if sample.split is Split.TRAIN}
    return sorted((item for item in dataset.classes if item.id in present), key=lambda item: item.position)


def build_manifest(dataset: Dataset, *, intensity: IntensityRule) -> Manifest:
    """Every image that takes part, has a split and a class that is trained, in the order of ids."""
    classes = trained_classes(dataset)
    index_by_id = {item.id: index for index, item in enumerate(classes)}
    entries = tuple(entry_of(sample, index_by_id[sample.class_id]) for sample in _taking_part(dataset) if sample.class_id in index_by_id)
    return Manifest(
        classes=tuple(ManifestClass(index=index, id=item.id, name=item.name) for index, item in enumerate(classes)),
        entries=entries,
        intensity=intensity,
    )


def left_out(dataset: Dataset) -> tuple[Message, ...]:
    """What a person should know of the images that are not in the manifest, and of classes with a single training image."""
    notes = []
    unlabelled = dataset.num_by_class[None]
    if unlabelled:
        notes.append(message("train.unlabelled", "{num} images without a class take no part.", num=unlabelled))
    trained = trained_classes(dataset)
    for item in dataset.classes:
        number = dataset.num_by_class[item.id]
        if number and item not in trained:
            text = "Class {name} has no training image, so its {num} images take no part."
            notes.append(message("train.class_left_out", text, name=item.name, num=number))
    in_training = Counter(sample.class_id for sample in dataset.ready if sample.split is Split.TRAIN)
    for item in trained:
        if in_training[item.id] == 1:
            notes.append(message("train.one_image", "Class {name} has only one training image; expect little of it.", name=item.name))
    return tuple(notes)


def shared_with_training(dataset: Dataset) -> dict[Split, int]:
    """How many validation and test images are copies, near copies or of the group of an image that is learned from."""
    leaking = [unit for unit in dataset.units if leak(unit)]
    shared = Counter(sample.split for unit in leaking for sample in unit if sample.class_id is not None)
    return {split: shared[split] for split in (Split.VAL, Split.TEST) if shared[split]}


def _taking_part(dataset: Dataset) -> list[Sample]:
    return [sample for sample in dataset.ready if sample.class_id is not None and sample.split is not None]


def entry_of(sample: Sample, class_index: int, *, fold: int | None = None) -> ManifestEntry:
    """One labelled image as a job is told of it."""
    return ManifestEntry(
        sample=sample.id,
        root=sample.root,
        path=sample.path,
        content_hash=sample.content_hash,
        annotations=(ManifestAnnotation(kind=LABEL, class_index=class_index),),
        group=sample.group,
        split=sample.split,
        fold=fold,
    )


def _too_few_classes(dataset: Dataset, classes: list[Class]) -> TLStudioError:
    if classes:
        title = message(
            "train.only_one_class", "Only one class has training images: {name}. There is nothing to tell apart.", name=classes[0].name
        )
    elif dataset.num_by_class[None] == len(dataset.ready):
        title = message("train.no_classes", "None of the {num} images has a class yet.", num=len(dataset.ready))
    else:
        title = message("train.no_training", "No labelled image is in the training part.")
    return TLStudioError(
        title,
        message(
            "train.few_classes.hint", "Training needs two classes or more, each with images. Add a class, or import a folder for each."
        ),
    )

"""Training needs images to learn from and images to choose by."""

from tlstudio.domain.dataset import Dataset
from tlstudio.domain.findings import Finding, Severity
from tlstudio.domain.splits import Split
from tlstudio.messages import Message, message


def check(id: str, dataset: Dataset) -> list[Finding]:
    """Blocks where training or validation is empty; warns of classes that are missing in one of them."""
    if not any(sample.class_id for sample in dataset.ready):
        return []
    findings = [
        Finding(check=id, severity=Severity.BLOCKS, title=title, why=why)
        for split, title, why in _empty_parts()
        if not dataset.num_by_split[split]
    ]
    return findings or [finding for finding in (_untrained(id, dataset), _unmeasured(id, dataset)) if finding]


def _empty_parts() -> tuple[tuple[Split, Message, Message], ...]:
    return (
        (
            Split.TRAIN,
            message("check.no_training", "No image is in training"),
            message("check.no_training.why", "Divide the images anew with “Split”, or move some to training."),
        ),
        (
            Split.VAL,
            message("check.no_validation", "No image is in validation"),
            message("check.no_validation.why", "Settings are chosen by it. Add images until a class has three, or divide them anew."),
        ),
    )


def _untrained(id: str, dataset: Dataset) -> Finding | None:
    names = _classes_without(dataset, Split.TRAIN)
    if not names:
        return None
    return Finding(
        check=id,
        severity=Severity.WARNS,
        title=message("check.untrained", "Without training images: {names}", names=names),
        why=message("check.untrained.why", "The model can never answer with a class it has not seen; all of its images will be wrong."),
    )


def _unmeasured(id: str, dataset: Dataset) -> Finding | None:
    names = _classes_without(dataset, dataset.measure)
    if not names:
        return None
    return Finding(
        check=id,
        severity=Severity.WARNS,
        title=message("check.unmeasured", "Not measured, because no image is left for it: {names}", names=names),
        why=message("check.unmeasured.why", "A class needs about seven images before one of them can be kept back for measuring."),
    )


def _classes_without(dataset: Dataset, split: Split) -> str:
    present = {sample.class_id for sample in dataset.ready if sample.split is split}
    names = [item.name for item in dataset.classes if dataset.num_by_class[item.id] and item.id not in present]
    return ", ".join(names[:5]) + (" …" if len(names) > 5 else "")

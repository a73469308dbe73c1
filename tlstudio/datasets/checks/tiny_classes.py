"""Classes with so few images that little can be learnt or measured."""

from tlstudio.domain.dataset import Dataset
from tlstudio.domain.findings import Finding, Severity
from tlstudio.domain.samples import Class
from tlstudio.messages import message

FEW = 10


def check(id: str, dataset: Dataset) -> list[Finding]:
    """Warns of classes with one image, and of those with fewer than ten."""
    sizes = {item: dataset.num_by_class[item.id] for item in dataset.classes}
    single = [item for item, number in sizes.items() if number == 1]
    few = [item for item, number in sizes.items() if 1 < number < FEW]
    findings = []
    if single:
        findings.append(
            Finding(
                check=id,
                severity=Severity.WARNS,
                title=message("check.single", "Only one image: {names}", names=_names(single)),
                why=message("check.single.why", "It can only be in training, so this class is never chosen by or measured. Add images."),
                samples=_samples(dataset, single),
            )
        )
    if few:
        findings.append(
            Finding(
                check=id,
                severity=Severity.WARNS,
                title=message("check.few", "Fewer than {limit} images: {names}", limit=FEW, names=_names(few)),
                why=message("check.few.why", "With one or two images to measure by, the figures of these classes are mostly chance."),
                samples=_samples(dataset, few),
            )
        )
    return findings


def _names(classes: list[Class]) -> str:
    return ", ".join(item.name for item in classes[:5]) + (" …" if len(classes) > 5 else "")


def _samples(dataset: Dataset, classes: list[Class]) -> tuple[int, ...]:
    ids = {item.id for item in classes}
    return tuple(sample.id for sample in dataset.ready if sample.class_id in ids)

"""What the rail says of the data."""

from tlstudio.domain.dataset import Dataset
from tlstudio.domain.findings import Finding, Fix, Severity
from tlstudio.ui.words import say, tr, tr_n


def rail_words(dataset: Dataset | None, findings: list[Finding]) -> tuple[str, str]:
    """(second line, mark): what blocks training, or waits for one click to be mended, goes before the counts."""
    if dataset is None or not dataset.samples:
        return tr("No images yet"), ""
    urgent = next((item for item in findings if _is_urgent(item)), None)
    if urgent is not None:
        return say(urgent.title), "warn"
    images = tr_n("1 image", "{n} images", len(dataset.ready))
    classes = tr_n("1 class", "{n} classes", len(dataset.classes))
    return f"{images}, {classes}", "ok" if len(dataset.classes) >= 2 else ""


def _is_urgent(finding: Finding) -> bool:
    return finding.severity is Severity.BLOCKS or (finding.severity is Severity.WARNS and finding.fix is not Fix.NONE)

"""Health checks of a data set: one file each, one row each; pure functions over the snapshot, nothing is opened."""

from collections.abc import Callable
from typing import cast

import msgspec

from tlstudio.domain.dataset import Dataset
from tlstudio.domain.findings import Finding, Severity
from tlstudio.domain.progress import Stop
from tlstudio.lazy import resolve

Check = Callable[[str, Dataset], list[Finding]]


class CheckSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A row of CHECKS."""

    id: str
    check: str
    """"package.module:name" of a function (check id, data set) -> findings; an empty list where all is well."""


CHECKS: tuple[CheckSpec, ...] = (
    CheckSpec(id="too_few_classes", check="tlstudio.datasets.checks.too_few_classes:check"),
    CheckSpec(id="missing_parts", check="tlstudio.datasets.checks.missing_parts:check"),
    CheckSpec(id="straddling_copies", check="tlstudio.datasets.checks.straddling_copies:check"),
    CheckSpec(id="straddling_near_copies", check="tlstudio.datasets.checks.straddling_near_copies:check"),
    CheckSpec(id="straddling_groups", check="tlstudio.datasets.checks.straddling_groups:check"),
    CheckSpec(id="contradicting_copies", check="tlstudio.datasets.checks.contradicting_copies:check"),
    CheckSpec(id="doubted_labels", check="tlstudio.datasets.checks.doubted_labels:check"),
    CheckSpec(id="tiny_classes", check="tlstudio.datasets.checks.tiny_classes:check"),
    CheckSpec(id="imbalance", check="tlstudio.datasets.checks.imbalance:check"),
    CheckSpec(id="blank", check="tlstudio.datasets.checks.blank:check"),
    CheckSpec(id="exact_copies", check="tlstudio.datasets.checks.exact_copies:check"),
    CheckSpec(id="near_copies", check="tlstudio.datasets.checks.near_copies:check"),
    CheckSpec(id="dark", check="tlstudio.datasets.checks.dark:check"),
    CheckSpec(id="over_exposed", check="tlstudio.datasets.checks.over_exposed:check"),
    CheckSpec(id="blurred", check="tlstudio.datasets.checks.blurred:check"),
    CheckSpec(id="odd_sizes", check="tlstudio.datasets.checks.odd_sizes:check"),
    CheckSpec(id="possible_groups", check="tlstudio.datasets.checks.possible_groups:check"),
    CheckSpec(id="possible_bursts", check="tlstudio.datasets.checks.possible_bursts:check"),
    CheckSpec(id="unreadable", check="tlstudio.datasets.checks.unreadable:check"),
    CheckSpec(id="unlabelled", check="tlstudio.datasets.checks.unlabelled:check"),
)
_ORDER = list(Severity)


def run_checks(dataset: Dataset, *, stop: Stop | None = None) -> list[Finding]:
    """All findings, what blocks first, then in the order of the table. An empty project has none.

    Stopped, it answers with what it has found so far.
    """
    findings: list[Finding] = []
    for spec in CHECKS if dataset.samples else ():
        if stop is not None and stop.is_set():
            break
        findings += _load(spec)(spec.id, dataset)
    return sorted(findings, key=lambda finding: _ORDER.index(finding.severity))


def _load(spec: CheckSpec) -> Check:
    return cast(Check, resolve(spec.check))

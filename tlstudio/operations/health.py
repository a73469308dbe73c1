"""What is wrong with a project's data, and the buttons that mend it."""

from collections.abc import Callable

import msgspec

from tlstudio.datasets.checks import run_checks
from tlstudio.datasets.copies import are_apart, exact_copies
from tlstudio.domain.commands import Change, SetAside, SetSplits
from tlstudio.domain.findings import Finding, Fix
from tlstudio.domain.splits import Split
from tlstudio.errors import BugError
from tlstudio.messages import Message, message
from tlstudio.project.project import Project


def findings(project: Project) -> list[Finding]:
    """All findings of the data as it is now, what blocks training first. Milliseconds for 10,000 images."""
    return run_checks(project.dataset())


def fix(project: Project, finding: Finding) -> Change:
    """Do what the finding's button says; undone with one key. Raises `BugError` for a finding without a fix."""
    if finding.fix not in _FIXES:
        raise BugError(f"{finding.check} has no fix")
    return _FIXES[finding.fix](project, finding)


def _move_together(project: Project, finding: Finding) -> Change:
    """All copies of an image to training, where a copy more does no harm; the images that judge stay clean."""
    wanted = set(finding.samples)
    apart = [members for members in exact_copies(project.dataset()) if are_apart(members) and wanted & {sample.id for sample in members}]
    moving = [sample for members in apart for sample in members if sample.split is not Split.TRAIN and sample.class_id is not None]
    command = SetSplits(
        split_by_sample={sample.id: Split.TRAIN for sample in moving}, given={sample.id: sample.split_given for sample in moving}
    )
    change = project.apply(command)
    return msgspec.structs.replace(
        change, words=_words("fix.moved", "1 copy moved to training", "{number} copies moved to training", len(moving))
    )


def _set_aside_copies(project: Project, finding: Finding) -> Change:
    """One image of each set stays."""
    reason = message("aside.copy", "An exact copy of another image")
    change = project.apply(SetAside(reason_by_sample=dict.fromkeys(finding.samples, reason)))
    return msgspec.structs.replace(change, words=_words("fix.aside", "1 copy set aside", "{number} copies set aside", len(finding.samples)))


def _words(id: str, one: str, many: str, number: int) -> Message:
    return message(f"{id}_one", one) if number == 1 else message(id, many, number=number)


_FIXES: dict[Fix, Callable[[Project, Finding], Change]] = {
    Fix.MOVE_TOGETHER: _move_together,
    Fix.SET_ASIDE_COPIES: _set_aside_copies,
}

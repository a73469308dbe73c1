"""What is wrong with a project's data, and the buttons that mend it."""

from collections.abc import Callable, Sequence

import msgspec

from tlstudio.datasets.checks import run_checks
from tlstudio.domain.bursts import BURST
from tlstudio.domain.commands import Change, SetAside
from tlstudio.domain.findings import Finding, Fix, Severity
from tlstudio.errors import BugError
from tlstudio.messages import Message, message
from tlstudio.operations.grouping import use_groups
from tlstudio.operations.moving_together import move_together
from tlstudio.project.project import Project


def findings(project: Project) -> list[Finding]:
    """All findings of the data as it is now, what blocks training first. Milliseconds for 10,000 images."""
    found = run_checks(project.dataset())
    settings = project.settings()
    declined = {Fix.USE_GROUPS: settings.groups_declined, Fix.USE_BURSTS: settings.bursts_declined}
    return [finding for finding in found if not declined.get(finding.fix, False)]


def blocking(project: Project) -> list[Finding]:
    """The findings that training waits for."""
    return [finding for finding in findings(project) if finding.severity is Severity.BLOCKS]


def fix(project: Project, finding: Finding) -> Change:
    """Do what the finding's button says; undone with one key. Raises `BugError` for a finding without a fix."""
    if finding.fix not in _FIXES:
        raise BugError(f"{finding.check} has no fix")
    return _FIXES[finding.fix](project, finding)


def mend_leaks(project: Project, findings: Sequence[Finding]) -> Change:
    """Press the buttons of all findings that move whole units together, as one step of undo."""
    return move_together(project, {id for finding in findings if finding.fix is Fix.MOVE_TOGETHER for id in finding.samples})


def _set_aside_copies(project: Project, finding: Finding) -> Change:
    """One image of each set stays."""
    reason = message("aside.copy", "An exact copy of another image")
    change = project.apply(SetAside(reason_by_sample=dict.fromkeys(finding.samples, reason)))
    return msgspec.structs.replace(change, words=_words("fix.aside", "1 copy set aside", "{number} copies set aside", len(finding.samples)))


def _words(id: str, one: str, many: str, number: int) -> Message:
    return message(f"{id}_one", one) if number == 1 else message(id, many, number=number)


_FIXES: dict[Fix, Callable[[Project, Finding], Change]] = {
    Fix.MOVE_TOGETHER: lambda project, finding: move_together(project, finding.samples),
    Fix.USE_GROUPS: lambda project, _finding: use_groups(project),
    Fix.USE_BURSTS: lambda project, _finding: use_groups(project, BURST),
    Fix.SET_ASIDE_COPIES: _set_aside_copies,
}

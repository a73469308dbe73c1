"""What is wrong with a project's data, and the buttons that mend it."""

from collections.abc import Callable, Sequence

from tlstudio.datasets.checks import run_checks
from tlstudio.datasets.quality import QUALITY_VERSION
from tlstudio.domain.bursts import BURST
from tlstudio.domain.commands import Change, SetAside
from tlstudio.domain.evidence import Evidence
from tlstudio.domain.findings import Finding, Fix, Severity
from tlstudio.domain.progress import Stop
from tlstudio.errors import BugError
from tlstudio.operations.doubting import doubts_of_best_run
from tlstudio.operations.grouping import use_groups
from tlstudio.operations.moving_together import move_together
from tlstudio.operations.reading_again import read_again
from tlstudio.project.project import Project


def findings(project: Project, *, stop: Stop | None = None) -> list[Finding]:
    """All findings of the data as it is now, what blocks training first; a second for 100,000 images. Stopped, only some of them."""
    found = run_checks(project.dataset().with_evidence(evidence(project)), stop=stop)
    settings = project.settings()
    declined = {Fix.USE_GROUPS: settings.groups_declined, Fix.USE_BURSTS: settings.bursts_declined}
    return [finding for finding in found if not declined.get(finding.fix, False)]


def blocking(project: Project) -> list[Finding]:
    """The findings that training waits for; none of them needs evidence."""
    return [finding for finding in run_checks(project.dataset()) if finding.severity is Severity.BLOCKS]


def evidence(project: Project) -> Evidence:
    """What the pixels and the best run say. Read anew each time and not kept: it is of no use to anybody else."""
    run, doubts = doubts_of_best_run(project)
    return Evidence(qualities=project.look_alikes.qualities(QUALITY_VERSION), doubting_run=run, doubts=doubts)


def fix(project: Project, finding: Finding) -> Change:
    """Do what the finding's button says; undone with one key, but for files read again. Raises `BugError` for a finding without a fix."""
    if finding.fix not in _FIXES:
        raise BugError(f"{finding.check} has no fix")
    return _FIXES[finding.fix](project, finding)


def mend_leaks(project: Project, findings: Sequence[Finding]) -> Change:
    """Press the buttons of all findings that move whole units together, as one step of undo."""
    return move_together(project, {id for finding in findings if finding.fix is Fix.MOVE_TOGETHER for id in finding.samples})


def _set_aside(project: Project, finding: Finding) -> Change:
    return project.apply(SetAside(reason_by_sample=dict.fromkeys(finding.extra or finding.samples, finding.reason)))


_FIXES: dict[Fix, Callable[[Project, Finding], Change]] = {
    Fix.MOVE_TOGETHER: lambda project, finding: move_together(project, finding.samples),
    Fix.USE_GROUPS: lambda project, _finding: use_groups(project),
    Fix.USE_BURSTS: lambda project, _finding: use_groups(project, BURST),
    Fix.SET_ASIDE: _set_aside,
    Fix.READ_AGAIN: lambda project, finding: read_again(project, finding.samples),
}

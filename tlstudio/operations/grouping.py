"""Groups of images (slide, patient, burst): proposed by names and times, confirmed by a person, kept on one side from then on."""

import msgspec

from tlstudio.domain.bursts import propose_bursts
from tlstudio.domain.commands import Change, SetGroups
from tlstudio.domain.findings import Fix
from tlstudio.domain.grouping import GroupProposal, propose
from tlstudio.errors import TLStudioError
from tlstudio.messages import message
from tlstudio.project.project import Project


def proposals(project: Project) -> list[GroupProposal]:
    """What folder and file names suggest, the coarsest first, then bursts by time of capture; empty where nothing is plausible."""
    dataset = project.dataset()
    bursts = propose_bursts(dataset)
    return [*propose(dataset), *([] if bursts is None else [bursts])]


def use_groups(project: Project, rule: str | None = None) -> Change:
    """Group the images by a rule (without one, by the coarsest that is plausible); undone with one key.

    Nothing moves: where groups lie on both sides of the division, a finding says so and has the button.
    Raises `TLStudioError` where neither names nor times fit.
    """
    found = next((item for item in proposals(project) if rule is None or item.rule == rule), None)
    if found is None:
        raise TLStudioError(
            message("groups.implausible", "The names of these images and the times they were taken suggest no such groups."),
            message(
                "groups.implausible.hint",
                "Groups are read from folders (slide03/017.png), from names (slide03_017.png), from times of capture within seconds of "
                "each other, or from a column of a table of labels.",
            ),
        )
    return project.apply(SetGroups(group_by_sample=dict(found.group_by_sample)))


def take_groups_away(project: Project) -> Change:
    """No image has a group any more; undone with one key."""
    grouped = [sample.id for sample in project.dataset().samples if sample.group is not None]
    return project.apply(SetGroups(group_by_sample=dict.fromkeys(grouped)))


def decline(project: Project, fix: Fix = Fix.USE_GROUPS) -> Change:
    """The names are not those of groups, or what was taken in a burst does not belong together; not proposed again in this project."""
    if fix is Fix.USE_BURSTS:
        project.set_settings(msgspec.structs.replace(project.settings(), bursts_declined=True))
        return Change(words=message("groups.bursts_declined", "Images taken within seconds of each other count as independent"))
    project.set_settings(msgspec.structs.replace(project.settings(), groups_declined=True))
    return Change(words=message("groups.declined", "These names are taken for names, not for groups"))

"""What a project remembers beside its data: chosen once, the same for whoever opens it next."""

import msgspec

from tlstudio.domain.intensity import IntensityRule
from tlstudio.domain.recipe import NetworkPart
from tlstudio.domain.splits import SplitPlan

SETTINGS_VERSION = 1


class ProjectSettings(msgspec.Struct, frozen=True, kw_only=True):
    """The settings of one project. A changed copy is made with `msgspec.structs.replace`."""

    version: int = SETTINGS_VERSION
    task: str = "classification"
    """A row of TASKS."""
    network: NetworkPart | None = None
    """The network that was chosen for training; None until one is."""
    intensity: IntensityRule = IntensityRule()
    """How deep pixels become 8 bits, in this project and everywhere its models go."""
    split_plan: SplitPlan = SplitPlan()
    """How samples that have no split yet are divided."""
    groups_declined: bool = False
    """A person has said that names which look like those of groups are none."""
    bursts_declined: bool = False
    """A person has said that images taken within seconds of each other do not belong together."""

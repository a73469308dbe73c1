"""What panels hear of each other: signals, nothing else."""

from PySide6.QtCore import QObject, Signal


class Changes(QObject):
    """Signals that any panel may send or hear; arguments are values of `domain`."""

    project_changed = Signal()
    """Another project is open, or none."""
    dataset_changed = Signal(object)
    """A `Change`; `workspace.dataset` is the new snapshot already."""
    undoing = Signal()
    """The newest edit is to be taken back; its `dataset_changed` follows like that of any other."""
    redoing = Signal()
    runs_changed = Signal()
    run_state_changed = Signal(int, object)
    """Number of the run and its `RunState`."""
    weights_changed = Signal()
    network_chosen = Signal(object)
    """A `NetworkPart`."""
    recipe_changed = Signal()
    """A person changed in one panel what a training would be started with: `workspace.choice`."""
    run_chosen = Signal(int)
    """Number of the run a person wants to use."""
    speeds_changed = Signal()
    """A ranking has timed networks."""
    worker_changed = Signal()
    """A warm worker is kept from now on, or it is known that there will be none."""
    selection_changed = Signal(tuple)
    """Sample ids, selected in any panel."""
    said = Signal(str)
    """What just happened, for the status line."""
    hint_changed = Signal(str)
    """What a key does here, for the status line."""
    failed = Signal(object)
    """A `TLStudioError` that no panel showed where it arose."""
    rate_finder_wanted = Signal()
    """The learning-rate finder is to be shown, for `workspace.choice`."""
    show_panel = Signal(str)
    home_wanted = Signal()
    """Back to the start page."""
    rail_changed = Signal(str, str, str)
    """Panel id, its second line in the rail, and the mark: "", "ok", "warn", "busy" or "paused"."""
    theme_changed = Signal()

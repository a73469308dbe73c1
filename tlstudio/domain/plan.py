"""What a training resolves before it computes anything."""

import msgspec

JUDGED_RULE = 2
"""The newest `Plan.judged_rule`."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What was resolved at the start and stays fixed: the same plan gives the same bits on a CPU."""

    device: str
    device_name: str
    threads: int
    """Of each process."""
    measured_threads: int | None = None
    """Those with which precision, layout and batches were measured to be fastest, where that was never done with `threads`."""
    processes: int = 1
    """That train together, each on its share of every batch."""
    precision: str
    channels_last: bool
    batch_size: int
    micro_batch: int
    feature_batch: int = 32
    """Images at a time where nothing is kept for a backward pass."""
    input_size_px: int
    num_train: int
    num_val: int
    num_test: int
    num_steps: int
    """Optimizer steps of the fine-tuning; 0 for a head only."""
    num_epochs: int
    num_views: int = 0
    """Training views of an image whose activations behind the frozen stages are kept; 0 where every epoch makes new ones."""
    boundary: str = ""
    """The last operation of the network that is run only once for each of them."""
    prefix_bytes: int = 0
    """What keeping them takes on the disk."""
    folded: bool = False
    """Whether training steps compute with batch norms folded into convolutions."""
    frozen_precision: str = ""
    """Of frozen stages where they make training views, their batch norms folded once; empty where they compute as training steps do."""
    judged_rule: int = 1
    """How features, and what is judged, are computed. 2: on a processor with folded batch norms, wherever they can be folded."""
    resident: bool = False
    """Whether the training images stay in the memory of the graphics card, where their views are made."""
    seed: int
    versions: dict[str, str]

"""How long a training will take and how much memory it will need, worked out before it starts."""

import msgspec


class SetSize(msgspec.Struct, frozen=True, kw_only=True):
    """What of a data set decides about time."""

    num_train: int
    num_val: int
    num_test: int
    num_classes: int
    mean_pixels: float
    """Pixels of an image's file, in the mean."""
    num_cached: int = 0
    """Images whose features are known already."""

    @property
    def num_images(self) -> int:
        """All that take part."""
        return self.num_train + self.num_val + self.num_test


class RunEstimate(msgspec.Struct, frozen=True, kw_only=True):
    """What to expect of a run; seconds and bytes."""

    first_pass_s: float
    """Once: decoding, and the pass of what is frozen."""
    epoch_s: float
    """Each epoch with its validation; 0 where only a head is solved."""
    total_s: float
    low_s: float
    high_s: float
    """The span in which the whole run is expected to lie."""
    memory_bytes: int
    """At the peak: weights, gradients, optimizer, activations of one batch, libraries."""
    available_bytes: int
    """What the device has for it."""
    num_trainable: int
    num_parameters: int
    cache_bytes: int
    """What features, frozen prefixes and pixels take on the disk."""
    is_measured: bool
    """Whether this network was measured here; otherwise the machine's rates stand in."""

    @property
    def fits(self) -> bool:
        """Whether the memory suffices, the batch as it is."""
        return self.memory_bytes <= self.available_bytes

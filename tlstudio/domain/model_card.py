"""What a trained model is, frozen with its weights: enough to predict with it years later, on another machine."""

import msgspec

from tlstudio.domain.intensity import IntensityRule
from tlstudio.domain.manifest import ManifestClass
from tlstudio.domain.networks import Preprocessing
from tlstudio.domain.recipe import HeadPart, JudgedViews


class SealedCard(msgspec.Struct, frozen=True, kw_only=True):
    """The JSON beside a checkpoint's tensors: their hash, and the card that says what they are."""

    hash: str
    """blake3 of the tensors' file, hex."""
    card: msgspec.Raw


class ModelCard(msgspec.Struct, frozen=True, kw_only=True):
    """The JSON beside a kept checkpoint. Its figures are on the validation split."""

    version: int = 1
    task: str
    architecture: str
    architecture_arguments: dict[str, str | int | float | bool] = {}
    preprocessing: Preprocessing
    intensity: IntensityRule
    decoder_version: int
    classes: tuple[ManifestClass, ...]
    num_features: int
    head: HeadPart = HeadPart()
    """Its kind with the numbers it was made with."""
    judged_views: JudgedViews = "one"
    """mirrored: features are the mean of those of an image and of its mirror image."""
    judged_rule: int = 1
    """As in the plan of its run: whoever uses it judges by the same rule. Cards of before there was a choice keep 1."""
    weights: str
    """Hash of the weights it started from, or "random-<architecture>-<seed>"."""
    manifest: str
    """Hash of the manifest it was trained on."""
    step: int
    """Optimizer step it was taken at; 0 is the solved head on the untouched backbone."""
    epoch: int
    penalty: float
    """Of the head: the strength that was chosen on validation."""
    accuracy: float
    balanced_accuracy: float
    loss: float | None
    app_version: str

    @property
    def class_ids(self) -> tuple[str, ...]:
        """By index of the output."""
        return tuple(item.id for item in self.classes)

    @property
    def class_names(self) -> tuple[str, ...]:
        """By index of the output."""
        return tuple(item.name for item in self.classes)

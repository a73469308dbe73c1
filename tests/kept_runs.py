"""The checkpoint a finished run has kept, written down without torch."""

from pathlib import Path

import msgspec
import numpy as np
from safetensors.numpy import save_file
from weights_files import SMALL, tensors

from tlstudio.domain.intensity import IntensityRule
from tlstudio.domain.manifest import ManifestClass
from tlstudio.domain.model_card import ModelCard, SealedCard
from tlstudio.domain.networks import Preprocessing
from tlstudio.zoo.stored import hash_file


def backbone(*, seed: int = 7) -> dict[str, np.ndarray]:
    """The tensors of a small network without a classifier."""
    return tensors(SMALL, num_classes=0, seed=seed)


def write_checkpoint(
    run: Path,
    *,
    file: Path | None = None,
    values: dict[str, np.ndarray] | None = None,
    weights: str = "random-test_resnet-0",
    step: int = 12,
    arguments: dict[str, str | int | float | bool] | None = None,
) -> Path:
    """The model of a run of three classes, as its journal in `tests.recorded` names it; returns its tensors' file."""
    file = file or run / "checkpoints" / "best.safetensors"
    file.parent.mkdir(exist_ok=True)
    network = {f"backbone.{name}": value for name, value in (backbone() if values is None else values).items()}
    save_file({**network, "head.weight": np.ones((3, 512), np.float32), "head.bias": np.zeros(3, np.float32)}, file)
    card = ModelCard(
        task="classification",
        architecture=SMALL,
        architecture_arguments=arguments or {},
        preprocessing=Preprocessing(input_size_px=96),
        intensity=IntensityRule(),
        decoder_version=1,
        classes=tuple(ManifestClass(index=index, id=name, name=name) for index, name in enumerate(("ants", "bees", "wasps"))),
        num_features=512,
        weights=weights,
        manifest="0" * 64,
        step=step,
        epoch=3,
        penalty=0.1,
        accuracy=0.9,
        balanced_accuracy=0.9,
        loss=0.3,
        app_version="0",
    )
    sealed = SealedCard(hash=hash_file(file), card=msgspec.Raw(msgspec.json.encode(card)))
    file.with_suffix(".json").write_bytes(msgspec.json.encode(sealed))
    return file

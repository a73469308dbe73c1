"""Making a network by its exact name in timm's registry, or torchvision's, and giving it weights."""

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import msgspec
import timm
import torch
from blake3 import blake3
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from tlstudio.domain.networks import Preprocessing, WeightsCard
from tlstudio.domain.recipe import NetworkPart
from tlstudio.engine.models import torchvision_nets
from tlstudio.engine.models.input_channels import adapted
from tlstudio.engine.models.network import Network
from tlstudio.engine.models.pooling import Arguments, width_of, with_pooling
from tlstudio.errors import TLStudioError
from tlstudio.log import logger
from tlstudio.messages import message

log = logger(__name__)

CARD_FILE = "card.json"


@dataclass(frozen=True, kw_only=True)
class Source:
    """What a network is made of: enough to make the same one again."""

    architecture: str
    arguments: Arguments
    preprocessing: Preprocessing
    weights: str
    """Hash of the weights, or "random-<architecture>-<seed>": the key of everything computed with it."""
    weights_file: Path | None = None
    allowed_missing: tuple[str, ...] = ()
    seed: int = 0


def find_source(part: NetworkPart, *, weights_file: Path | None, seed: int) -> Source:
    """Bring together what the recipe asks for and what the weights' card says. Raises `TLStudioError`."""
    if not (timm.is_model(part.architecture) or torchvision_nets.is_known(part.architecture)):
        raise TLStudioError(
            message("network.unknown", "There is no network called {name} here.", name=part.architecture),
            message("network.unknown.hint", "Choose another network; this one may need a newer version of TL Studio."),
        )
    if part.weights is None:
        source = Source(
            architecture=part.architecture,
            arguments={},
            preprocessing=_default_preprocessing(part.architecture),
            weights=f"random-{part.architecture}-{seed}",
            seed=seed,
        )
    else:
        source = _of_weights(part.architecture, part.weights, weights_file, seed)
    source = _resized(source, part.input_size_px)
    size_px = source.preprocessing.input_size_px
    return replace(source, arguments=with_pooling(source.architecture, source.arguments, part.pooling, size_px=size_px))


def create(source: Source) -> Network:
    """The network in evaluation mode, on the CPU, without a head. Raises `TLStudioError` where the weights do not fit."""
    backbone = _create_backbone(source)
    if source.weights_file is not None:
        _load_weights(backbone, source)
    return _network(backbone, source)


def create_empty(architecture: str, arguments: Arguments, preprocessing: Preprocessing) -> Network:
    """A network whose weights are about to be filled from a checkpoint."""
    source = Source(architecture=architecture, arguments=arguments, preprocessing=preprocessing, weights="")
    return _network(_create_backbone(source), source)


def _network(backbone: nn.Module, source: Source) -> Network:
    network = Network(backbone, preprocessing=source.preprocessing, num_features=width_of(backbone, source.arguments))
    network.lay_out(channels_last=True)
    return network.eval()


def _create_backbone(source: Source) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(source.seed)
        if torchvision_nets.is_called(source.architecture):
            return torchvision_nets.build(source.architecture)
        arguments: dict[str, Any] = dict(source.arguments)
        backbone: nn.Module = timm.create_model(source.architecture, pretrained=False, num_classes=0, **arguments)
    return backbone


def _default_preprocessing(architecture: str) -> Preprocessing:
    if torchvision_nets.is_called(architecture):
        return torchvision_nets.default_preprocessing(architecture)
    cfg = timm.get_pretrained_cfg(architecture)
    if cfg is None:
        return Preprocessing()
    return Preprocessing(
        input_size_px=cfg.input_size[-1],
        mean=_triple(cfg.mean),
        std=_triple(cfg.std),
        interpolation=cfg.interpolation or "bicubic",
        crop_fraction=cfg.crop_pct or 0.875,
    )


def _triple(values: Any) -> tuple[float, float, float]:
    first, second, third = (float(value) for value in values)
    return first, second, third


def _of_weights(architecture: str, weights: str, file: Path | None, seed: int) -> Source:
    if file is None or not file.is_file():
        raise TLStudioError(
            message("weights.gone", "The weights that {name} should start from are not on this machine.", name=architecture),
            message("weights.gone.hint", "Import them again in Models, then start again. Their hash is {hash}.", hash=weights[:16]),
        )
    if _hash(file) != weights:
        raise TLStudioError(
            message("weights.changed", "The weights file {file} is not the one that was imported.", file=file.name),
            message("weights.changed.hint", "It was changed or damaged since. Import the weights again in Models."),
        )
    card = _card(file)
    return Source(
        architecture=architecture,
        arguments=card.architecture_arguments if card else {},
        preprocessing=card.preprocessing if card else _default_preprocessing(architecture),
        weights=weights,
        weights_file=file,
        allowed_missing=card.missing_keys if card else (),
        seed=seed,
    )


def _hash(file: Path) -> str:
    return blake3(max_threads=blake3.AUTO).update_mmap(file).hexdigest()


def _card(file: Path) -> WeightsCard | None:
    beside = file.with_name(CARD_FILE)
    if not beside.is_file():
        return None
    try:
        return msgspec.json.decode(beside.read_bytes(), type=WeightsCard)
    except (OSError, ValueError) as error:
        raise TLStudioError(
            message("weights.card", "The card of the weights {file} cannot be read.", file=file.parent.name),
            message("weights.card.hint", "Remove these weights in Models and import them again."),
            details=str(error),
        ) from error


def _resized(source: Source, size_px: int | None) -> Source:
    """Another input size; networks with a fixed one are told."""
    wanted = size_px or source.preprocessing.input_size_px
    torchvision_nets.refuse_other_size(source.architecture, wanted)
    cfg = timm.get_pretrained_cfg(source.architecture)
    arguments = dict(source.arguments)
    if cfg is not None and cfg.fixed_input_size and wanted != cfg.input_size[-1] and "img_size" not in arguments:
        arguments["img_size"] = wanted
    return replace(source, arguments=arguments, preprocessing=msgspec.structs.replace(source.preprocessing, input_size_px=wanted))


def _load_weights(backbone: nn.Module, source: Source) -> None:
    assert source.weights_file is not None
    try:
        tensors = load_file(source.weights_file)
    except (OSError, SafetensorError) as error:
        raise _unfit(source, f"the file cannot be read: {error}") from error
    state = _fitting(backbone, tensors)
    missing, wrong = _differences(backbone, state, source.allowed_missing)
    if missing or wrong:
        names = ", ".join([*missing, *wrong][:5])
        raise _unfit(source, f"{len(missing)} tensors are missing and {len(wrong)} have another shape: {names}")
    bad = [name for name, tensor in state.items() if tensor.is_floating_point() and not torch.isfinite(tensor).all()]
    if bad:
        raise _unfit(source, f"{len(bad)} tensors hold values that are not numbers: {', '.join(bad[:5])}")
    backbone.load_state_dict(state, strict=False)


def _fitting(backbone: nn.Module, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    """The tensors under the backbone's own names; translated by timm's own rule for this family where they do not fit as they are."""
    known = backbone.state_dict()
    tensors = adapted(tensors, known)
    if any(name not in tensors or tensors[name].shape != tensor.shape for name, tensor in known.items()):
        translate = getattr(sys.modules[type(backbone).__module__], "checkpoint_filter_fn", None)
        if translate is not None:
            tensors = _translated(translate, tensors, backbone)
    return {name: tensor for name, tensor in tensors.items() if name in known}


def _translated(translate: Any, tensors: dict[str, Tensor], backbone: nn.Module) -> dict[str, Tensor]:
    try:
        translated = translate(dict(tensors), backbone)
    except (KeyError, ValueError, RuntimeError, AttributeError, IndexError) as error:
        log.info("timm's own translation does not fit these weights: %s", error)
        return tensors
    return translated if isinstance(translated, dict) else tensors


def _differences(backbone: nn.Module, state: dict[str, Tensor], allowed: tuple[str, ...]) -> tuple[list[str], list[str]]:
    known = backbone.state_dict()
    missing = [name for name in known if name not in state and name not in allowed and not name.endswith("num_batches_tracked")]
    return missing, [name for name, tensor in state.items() if tensor.shape != known[name].shape]


def _unfit(source: Source, reason: str) -> TLStudioError:
    assert source.weights_file is not None
    return TLStudioError(
        message("weights.unfit", "The weights do not fit {name}: {reason}.", name=source.architecture, reason=reason),
        message("weights.unfit.hint", "Nothing was trained. Import the weights again in Models and choose the right architecture."),
        details=str(source.weights_file.name),
    )

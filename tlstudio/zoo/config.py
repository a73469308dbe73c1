"""Reads the config.json that timm and the Hugging Face hub put beside weights; takes from it only what is known to be harmless."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from tlstudio.domain.networks import Preprocessing
from tlstudio.errors import TLStudioError
from tlstudio.messages import Message, message
from tlstudio.zoo.shown import shown

CONFIG_FILE = "config.json"
_MAX_BYTES = 16_000_000

_ARGUMENTS = frozenset(
    [
        "pad_type",
        "img_size",
        "patch_size",
        "window_size",
        "global_pool",
        "output_stride",
        "act_layer",
        "norm_layer",
        "bn_eps",
        "init_values",
        "class_token",
        "no_embed_class",
        "reg_tokens",
        "pre_norm",
        "final_norm",
        "fc_norm",
        "qkv_bias",
        "qk_norm",
        "dynamic_img_size",
        "dynamic_img_pad",
        "embed_dim",
        "depth",
        "num_heads",
        "mlp_ratio",
        "channels",
        "strict_img_size",
        "pos_embed",
        "use_rope",
    ]
)
"""Arguments of `timm.create_model` that only change the network. Those that name files, links or code are refused."""
_ONLY_TRAINING = frozenset(
    [
        "drop_rate",
        "drop_path_rate",
        "proj_drop_rate",
        "attn_drop_rate",
        "pos_drop_rate",
        "patch_drop_rate",
        "head_drop_rate",
        "bn_momentum",
        "drop_block_rate",
    ]
)
_INTERPOLATIONS = ("bilinear", "bicubic", "nearest")
_MAX_INPUT_SIZE_PX = 4096


class PretrainedConfig(msgspec.Struct, frozen=True, kw_only=True):
    """timm's `pretrained_cfg`, as far as it matters here."""

    tag: str | None = None
    input_size: tuple[int, int, int] | None = None
    interpolation: str | None = None
    crop_pct: float | None = None
    mean: tuple[float, ...] | None = None
    std: tuple[float, ...] | None = None
    """Of each channel."""
    license: str | None = None


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """What a config.json says of the weights beside it."""

    architecture: str = ""
    """As timm names it, without the tag."""
    tag: str = ""
    library: str = ""
    """Another library whose network this is, with its class; empty for timm's."""
    arguments: dict[str, str | int | float | bool] = {}
    preprocessing: Preprocessing | None = None
    licence: str = ""
    label_names: tuple[str, ...] = ()


def read_config(file: Path) -> Config:
    """The checked content of a config.json. Raises `TLStudioError` where it cannot be used."""
    values = _read(file)
    full = values.get("architecture")
    if not isinstance(full, str):
        return Config(library=_library(values))
    architecture, _, tag = full.partition(".")
    own = values.get("pretrained_cfg")
    try:
        # Older files have the settings at the top.
        pretrained = msgspec.convert(own if isinstance(own, dict) else values, PretrainedConfig)
    except msgspec.ValidationError as error:
        raise _unusable(
            message(
                "weights.config.settings",
                "{file} cannot be used: the settings of the network make no sense ({reason}).",
                file=shown(file),
                reason=str(error),
            )
        ) from error
    return Config(
        architecture=architecture,
        tag=pretrained.tag or tag,
        arguments=_arguments(file, values.get("model_args")),
        preprocessing=_preprocessing(file, pretrained),
        licence=pretrained.license or "",
        label_names=_label_names(values.get("label_names") or (own.get("label_names") if isinstance(own, dict) else None)),
    )


def _read(file: Path) -> dict[str, Any]:
    try:
        if file.stat().st_size > _MAX_BYTES:
            raise _unusable(
                message("weights.config.size", "{file} cannot be used: it is too large for a description of a network.", file=shown(file))
            )
        values = msgspec.json.decode(file.read_bytes())
    except OSError as error:
        raise _unusable(
            message(
                "weights.config.read",
                "{file} cannot be used: it cannot be read ({reason}).",
                file=shown(file),
                reason=error.strerror or str(error),
            )
        ) from error
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise _unusable(
            message("weights.config.json", "{file} cannot be used: it is not JSON ({reason}).", file=shown(file), reason=str(error))
        ) from error
    if not isinstance(values, dict):
        raise _unusable(message("weights.config.kind", "{file} cannot be used: it does not describe a network.", file=shown(file)))
    return values


def _library(values: dict[str, Any]) -> str:
    """The class of the transformers library, where the file is one of its own."""
    classes = values.get("architectures")
    if isinstance(classes, list) and classes and isinstance(classes[0], str):
        return f"transformers ({classes[0]})"
    return f"transformers ({values['model_type']})" if isinstance(values.get("model_type"), str) else ""


def _arguments(file: Path, arguments: object) -> dict[str, str | int | float | bool]:
    if arguments is None:
        return {}
    if not isinstance(arguments, dict):
        raise _unusable(message("weights.config.arguments", "{file} cannot be used: its model_args make no sense.", file=shown(file)))
    kept: dict[str, str | int | float | bool] = {}
    for name, value in arguments.items():
        if value is None or name in _ONLY_TRAINING or name in ("in_chans", "num_classes"):
            continue
        if isinstance(value, list) and value and all(item == value[0] for item in value):
            value = value[0]  # a square given as two sides
        if name not in _ARGUMENTS or not isinstance(value, str | int | float | bool):
            raise _unusable(
                message(
                    "weights.config.argument",
                    "{file} cannot be used: it asks for {name}, which is not a setting of a network that is known here.",
                    file=shown(file),
                    name=name,
                )
            )
        kept[name] = value
    return kept


def _preprocessing(file: Path, given: PretrainedConfig) -> Preprocessing | None:
    """None where the file says nothing of it."""
    if given.input_size is None and given.mean is None and given.std is None:
        return None
    usual = Preprocessing()
    _channels, height, width = given.input_size or (3, usual.input_size_px, usual.input_size_px)
    crop = given.crop_pct or usual.crop_fraction
    is_sound = min(height, width) > 0 and max(height, width) <= _MAX_INPUT_SIZE_PX and 0 < crop <= 1
    mean, std = (_of_colours(values) for values in (given.mean or usual.mean, given.std or usual.std))
    if not is_sound or min(std) <= 0:
        raise _unusable(
            message("weights.config.preprocessing", "{file} cannot be used: its preprocessing makes no sense.", file=shown(file))
        )
    return Preprocessing(
        input_size_px=max(height, width),
        mean=mean,
        std=std,
        interpolation=given.interpolation if given.interpolation in _INTERPOLATIONS else usual.interpolation,
        crop_fraction=crop,
    )


def _label_names(names: object) -> tuple[str, ...]:
    """Names of the classes the weights were trained on; nothing where they are not a plain list."""
    if isinstance(names, list) and all(isinstance(name, str) for name in names):
        return tuple(names)
    return ()


def _of_colours(values: tuple[float, ...]) -> tuple[float, float, float]:
    """A value for each of three channels: repeated and cut as the weights of the first layer are."""
    first, second, third = (*values, *values, *values)[:3]
    return first, second, third


def _unusable(title: Message) -> TLStudioError:
    hint = "Nothing was imported. Drop the .safetensors file alone: its architecture is then recognised by its tensors."
    return TLStudioError(title, message("weights.config.hint", hint))


def strange_argument(arguments: Mapping[str, object]) -> str:
    """The first of a network's arguments that is not a known setting of one; empty where all are."""
    return next((name for name in arguments if name not in _ARGUMENTS), "")

"""torchvision's own classifiers that timm does not have, made by exact name, without the classifier."""

from functools import partial
from typing import Any

from torch import nn
from torchvision.models import get_model, list_models

from tlstudio.domain.networks import Preprocessing
from tlstudio.errors import TLStudioError
from tlstudio.messages import message

PREFIX = "torchvision/"
"""Before the name of each, so that none is taken for timm's network of the same name."""
HALF_SCALED = ("googlenet", "inception_v3")
"""Trained on pixels from -1 to 1; torchvision scales them inside the network, here the preprocessing does."""
_FIXED_SIZE = ("vit_", "maxvit_")
"""They read images of one size only."""
_AUXILIARY = {"googlenet": ("aux1", "aux2"), "inception_v3": ("AuxLogits",)}
"""Heads that only helped the training."""
_BLOCKS = ("features", "layers", "blocks", "trunk_output", "encoder.layers")
"""Containers whose children are the network's stages."""
_INPUT_SIZES_PX = {"inception_v3": 299, "swin_v2_t": 256, "swin_v2_s": 256, "swin_v2_b": 256}


def is_called(name: str) -> bool:
    """Whether a name is one of torchvision's, whatever it stands for."""
    return name.startswith(PREFIX)


def is_known(name: str) -> bool:
    """Whether torchvision has a classifier of that full name."""
    plain = name.removeprefix(PREFIX)
    return is_called(name) and "/" not in plain and plain in list_models()


def build(name: str) -> nn.Module:
    """The network of that full name, whose answer is its feature vector f32[N, num_features]."""
    plain = name.removeprefix(PREFIX)
    network = build_whole(plain)
    classifier = classifiers(plain)[0]
    module: Any = network.get_submodule(classifier)
    network.set_submodule(classifier, nn.Identity())
    told: Any = network
    told.num_features = module.in_channels if isinstance(module, nn.Conv2d) else module.in_features
    told.group_matcher = partial(_group_matcher, network)
    return network


def build_whole(plain: str) -> nn.Module:
    """With its classifier of 1,000 classes and without auxiliary heads; random weights."""
    arguments: dict[str, Any] = {"aux_logits": False, "init_weights": False} if plain in _AUXILIARY else {}
    network: nn.Module = get_model(plain, weights=None, **arguments)
    return network


def classifiers(plain: str) -> tuple[str, ...]:
    """Where the classifier stands in the network, then the auxiliary heads in files of its weights."""
    family = next(prefix for prefix in _CLASSIFIERS if plain.startswith(prefix))
    return (_CLASSIFIERS[family], *_AUXILIARY.get(plain, ()))


_CLASSIFIERS = {
    "alexnet": "classifier.6",
    "convnext": "classifier.2",
    "densenet": "classifier",
    "efficientnet": "classifier.1",
    "googlenet": "fc",
    "inception": "fc",
    "maxvit": "classifier.5",
    "mnasnet": "classifier.1",
    "mobilenet_v2": "classifier.1",
    "mobilenet_v3": "classifier.3",
    "regnet": "fc",
    "resnet": "fc",
    "resnext": "fc",
    "shufflenet": "fc",
    "squeezenet": "classifier.1",
    "swin": "head",
    "vgg": "classifier.6",
    "vit": "heads.head",
    "wide": "fc",
}


def input_size_px(name: str) -> int:
    """The size it was made for."""
    return _INPUT_SIZES_PX.get(name.removeprefix(PREFIX), 224)


def reads_one_size(name: str) -> bool:
    """Whether images of another size cannot be read."""
    return name.removeprefix(PREFIX).startswith(_FIXED_SIZE)


def refuse_other_size(name: str, size_px: int) -> None:
    """Raise `TLStudioError` where a network of torchvision cannot read images of `size_px`."""
    own = input_size_px(name)
    if is_called(name) and reads_one_size(name) and size_px != own:
        raise TLStudioError(
            message("network.one_size", "{name} reads images of {size} px only.", name=name, size=own),
            message("network.one_size.hint", "Set the input size to {size} px, or choose another network.", size=own),
        )


def default_preprocessing(name: str) -> Preprocessing:
    """ImageNet's usual values, or those of the networks that scale pixels another way."""
    size = input_size_px(name)
    if name.removeprefix(PREFIX) in HALF_SCALED:
        return Preprocessing(input_size_px=size, mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5), interpolation="bilinear")
    return Preprocessing(input_size_px=size, interpolation="bilinear")


def _group_matcher(network: nn.Module, *, coarse: bool) -> Any:
    """As timm's networks say it: parameter name -> place of its stage, counted in the order the image passes them."""
    stages: dict[str, int] = {}
    for name, _parameter in network.named_parameters():
        stages.setdefault(_stage(network, name), len(stages))
    return lambda name: stages[_stage(network, name)]


def _stage(network: nn.Module, name: str) -> str:
    for container in _BLOCKS:
        if name.startswith(f"{container}."):
            child = name.removeprefix(f"{container}.").partition(".")[0]
            return f"{container}.{_first_of_stage(network.get_submodule(container), child)}"
    top = name.partition(".")[0]
    return "stem" if top in ("class_token", "conv_proj", "stem") or name == "encoder.pos_embedding" else top


def _first_of_stage(container: nn.Module, child: str) -> str:
    """The child that a stage begins with: each block is one, and so are single layers up to a pooling, as in VGG."""
    first, begins = "", True
    for name, module in container.named_children():
        is_block = next(module.children(), None) is not None
        if begins or is_block:
            first = name
        begins = isinstance(module, nn.MaxPool2d)
        if name == child:
            break
    return first

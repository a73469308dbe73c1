"""A network cut in two where its open stages begin: what stays frozen, and what trains.

What holds: `after(before(images))` has the very bits of `network.features(images)`, checked on random images when the cut is made.
Modules and parameters are the network's own, so whatever happens to them later (an optimizer's step, an average put in place, an
adapter put into a block) happens to both halves. A network that cannot be cut so has no `Split`.

The forward pass is traced symbolically (torch.fx) only as deep as frozen and open parameters share a module: usually the top level and a
list of blocks. Where it asks for a size, which is the same for all images of a training, it is told that of a few random images. The cut
is the last single tensor before the first open parameter that everything behind it depends on; so it fits any network whose stages follow
one another, whatever lies between them.
"""

import inspect
import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, fx, nn

from tlstudio.engine.models.network import Network
from tlstudio.engine.models.stages import last_stages
from tlstudio.log import logger

log = logger(__name__)

_NUM_TRACED, _NUM_TRIED = 2, 3
"""Images that the trace decides with, and that the cut is tried on: what depends on their number or values would not be equal."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Split:
    """The two halves. Activations lie as the network has them in memory: [N, H, W, C] of feature maps that are in channels_last."""

    network: Network
    boundary: str
    """Name of the last frozen operation: the same for all networks of an architecture that are cut alike."""
    shape: tuple[int, ...]
    """Of one image's activations as they lie in memory."""
    is_channels_last: bool
    front: nn.Module
    back: nn.Module

    @property
    def num_values(self) -> int:
        """Numbers of one image's activations."""
        return math.prod(self.shape)

    def before(self, images: Tensor) -> Tensor:
        """Activations [N, *shape] of images uint8[N, S, S, 3], in the precision they are computed in."""
        found: Tensor = self.front(self.network.prepare(images))
        return found.permute(0, 2, 3, 1) if self.is_channels_last else found

    def after(self, activations: Tensor) -> Tensor:
        """Features f32[N, D] of activations [N, *shape]."""
        features: Tensor = self.back(activations.permute(0, 3, 1, 2) if self.is_channels_last else activations)
        return features


def split(network: Network, num_stages: int, *, size_px: int) -> Split | None:
    """Cut in front of the last `num_stages` stages; None where nothing is frozen, or where the halves do not make the whole."""
    open_names = {name for stage in last_stages(network.backbone, num_stages) for name in stage}
    try:
        with torch.inference_mode():
            cut = _cut(network.backbone, open_names, network.prepare(_images(network, _NUM_TRACED, size_px)))
            return None if cut is None else _verified(network, *cut, _images(network, _NUM_TRIED, size_px))
    except Exception as error:  # whatever a network of timm does in its forward pass: without a cut it is trained as a whole
        log.info("%s cannot be cut: %s", type(network.backbone).__name__, error)
        return None


def _images(network: Network, number: int, size_px: int) -> Tensor:
    random = torch.Generator().manual_seed(number)
    return torch.randint(0, 256, (number, size_px, size_px, 3), dtype=torch.uint8, generator=random).to(network.scale.device)


def _verified(network: Network, boundary: str, front: nn.Module, back: nn.Module, images: Tensor) -> Split | None:
    found = front(network.prepare(images))
    is_channels_last = found.ndim == 4 and found.is_contiguous(memory_format=torch.channels_last)
    made = Split(
        network=network,
        boundary=boundary,
        shape=tuple((found.permute(0, 2, 3, 1) if is_channels_last else found).shape[1:]),
        is_channels_last=is_channels_last,
        front=front,
        back=back,
    )
    stored = made.before(images).contiguous().clone()
    is_whole = len(stored) == len(images) and torch.equal(made.after(stored), network.features(images))
    return made if is_whole else None


class _Tracer(fx.Tracer):
    """Goes into `mixed` modules only, and decides as the pass of `prepared` images does."""

    def __init__(self, mixed: Collection[nn.Module], prepared: Tensor) -> None:
        super().__init__()
        self._mixed = frozenset(mixed)
        self._prepared = prepared
        self._is_deciding = False

    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return m not in self._mixed

    def to_bool(self, obj: fx.Proxy) -> bool:
        assert isinstance(self.root, nn.Module)
        nodes = list(obj.node.graph.nodes)
        self._is_deciding = True
        try:
            return bool(_front(self.root, nodes, nodes.index(obj.node))(self._prepared))
        finally:
            self._is_deciding = False

    def call_module(self, m: nn.Module, forward: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        return forward(*args, **kwargs) if self._is_deciding else super().call_module(m, forward, args, kwargs)

    def getattr(self, attr: str, attr_val: Any, parameter_proxy_cache: dict[str, Any]) -> Any:
        return attr_val if self._is_deciding else super().getattr(attr, attr_val, parameter_proxy_cache)


def _cut(backbone: nn.Module, open_names: Collection[str], prepared: Tensor) -> tuple[str, nn.Module, nn.Module] | None:
    """The name of the last frozen operation, what comes up to it, and what comes behind."""
    nodes = list(_Tracer(_mixed(backbone, open_names), prepared).trace(backbone, concrete_args=_defaults(backbone)).nodes)
    last = _last_common(nodes, _first_open(nodes, open_names))
    if last is None:
        return None
    return nodes[last].name, _front(backbone, nodes, last), _back(backbone, nodes, last)


def _mixed(backbone: nn.Module, open_names: Collection[str]) -> list[nn.Module]:
    """Modules with frozen and with open parameters."""
    found = []
    for path, module in backbone.named_modules():
        start = f"{path}." if path else ""
        if len({start + name in open_names for name, _parameter in module.named_parameters()}) == 2:
            found.append(module)
    return found


def _defaults(backbone: nn.Module) -> dict[str, Any]:
    """Arguments of the forward pass besides the images; nobody gives them."""
    arguments = list(inspect.signature(backbone.forward).parameters.values())[1:]
    return {item.name: item.default for item in arguments if item.default is not inspect.Parameter.empty}


def _first_open(nodes: Sequence[fx.Node], open_names: Collection[str]) -> int:
    """The place of the first node with an open parameter; 0 where there is none."""
    for index, node in enumerate(nodes):
        if node.op == "get_attr" and node.target in open_names:
            return index
        if node.op == "call_module" and any(name.startswith(f"{node.target}.") for name in open_names):
            return index
    return 0


def _last_common(nodes: Sequence[fx.Node], limit: int) -> int | None:
    """The last node before `limit` that stands for all in front of it; parameters may be read from anywhere."""
    place = {node: index for index, node in enumerate(nodes)}
    earliest, found = len(nodes), None  # the first place that is read behind the node that is looked at
    for index in range(len(nodes) - 1, 0, -1):
        if index < limit and earliest >= index and nodes[index].op.startswith("call"):
            found = index
            break
        earliest = min([earliest, *(place[item] for item in nodes[index].all_input_nodes if item.op != "get_attr")])
    return found


def _front(backbone: nn.Module, nodes: Sequence[fx.Node], last: int) -> nn.Module:
    graph = fx.Graph()
    copies: dict[fx.Node, fx.Node] = {}
    for node in nodes[: last + 1]:
        copies[node] = graph.node_copy(node, copies.__getitem__)
    graph.output(copies[nodes[last]])
    return _module(backbone, graph)


def _back(backbone: nn.Module, nodes: Sequence[fx.Node], last: int) -> nn.Module:
    graph = fx.Graph()
    copies = {nodes[last]: graph.placeholder("activations")}

    def copied(node: fx.Node) -> fx.Node:
        if node not in copies:  # a parameter or a buffer that is named before the cut
            copies[node] = graph.node_copy(node)
        return copies[node]

    for node in nodes[last + 1 :]:
        copies[node] = graph.node_copy(node, copied)
    return _module(backbone, graph)


def _module(backbone: nn.Module, graph: fx.Graph) -> nn.Module:
    """`graph` over the modules and parameters of the backbone itself."""
    module = fx.GraphModule(backbone, graph)
    module.graph.eliminate_dead_code()
    module.recompile()
    return module

"""Make `torchvision.jsonl`, its tensors and `files.jsonl`: torchvision's own classifiers, and the file names its weights are known by.

    python packaging/catalogue/make_torchvision.py [OUTPUT_FOLDER]

Only networks whose tensors no architecture of timm has; a minute. Run it after `make.py`, whose tables say which those are.
"""

import re
import sys
from pathlib import Path, PurePosixPath
from typing import Any

import torch
from make import preprocessing, tensor_table, write_lines
from measure import adapters_of, count_macs, count_stages
from papers import paper_of
from timm.models import get_pretrained_cfg, list_pretrained
from torchvision.models import get_model_builder, get_model_weights, list_models

from tlstudio.engine.models import torchvision_nets
from tlstudio.engine.models.stages import stages_of
from tlstudio.zoo.catalogue import FILES_FILE, NETWORKS_FILE, TORCHVISION_FILE, TORCHVISION_TENSORS_FILE, read_networks
from tlstudio.zoo.fingerprint import fingerprint

Row = dict[str, Any]

_FAMILIES = (
    (r"alexnet", "AlexNet"),
    (r"convnext", "ConvNeXt"),
    (r"efficientnet_v2", "EfficientNetV2"),
    (r"efficientnet", "EfficientNet"),
    (r"googlenet", "GoogLeNet"),
    (r"inception", "Inception"),
    (r"maxvit", "MaxViT"),
    (r"mnasnet", "MnasNet"),
    (r"mobilenet_v2", "MobileNetV2"),
    (r"mobilenet_v3", "MobileNetV3"),
    (r"regnet", "RegNet"),
    (r"shufflenet", "ShuffleNet V2"),
    (r"squeezenet", "SqueezeNet"),
    (r"swin_v2", "Swin Transformer V2"),
    (r"swin", "Swin Transformer"),
    (r"vgg", "VGG"),
    (r"vit", "Vision Transformer (ViT)"),
    (r"", "ResNet"),
)
_PAPERS = {
    "AlexNet": (2014, "Krizhevsky: One weird trick for parallelizing convolutional neural networks"),
    "GoogLeNet": (2014, "Szegedy et al.: Going Deeper with Convolutions"),
    "ShuffleNet V2": (2018, "Ma et al.: ShuffleNet V2: Practical Guidelines for Efficient CNN Architecture Design"),
    "SqueezeNet": (2016, "Iandola et al.: SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and <0.5MB model size"),
}
"""Families that timm does not have."""
_HASHED = re.compile(r"-[0-9a-f]{8,64}\.(pth|pt|th|bin|safetensors)$")


def measured(name: str) -> Row:
    """Everything about one network that needs the network itself, on the meta device."""
    full = torchvision_nets.PREFIX + name
    with torch.device("cpu" if name.startswith("regnet") else "meta"):  # RegNets compute their widths with tensors
        whole, backbone = torchvision_nets.build_whole(name), torchvision_nets.build(full)
    whole, backbone = whole.to("meta").eval(), backbone.to("meta").eval()
    sets = weights_of(name)
    size = sets[0]["preprocessing"].get("input_size_px", 224) if sets else torchvision_nets.input_size_px(full)
    sizes = {key: parameter.numel() for key, parameter in backbone.named_parameters()}
    macs, problem = count_macs(whole, (3, size, size))
    assert not problem, (name, problem)
    stages = stages_of(backbone)
    backbone.forward_features, backbone.forward_head = backbone.forward, lambda features: features
    costs, problem = count_stages(backbone, stages, (3, size, size))
    assert not problem, (name, problem)
    family = next(family for pattern, family in _FAMILIES if re.match(pattern, name))
    year, paper = _PAPERS.get(family) or paper_of(name, family)
    prefixes = torchvision_nets.classifiers(name)
    tensors = {key: list(tensor.shape) for key, tensor in whole.state_dict().items()}
    return {
        "name": full,
        "tensors": tensors,
        "row": {
            "name": full,
            "family": family,
            "num_parameters": sum(sizes.values()),
            "macs": macs,
            "input_size_px": size,
            "num_features": backbone.num_features,
            "classifiers": prefixes,
            "fingerprint": fingerprint(tensors, prefixes),
            "pretrained": sets,
            "stages": [sum(sizes[key] for key in stage) for stage in stages],
            "stage_macs": costs.macs,
            "stage_outputs": costs.outputs,
            "stage_kept": costs.kept,
            "stage_adapters": adapters_of(backbone),
            "year": year,
            "paper": paper,
        },
        "classifier": {f"{prefix}.weight": True for prefix in prefixes},
    }


def weights_of(name: str) -> list[Row]:
    """The sets that torchvision publishes, its own default first."""
    found = get_model_weights(name)
    order = sorted(found, key=lambda item: (item is not found.DEFAULT, item.name))  # type: ignore[attr-defined]
    sets = [published(name, item) for item in order]
    if not torchvision_nets.reads_one_size(name):
        return sets
    own = torchvision_nets.input_size_px(name)  # sets of another size have other tables of positions
    return [item for item in sets if item["preprocessing"].get("input_size_px", 224) == own]


def published(name: str, item: Any) -> Row:
    """A set, as `PretrainedSpec` reads it. GoogLeNet's and Inception's own input rule is the one with mean and deviation .5."""
    change = item.transforms()
    half = name in torchvision_nets.HALF_SCALED
    made: Row = {
        "tag": item.name.lower(),
        "licence": "cc-by-nc-4.0" if "SWAG" in item.name else "bsd-3-clause",
        "file": file_name(item.url),
        "num_classes": len(item.meta["categories"] or ()) or 1000,
        "preprocessing": preprocessing(
            type("Cfg", (), {
                "input_size": (3, change.crop_size[0], change.crop_size[0]),
                "mean": [0.5] * 3 if half else change.mean,
                "std": [0.5] * 3 if half else change.std,
                "interpolation": change.interpolation.value,
                "crop_pct": round(change.crop_size[0] / change.resize_size[0], 4),
            })
        ),
        "top1": item.meta["_metrics"].get("ImageNet-1K", {}).get("acc@1"),
    }  # fmt: skip
    defaults = {"num_classes": 1000, "top1": None}
    return {key: value for key, value in made.items() if key not in defaults or defaults[key] != value}


def file_name(url: str) -> str:
    """What a download of it is called."""
    return PurePosixPath(url).name


def known_files(rows: list[Row]) -> list[Row]:
    """File names that end in a hash, as torch.hub keeps them -> the set; timm's own and torchvision's."""
    found: dict[str, tuple[str, str]] = {}
    for full in list_pretrained():
        cfg = get_pretrained_cfg(full)
        if cfg is not None and cfg.url and _HASHED.search(file_name(cfg.url)):
            name, _, tag = full.partition(".")
            found.setdefault(file_name(cfg.url), (name, tag))
    for row in rows:
        for item in row["pretrained"]:
            found.setdefault(item.pop("file"), (row["name"], item["tag"]))
    return [{"file": file, "architecture": name, "tag": tag} for file, (name, tag) in sorted(found.items())]


def main() -> None:
    """Write the three tables."""
    output = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[2] / "resources" / "catalogue"
    own = {network.fingerprint for network in read_networks(output / NETWORKS_FILE)}
    names = [name for name in list_models() if get_model_builder(name).__module__.rpartition(".")[0] == "torchvision.models"]
    kept = [row for row in map(measured, sorted(names)) if row["row"]["fingerprint"] not in own]
    rows = [row["row"] for row in kept]
    (output / TORCHVISION_TENSORS_FILE).write_bytes(tensor_table(kept))
    files = known_files(rows)
    write_lines(output / TORCHVISION_FILE, ({key: value for key, value in row.items() if value != []} for row in rows))
    write_lines(output / FILES_FILE, files)
    print(f"{len(rows)} networks of torchvision, {len(files)} file names")
    print(f"left to timm: {sorted(set(names) - {row['name'].removeprefix(torchvision_nets.PREFIX) for row in rows})}")


if __name__ == "__main__":
    main()

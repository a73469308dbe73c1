"""Make `resources/catalogue/` from what was measured and what is published.

    python packaging/catalogue/make.py MEASURED.jsonl RESULTS_FOLDER [OUTPUT_FOLDER]

The same input gives the same bytes. See README.md here for the three steps.
"""

import csv
import json
import lzma
import sys
from collections.abc import Iterable
from math import isfinite
from pathlib import Path
from typing import Any

import msgspec
from families import family_of
from papers import paper_of
from timm.models import get_pretrained_cfg, list_models, list_pretrained

from tlstudio.zoo.catalogue import NETWORKS_FILE, TENSORS_FILE
from tlstudio.zoo.fingerprint import backbone, fingerprint, line

ACCURACY = "results-imagenet.csv"
BENCHMARKS = ("benchmark-infer-amp-nchw-pt291-cu128-4090.csv", "benchmark-infer-fp32-nchw-pt240-cpu-i7_12700h-dynamo.csv")

Row = dict[str, Any]


def read_lines(file: Path) -> list[Row]:
    """One JSON value a line, in the order of their names."""
    rows = [json.loads(text) for text in file.read_text(encoding="utf-8").splitlines()]
    return sorted(rows, key=lambda row: row["name"])


def published_accuracy(folder: Path) -> dict[str, float]:
    """`architecture.tag` -> ImageNet-1k top-1 in percent, as timm publishes it."""
    with open(folder / ACCURACY, newline="", encoding="utf-8") as file:
        found = {row["model"]: float(row["top1"]) for row in csv.DictReader(file)}
    return {name: top1 for name, top1 in found.items() if isfinite(top1)}


def published_macs(folder: Path) -> dict[tuple[str, int], int]:
    """(architecture, input size) -> MACs as timm publishes them, for networks that cannot be counted here."""
    found: dict[tuple[str, int], int] = {}
    for name in BENCHMARKS:
        with open(folder / name, newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                if row["infer_gmacs"]:
                    found.setdefault((row["model"], int(row["infer_img_size"])), round(float(row["infer_gmacs"]) * 1e9))
    return found


def prefixes(row: Row) -> list[str]:
    """Prefixes of the tensors that a new head replaces; the one whose rows are the classes first."""
    found: dict[str, bool] = {}
    for key, depends in row["classifier"].items():
        prefix = key.rpartition(".")[0]
        found[prefix] = found.get(prefix, False) or depends
    return sorted(found, key=lambda prefix: (not found[prefix], prefix))


def network(row: Row, *, accuracy: dict[str, float], macs: dict[tuple[str, int], int], tags: list[str]) -> Row:
    """A row of the catalogue, as `domain.networks.NetworkSpec` reads it; what equals its default is left out."""
    name, size = row["name"], row["input_size"][1]
    family = family_of(name, module=row["module"])
    year, paper = paper_of(name, family)
    made: Row = {
        "name": name,
        "family": family,
        "num_parameters": row["num_parameters"],
        "macs": row["macs"] or macs.get((name, size), 0),
        "input_size_px": size,
        "num_features": row["num_features"],
        "classifiers": prefixes(row),
        "fingerprint": fingerprint(row["tensors"], prefixes(row)),
        "pretrained": [pretrained(name, tag, top1=accuracy.get(f"{name}.{tag}" if tag else name)) for tag in tags],
        "stages": row["stages"],
        "stage_macs": row["stage_macs"],
        "stage_outputs": row["stage_outputs"],
        "stage_kept": row["stage_kept"],
        "stage_adapters": row["stage_adapters"],
        "year": year or None,
        "paper": paper or None,
    }
    return {key: value for key, value in made.items() if value not in ([], None)}


def pretrained(name: str, tag: str, *, top1: float | None) -> Row:
    """A published set of weights, as `PretrainedSpec` reads it."""
    cfg = get_pretrained_cfg(f"{name}.{tag}" if tag else name)
    hub_id = cfg.hf_hub_id or ""
    made: Row = {
        "tag": tag,
        "licence": "" if cfg.license in (None, "unknown") else cfg.license,
        "hub_id": f"{hub_id}{name}.{tag}" if hub_id.endswith("/") else hub_id,
        "num_classes": cfg.num_classes,
        "preprocessing": preprocessing(cfg),
        "top1": top1,
    }
    defaults = {"licence": "", "hub_id": "", "num_classes": 1000, "preprocessing": {}, "top1": None}
    return {key: value for key, value in made.items() if key not in defaults or defaults[key] != value}


def preprocessing(cfg: Any) -> Row:
    """What differs from `domain.networks.Preprocessing`'s defaults, which are timm's."""
    made: Row = {
        "input_size_px": cfg.input_size[1],
        "mean": list(cfg.mean),
        "std": list(cfg.std),
        "interpolation": cfg.interpolation,
        "crop_fraction": cfg.crop_pct,
    }
    defaults = {
        "input_size_px": 224,
        "mean": [0.485, 0.456, 0.406],
        "std": [0.229, 0.224, 0.225],
        "interpolation": "bicubic",
        "crop_fraction": 0.875,
    }
    return {key: value for key, value in made.items() if defaults[key] != value}


def tags_by_name() -> dict[str, list[str]]:
    """The tags of the published sets of each architecture, timm's default first."""
    found: dict[str, list[str]] = {name: [] for name in list_models()}
    for full in list_pretrained():
        name, _, tag = full.partition(".")
        found[name].append(tag)
    for name, tags in found.items():
        default = get_pretrained_cfg(name)
        tags.sort(key=lambda tag: (default is None or tag != default.tag, tag))
    return found


def tensor_table(rows: list[Row]) -> bytes:
    """Each distinct set of tensors once: its fingerprint, then a line a tensor, then an empty line."""
    blocks: dict[str, list[str]] = {}
    for row in rows:
        kept = backbone(row["tensors"], prefixes(row))
        blocks.setdefault(fingerprint(row["tensors"], prefixes(row)), [line(name, shape) for name, shape in kept.items()])
    text = "\n\n".join("\n".join((key, *lines)) for key, lines in blocks.items())
    return lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME)


def write_lines(file: Path, rows: Iterable[Row]) -> None:
    """One compact JSON value a line."""
    file.write_bytes(b"".join(msgspec.json.encode(row) + b"\n" for row in rows))


def main() -> None:
    """Write the two tables."""
    measured, results = read_lines(Path(sys.argv[1])), Path(sys.argv[2])
    output = Path(sys.argv[3]) if len(sys.argv) > 3 else Path(__file__).resolve().parents[2] / "resources" / "catalogue"
    tags, accuracy, macs = tags_by_name(), published_accuracy(results), published_macs(results)
    rows = [network(row, accuracy=accuracy, macs=macs, tags=tags[row["name"]]) for row in measured]
    write_lines(output / NETWORKS_FILE, rows)
    (output / TENSORS_FILE).write_bytes(tensor_table(measured))
    missing = sorted(set(tags) - {row["name"] for row in rows})
    unknown = [row["name"] for row in rows if not row["macs"]]
    print(f"{len(rows)} networks, {sum(len(row.get('pretrained', ())) for row in rows)} sets of weights")
    print(f"not measured: {missing or 'none'}; MACs not known: {unknown or 'none'}")


if __name__ == "__main__":
    main()

"""A pretrained network tells the sample's classes apart although their colours do not: what makes it a sample of transfer learning."""

import json
from pathlib import Path

import numpy as np
import timm
import torch
from safetensors.torch import load_file

from tlstudio import paths
from tlstudio.datasets.decode import decode_image
from tlstudio.datasets.fit import fit
from tlstudio.domain.intensity import IntensityRule
from tlstudio.domain.networks import Preprocessing


def test_a_linear_probe_of_a_pretrained_network_is_well_over_85_percent(shared: Path) -> None:
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import cross_val_score
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    names = [name for index, name in enumerate(_sound_names()) if index % 8 < 4]
    features = _features(shared / "weights" / "mobilenetv2_100.qat_in1k" / "model.safetensors", names)
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.01, max_iter=1000))
    accuracy = cross_val_score(model, features, [name.split("/")[0] for name in names], cv=4).mean()
    assert accuracy > 0.87


def _sound_names() -> list[str]:
    """Without the planted copies and the unreadable file; the three wrong labels stay."""
    sample = paths.resources() / "sample"
    planted = json.loads((sample / "sample.json").read_text("utf-8"))["planted"]
    left_out = {path for fault in ("unreadable", "exact_copy", "near_copy") for path in planted[fault]}
    names = (file.relative_to(sample).as_posix() for file in sample.glob("*/*.jpg"))
    return sorted(set(names) - left_out, key=lambda name: name.split("_")[-1])


def _features(weights: Path, names: list[str]) -> np.ndarray:
    preprocessing = Preprocessing(mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5), input_size_px=160)
    threads = torch.get_num_threads()
    torch.set_num_threads(2)
    network = timm.create_model("mobilenetv2_100", num_classes=0, pad_type="same").eval()
    network.load_state_dict({name: value.float() for name, value in load_file(weights).items() if not name.startswith("classifier")})
    squares = [fit(decode_image(paths.resources() / "sample" / name, IntensityRule()).pixels, preprocessing) for name in names]
    images = torch.from_numpy(np.stack(squares)).permute(0, 3, 1, 2).float() / 127.5 - 1
    with torch.inference_mode():
        features = torch.cat([network(batch) for batch in images.split(32)]).numpy()
    torch.set_num_threads(threads)
    return features

"""ONNX: canonical pixels in, logits and probabilities out; normalisation and softmax are part of the graph."""

import copy
import json
import logging
import warnings
from collections.abc import Callable
from pathlib import Path

import msgspec
import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from tlstudio.domain.model_card import ModelCard
from tlstudio.engine.models.network import Network

_OPSET = 18


class _Graph(nn.Module):
    """What the file computes: image uint8[N, S, S, 3] to probabilities f32[N, K] and logits f32[N, K]."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        logits = self.network.judge(self.network.seen(image))
        return torch.softmax(logits, dim=1), logits


def write(network: Network, card: ModelCard, file: Path) -> None:
    """Write `network` (float32, on the CPU) to `file`; class names and preprocessing travel as the model's metadata."""
    size_px = card.preprocessing.input_size_px
    graph = _Graph(copy.deepcopy(network)).eval().to(memory_format=torch.contiguous_format)
    example = torch.zeros((2, size_px, size_px, 3), dtype=torch.uint8)
    logging.getLogger("torch.onnx").setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of torch's and onnxscript's own insides
        program = torch.onnx.export(
            graph,
            (example,),
            dynamo=True,
            input_names=["image"],
            output_names=["probabilities", "logits"],
            dynamic_shapes=({0: torch.export.Dim("images", min=1)},),
            opset_version=_OPSET,
            verbose=False,
        )
    assert program is not None
    model = program.model_proto
    for key, value in _metadata(card).items():
        model.metadata_props.add(key=key, value=value)
    model.doc_string = "Input: RGB pixels as fitted by the preprocessing in the metadata, 0 to 255."
    onnx.save_model(model, file)


def load(file: Path, *, threads: int) -> Callable[[NDArray[np.uint8]], NDArray[np.float32]]:
    """The file as onnxruntime runs it on the CPU: uint8[N, S, S, 3] to probabilities f32[N, K]."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])

    def answer(images: NDArray[np.uint8]) -> NDArray[np.float32]:
        probabilities: NDArray[np.float32] = session.run(["probabilities"], {"image": images})[0]
        return probabilities

    return answer


def _metadata(card: ModelCard) -> dict[str, str]:
    return {
        "class_names": json.dumps(list(card.class_names), ensure_ascii=False),
        "class_ids": json.dumps(list(card.class_ids)),
        "preprocessing": msgspec.json.encode(card.preprocessing).decode(),
        "judged_views": card.judged_views,
        "intensity": msgspec.json.encode(card.intensity).decode(),
        "architecture": card.architecture,
        "made_by": f"TL Studio {card.app_version}",
    }

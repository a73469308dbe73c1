"""An ONNX Runtime script on a folder: the network exported beforehand (not counted), files decoded by Pillow in threads."""

import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime
import parts
import torch
from PIL import Image

task = parts.read_task()
model = parts.network(task, 5).eval()
views = parts.judged_views(task)


def read(file: Path) -> np.ndarray:
    """f32[3, S, S] of one image."""
    with Image.open(file) as image:
        return views(image.convert("RGB")).numpy()


with tempfile.TemporaryDirectory() as scratch:
    exported = Path(scratch) / "model.onnx"
    example = torch.zeros(task.setting.batch_size, 3, task.size_px, task.size_px)
    torch.onnx.export(model, (example,), exported, dynamo=False, input_names=["images"], dynamic_axes={"images": {0: "batch"}})
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = task.threads
    parts.begin()
    runtime = onnxruntime.InferenceSession(exported, options, providers=["CPUExecutionProvider"])
    files = sorted(item for item in Path(task.folder, "test").rglob("*") if item.is_file())
    size = task.setting.batch_size
    with ThreadPoolExecutor(task.threads) as pool:
        waiting = [pool.submit(read, file) for file in files]
        for start in range(0, len(files), size):
            runtime.run(None, {"images": np.stack([item.result() for item in waiting[start : start + size]])})
    parts.answer(spent=parts.spent(), num_images=len(files), accuracy=float("nan"))

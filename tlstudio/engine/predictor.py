"""A kept model that answers single files: for dropped images and for whole folders, on the same exact path as evaluation.

These files are foreign: nobody has looked at them yet. So they are decoded in processes of their own, and one that crashes or
hangs its decoder costs its own answer and nothing else.
"""

import threading
from collections.abc import Generator, Iterable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray

from tlstudio.datasets.decoder import DecoderPool, Inspected
from tlstudio.domain.jobs import Environment
from tlstudio.engine.checkpoint import open_run
from tlstudio.engine.data.features import compute_features
from tlstudio.engine.data.reading import Ahead, Pixels
from tlstudio.engine.device import Device, choose, settle
from tlstudio.engine.evaluate import logits_of
from tlstudio.engine.models.folding import judge_folded
from tlstudio.engine.models.network import Network
from tlstudio.evaluation.predictions import softmax
from tlstudio.messages import Message


@dataclass(frozen=True, kw_only=True, eq=False)
class Predicted:
    """What the model says of one file: probabilities f64[K], or the reason why it says nothing."""

    file: Path
    probabilities: NDArray[np.float64] | None = None
    reason: Message | None = None


class Predictor:
    """The kept model of the run in `folder`, loaded; a context manager. Raises `TLStudioError` where there is none."""

    def __init__(self, folder: Path, *, environment: Environment) -> None:
        network, self.card = open_run(folder)
        self.device: Device = choose(environment.device, threads=environment.threads)
        settle(self.device)
        self.network: Network = network.to(self.device.torch_device)
        judge_folded(self.network, size_px=self.card.preprocessing.input_size_px, rule=self.card.judged_rule)
        self._decoders = DecoderPool(self.card.intensity, fitted_for=self.card.preprocessing)

    def __enter__(self) -> "Predictor":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the decoder processes."""
        self._decoders.__exit__(None, None, None)

    def predict(self, files: Iterable[Path]) -> Generator[Predicted, None, None]:
        """An answer for each file, in order; a file that cannot be read costs only its own answer."""
        size, files = self.device.feature_batch, list(files)
        stop = threading.Event()
        with ExitStack() as leaving:
            inspected = leaving.enter_context(closing(self._decoders.inspect(files, stop=stop)))
            # One thread, so that each call gets the file whose turn it is, while the network looks at those before.
            ahead = leaving.enter_context(Ahead(files, lambda _file: next(inspected), threads=1, ahead=2 * size))
            leaving.callback(stop.set)
            read = iter(ahead)
            while batch := [future.result() for _file, future in islice(read, size)]:
                yield from self._answers(batch)

    def _answers(self, batch: list[Inspected]) -> list[Predicted]:
        pixels = [self._pixels(item) for item in batch if item.reason is None]
        probabilities = iter(self._probabilities(pixels))
        return [
            Predicted(file=item.path, reason=item.reason)
            if item.reason is not None
            else Predicted(file=item.path, probabilities=next(probabilities))
            for item in batch
        ]

    def _pixels(self, inspected: Inspected) -> Pixels:
        size = self.card.preprocessing.input_size_px
        return np.frombuffer(inspected.fitted, np.uint8).reshape(size, size, 3)

    def _probabilities(self, pixels: list[Pixels]) -> NDArray[np.float64]:
        if not pixels:
            return np.empty((0, len(self.card.classes)))
        features = compute_features(self.network, self.device, np.stack(pixels))
        return softmax(logits_of(self.network, features))

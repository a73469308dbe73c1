"""What a run's model answers to the images that it was validated on, beside what the run itself said of them."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tests.engine.folders import manifest_of
from tlstudio.domain.jobs import Environment
from tlstudio.domain.splits import Split
from tlstudio.engine.predictor import Predictor
from tlstudio.evaluation import predictions


def predicted_and_validated(run: Path, *, project: Path, images: Path) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Probabilities [N, K] of the validation images: as files are answered, and from the predictions of the run."""
    read = predictions.read(run / "predictions/predictions.safetensors").of(Split.VAL)
    paths = {entry.sample: images / entry.path for entry in manifest_of(images).entries}
    environment = Environment(roots={}, project_folder=str(project), cache_folder=str(project / "cache"), threads=1)
    with Predictor(run, environment=environment) as predictor:
        answers = [answer.probabilities for answer in predictor.predict([paths[int(sample)] for sample in read.samples])]
    return np.stack(answers), predictions.softmax(read.logits)

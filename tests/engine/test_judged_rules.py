"""A run's model is used by the rule that the run was judged by, the newest or that of before batch norms were folded."""

from pathlib import Path

import numpy as np
import pytest

from tests.engine.answers import predicted_and_validated
from tests.engine.folders import manifest_of, state_of, write_training
from tests.engine.test_export import export
from tlstudio.domain.recipe import NetworkPart, Recipe, ViewRule
from tlstudio.engine import export_job, worker
from tlstudio.engine.checkpoint import open_run
from tlstudio.engine.models import folding
from tlstudio.engine.models.network import Network


def train(project: Path, images: Path, view_rule: ViewRule) -> Path:
    recipe = Recipe(name="quick", network=NetworkPart(architecture="test_resnet", input_size_px=64), view_rule=view_rule, device="cpu")
    folder = write_training(project, recipe, manifest_of(images), images=images)
    assert worker.run_job(folder) == 0
    plan = state_of(folder).plan
    assert plan is not None
    assert plan.judged_rule == open_run(folder)[1].judged_rule == view_rule
    return folder


@pytest.mark.parametrize("rule", [1, 2])
def test_an_image_of_the_run_is_answered_to_the_last_bit(images: Path, tmp_path: Path, rule: ViewRule) -> None:
    project = tmp_path / "project"
    run = train(project, images, rule)
    predicted, validated = predicted_and_validated(run, project=project, images=images)
    np.testing.assert_array_equal(predicted, validated)


@pytest.mark.parametrize("rule", [1, 2])
def test_an_export_is_compared_with_what_judged(images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rule: ViewRule) -> None:
    train(tmp_path / "project", images, rule)
    folded: list[bool] = []

    def judge_folded(network: Network, **how: int) -> None:
        plain = network.as_judged
        folding.judge_folded(network, **how)
        folded.append(network.as_judged is not plain)

    monkeypatch.setattr(export_job, "judge_folded", judge_folded)
    assert export(tmp_path / "project", images, tmp_path / "model.onnx")[0] == 0
    assert folded == [rule == 2]

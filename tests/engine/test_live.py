"""The live model: after each change of a label the head is that of a fresh solve, judged on validation alone."""

from pathlib import Path

import msgspec
import numpy as np
import pytest

from tests.engine.folders import manifest_of, write_training
from tlstudio.domain.jobs import ENVIRONMENT_FILE, Environment
from tlstudio.domain.manifest import LABEL, Manifest, ManifestAnnotation, ManifestEntry
from tlstudio.domain.recipe import NetworkPart, Recipe
from tlstudio.domain.serving import FeaturesMissing, HeadJudged, JudgeHead
from tlstudio.domain.splits import Split
from tlstudio.engine import worker
from tlstudio.engine.head import Problem, Rows, spread, standardised
from tlstudio.engine.live import LiveModel
from tlstudio.engine.live_head import LiveHead
from tlstudio.errors import TLStudioError

RECIPE = Recipe(name="quick", network=NetworkPart(architecture="test_resnet", input_size_px=64))
PENALTIES = (1e-2, 1e-1, 1.0)


def clouds(number: int, *, seed: int) -> Rows:
    random = np.random.default_rng(seed)
    centres = np.random.default_rng(9).normal(size=(4, 30))
    targets = random.integers(4, size=number)
    features = (centres[targets] + 1.5 * random.normal(size=(number, 30))) * np.logspace(-1, 1, 30)
    return Rows(features=features.astype(np.float32), targets=targets)


def objective(head: LiveHead, train: Rows, penalty: float) -> float:
    """What the solver minimises, in double precision, at the head's last solution."""
    mean, scale = spread(train.features)
    problem = Problem(standardised(train, mean, scale, np.float64), 4, None)
    return problem.loss_and_gradient(head._points[penalty].astype(np.float64), penalty)[1]


@pytest.mark.parametrize("changed", range(4))
def test_after_a_change_in_any_class_it_is_the_head_of_a_fresh_solve(changed: int) -> None:
    train, validation = clouds(200, seed=1), clouds(80, seed=2)
    live = LiveHead(train.features, validation.features)
    settled = live.answer(train.targets, validation.targets, num_classes=4, penalties=PENALTIES)
    assert settled.is_settled
    targets = train.targets.copy()
    targets[np.flatnonzero(targets == changed)[:20]] = (changed + 1) % 4
    answer = live.answer(targets, validation.targets, num_classes=4, penalties=PENALTIES)
    assert not answer.is_settled
    assert answer.penalty == settled.penalty
    fresh = LiveHead(train.features, validation.features)
    expected = fresh.answer(targets, validation.targets, num_classes=4, penalties=(settled.penalty,))
    relabelled = Rows(features=train.features, targets=targets)
    reached, best = (objective(head, relabelled, settled.penalty) for head in (live, fresh))
    assert reached == pytest.approx(best, rel=1e-3)
    np.testing.assert_allclose(answer.probabilities, expected.probabilities, atol=0.02)
    assert np.abs(answer.probabilities - settled.probabilities).max() > 0.05, "the change must show, or the test shows nothing"


def test_the_penalty_is_chosen_anew_when_asked_and_for_other_classes() -> None:
    train, validation = clouds(200, seed=1), clouds(80, seed=2)
    live = LiveHead(train.features, validation.features)
    live.answer(train.targets, validation.targets, num_classes=4, penalties=PENALTIES)
    again = live.answer(train.targets, validation.targets, num_classes=4, penalties=PENALTIES, chooses=True)
    losses = {
        penalty: LiveHead(train.features, validation.features)
        .answer(train.targets, validation.targets, num_classes=4, penalties=(penalty,))
        .loss
        for penalty in PENALTIES
    }
    assert again.is_settled
    assert again.loss == pytest.approx(min(losses.values()), rel=1e-2)
    assert live.answer(train.targets % 2, validation.targets % 2, num_classes=2, penalties=PENALTIES).is_settled


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from tests.recorded import picture

    folder = tmp_path_factory.mktemp("live") / "images"
    for index, name in enumerate(("ants", "bees")):
        (folder / name).mkdir(parents=True)
        for item in range(20):
            (folder / name / f"{name}_{item:03d}.png").write_bytes(picture(index, item))
    return folder


@pytest.fixture(scope="module")
def run_folder(images: Path) -> Path:
    """A run of half of the images."""
    folder = write_training(images.parent / "project", RECIPE, half(manifest_of(images)), images=images)
    assert worker.run_job(folder) == 0
    return folder


def half(manifest: Manifest) -> Manifest:
    kept = tuple(entry for entry in manifest.entries if int(entry.path[-7:-4]) < 10)
    return msgspec.structs.replace(manifest, entries=kept)


def relabelled(manifest: Manifest, *samples: int, label: int) -> Manifest:
    def change(entry: ManifestEntry) -> ManifestEntry:
        annotations = (ManifestAnnotation(kind=LABEL, class_index=label),)
        return msgspec.structs.replace(entry, annotations=annotations) if entry.sample in samples else entry

    return msgspec.structs.replace(manifest, entries=tuple(change(entry) for entry in manifest.entries))


def asking(folder: Path, manifest: Manifest, **more: object) -> JudgeHead:
    environment = msgspec.json.decode((folder / ENVIRONMENT_FILE).read_bytes(), type=Environment)
    return JudgeHead(run_folder=str(folder), environment=environment, manifest=manifest, **more)  # type: ignore[arg-type]


def judged(live: LiveModel, request: JudgeHead) -> HeadJudged:
    reply = live.answer(request)
    assert isinstance(reply, HeadJudged)
    return reply


def test_it_is_judged_on_validation_alone_by_the_labels_of_the_moment(images: Path, run_folder: Path) -> None:
    manifest = half(manifest_of(images))
    validation = {entry.sample for entry in manifest.of(Split.VAL)}
    request = asking(run_folder, manifest)
    live = LiveModel(request)
    before = judged(live, request)
    assert set(before.predicted) == validation
    assert before.num_validation == len(validation) == sum(map(sum, before.confusion))
    assert before.num_train == len(manifest.of(Split.TRAIN))
    assert before.accuracy == 1.0
    one = min(validation)
    wrong = judged(live, asking(run_folder, relabelled(manifest, one, label=1)))
    assert wrong.confusion[1][0] == 1, "an image of validation that is now called a bee is still taken for an ant"
    tested = [entry.sample for entry in manifest.of(Split.TEST)]
    same = judged(live, asking(run_folder, relabelled(manifest, *tested, label=1)))
    assert same.predicted == before.predicted
    assert same.loss == pytest.approx(before.loss, rel=1e-3), "labels of the test set change nothing"


def test_class_weights_change_the_head(images: Path, run_folder: Path) -> None:
    manifest = half(manifest_of(images))
    ants = [entry.sample for entry in manifest.of(Split.TRAIN) if entry.label == 0]
    uneven = relabelled(manifest, *ants[1:], label=1)  # one ant among ants that are called bees
    live = LiveModel(asking(run_folder, uneven))
    plain = judged(live, asking(run_folder, uneven))
    weighted = judged(live, asking(run_folder, uneven, balance="weighted"))
    assert weighted.loss < 0.9 * plain.loss, "the one counts more, and so the ants of validation are found rather"


def test_new_images_are_computed_only_when_there_is_time_for_it(images: Path, run_folder: Path) -> None:
    manifest = manifest_of(images)
    live = LiveModel(asking(run_folder, half(manifest)))
    first = judged(live, asking(run_folder, half(manifest)))
    new = sum(entry.split is not Split.TEST for entry in manifest.entries) - first.num_train - first.num_validation
    reply = live.answer(asking(run_folder, manifest))
    assert reply == FeaturesMissing(num_missing=new, num_images=first.num_train + first.num_validation + new)
    while isinstance(reply, FeaturesMissing):
        left, reply = reply.num_missing, live.answer(asking(run_folder, manifest, compute_s=1e-9))
        assert isinstance(reply, HeadJudged) or reply.num_missing < left
    assert reply.num_train + reply.num_validation == first.num_train + first.num_validation + new
    assert isinstance(LiveModel(asking(run_folder, manifest)).answer(asking(run_folder, manifest)), HeadJudged), "they are kept"


def test_one_class_is_refused(images: Path, run_folder: Path) -> None:
    manifest = half(manifest_of(images))
    everything = [entry.sample for entry in manifest.entries]
    request = asking(run_folder, relabelled(manifest, *everything, label=0))
    with pytest.raises(TLStudioError, match="at least two classes"):
        LiveModel(request).answer(request)

"""The solved head against a solver everybody trusts."""

import numpy as np
import pytest

from tlstudio.engine import head as solving
from tlstudio.engine.head import Rows, SolvedHead, solve


def rows(number: int, *, num_features: int = 12, num_classes: int = 3, seed: int = 0) -> Rows:
    """Overlapping clouds, features on very different scales, one of them constant."""
    random = np.random.default_rng(seed)
    centres = np.random.default_rng(99).normal(size=(num_classes, num_features))
    targets = random.integers(num_classes, size=number)
    features = (centres[targets] + random.normal(size=(number, num_features)) * 1.5) * np.logspace(-2, 2, num_features) + 5
    features[:, 0] = 7.0
    return Rows(features=features.astype(np.float32), targets=targets)


def solved(train: Rows, validation: Rows, **named: object) -> SolvedHead:
    solver = solve(train, validation, num_classes=3, **named)  # type: ignore[arg-type]
    while True:
        try:
            next(solver)
        except StopIteration as end:
            head: SolvedHead = end.value
            return head


def probabilities(head: SolvedHead, features: np.ndarray) -> np.ndarray:
    logits = features.astype(np.float64) @ head.weight.T.astype(np.float64) + head.bias
    exponents = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponents / exponents.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("penalty", [1e-3, 1e-1])
def test_it_finds_what_scikit_learn_finds(penalty: float, weighted: bool) -> None:
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    train, validation = rows(200), rows(80, seed=1)
    weights = np.array([0.5, 1.0, 2.0]) if weighted else None
    head = solved(train, validation, penalties=(penalty,), class_weights=weights)
    scaler = StandardScaler().fit(train.features)
    each = np.ones(200) if weights is None else weights[train.targets]
    reference = LogisticRegression(C=1 / (penalty * each.sum()), tol=1e-8, max_iter=5000)
    reference.fit(scaler.transform(train.features), train.targets, sample_weight=each)
    expected = reference.predict_proba(scaler.transform(validation.features))
    np.testing.assert_allclose(probabilities(head, validation.features), expected, atol=5e-3)


def test_the_penalty_is_the_one_with_the_lowest_loss_on_validation() -> None:
    train, validation = rows(40), rows(400, seed=1)
    head = solved(train, validation, penalties=(1e-4, 1e-2, 1.0, 100.0))
    assert set(head.validation_loss) == {1e-4, 1e-2, 1.0, 100.0}
    assert head.validation_loss[head.penalty] == min(head.validation_loss.values())
    assert head.penalty in (1e-2, 1.0)
    chosen = probabilities(head, validation.features)[np.arange(400), validation.targets]
    assert -np.log(chosen).mean() == pytest.approx(head.validation_loss[head.penalty], rel=1e-3)


def test_asked_to_stop_it_answers_with_the_best_so_far() -> None:
    head = solved(rows(40), rows(40, seed=1), penalties=(1e-4, 1.0, 100.0), should_stop=lambda: True)
    assert list(head.validation_loss) == [100.0]


def test_two_hundred_images_of_a_small_network_take_a_few_dozen_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Far less than a second; but no busy machine can be held to a time."""
    looks: list[float] = []
    honest = solving.Problem.loss_and_gradient

    def look(self: solving.Problem, point: solving.Floats, penalty: float) -> tuple[float, float, solving.Floats]:
        looks.append(penalty)
        return honest(self, point, penalty)

    monkeypatch.setattr(solving.Problem, "loss_and_gradient", look)
    train, validation = rows(244, num_features=192), rows(153, num_features=192, seed=1)
    solved(train, validation, penalties=(1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0))
    assert len(looks) < 200

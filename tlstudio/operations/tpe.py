"""The next trial by what the ones before came to: optuna's tree-structured Parzen estimator (Bergstra et al. 2011).

Needs the extra `optuna`. Nothing of it is stored: a study in memory is made again from the finished trials each time.
"""

import importlib.util
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tlstudio.domain.recipe import Recipe
from tlstudio.domain.recipe_settings import SETTINGS
from tlstudio.domain.setting_spec import Value
from tlstudio.domain.trials import Axis, Combination, TrialPlan
from tlstudio.errors import TLStudioError
from tlstudio.messages import message

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

_FIRST_BY_CHANCE = 4


def is_installed() -> bool:
    """Whether trials can be chosen in this way here."""
    return importlib.util.find_spec("optuna") is not None


def require() -> None:
    """Raise `TLStudioError` where it is not installed."""
    if not is_installed():
        raise TLStudioError(
            message("optuna.missing", "Trials cannot be chosen by TPE: the extra is not installed."),
            message("optuna.missing.hint", "Install it where TL Studio is installed: pip install 'tlstudio[optuna]'. Or take random."),
        )


def suggest(plan: TrialPlan, told: Sequence[tuple[Recipe, float]], *, number: int) -> Combination:
    """The values of trial `number` after those that are `told`, each with its balanced accuracy."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    distributions = {axis.setting: _distribution(axis) for axis in plan.axes}
    sampler = optuna.samplers.TPESampler(seed=plan.seed + number, n_startup_trials=_FIRST_BY_CHANCE)
    study = optuna.create_study(direction="maximize", sampler=sampler)
    for recipe, value in told:
        params = {axis.setting: _param(axis, SETTINGS[axis.setting].read(recipe)) for axis in plan.axes}
        if all(param is not None for param in params.values()):
            study.add_trial(optuna.trial.create_trial(params=params, distributions=distributions, value=value))
    suggested = study.ask(distributions).params
    return {axis.setting: _value(axis, suggested[axis.setting]) for axis in plan.axes}


def _distribution(axis: Axis) -> "BaseDistribution":
    from optuna.distributions import CategoricalDistribution, FloatDistribution

    if axis.values:
        return CategoricalDistribution(range(len(axis.values)))
    return FloatDistribution(axis.low, axis.high, log=axis.is_log)


def _param(axis: Axis, value: Value) -> int | float | None:
    """Values are told by their place; None is a recipe that this sweep would not have made."""
    if axis.values:
        return axis.values.index(value) if value in axis.values else None
    is_inside = isinstance(value, int | float) and axis.low <= value <= axis.high
    return float(value) if is_inside and isinstance(value, int | float) else None


def _value(axis: Axis, param: float) -> Value:
    return axis.values[int(param)] if axis.values else axis.rounded(param)

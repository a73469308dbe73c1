"""The learning rates of a fine-tuning's stages: one rule for what trains, what is shown of it, and what the journal says."""

from tlstudio.domain.recipe import FineTunePart

LEAST_SHARE = 0.01
"""Of the head's rate, below which the rule takes no stage: a stage that trains is to move, however many blocks lie behind it.

As in discriminative fine-tuning (Howard & Ruder 2018), with the range of a hundred that fastai's slice(lr/100, lr) gives it.
"""


def rates_of_stages(part: FineTunePart, num_stages: int) -> tuple[float, ...]:
    """Learning rates of the last `num_stages` stages, the last one first; never rising.

    Where the recipe names rates for fewer stages than train, those before them go on with the stage decay.
    """
    rates = list(part.stage_rates[:num_stages])
    while len(rates) < num_stages:
        after = rates[-1] if rates else part.learning_rate
        rates.append(min(after, max(after * part.stage_decay, part.learning_rate * LEAST_SHARE)))
    return tuple(rates)

"""Learning rates of stages: the rule, what was set by hand instead of it, and how a rate is written."""

from tlstudio.domain.recipe import FineTunePart


def rates_of(part: FineTunePart, number: int) -> tuple[float, ...]:
    """Of the last `number` stages, the last one first. What was set by hand for fewer goes on by the rule."""
    rates = list(part.stage_rates[:number])
    while len(rates) < number:
        rates.append((rates[-1] if rates else part.learning_rate) * part.stage_decay)
    return tuple(rates)


def rate_words(rate: float) -> str:
    """0.0003 as "3e-4", 0.000027 as "2.7e-5"."""
    if rate >= 0.01:
        return f"{rate:g}"
    digits, _, exponent = f"{rate:.1e}".partition("e")
    return f"{digits.removesuffix('.0')}e{int(exponent)}"

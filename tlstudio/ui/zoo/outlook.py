"""What a network would take on this computer with the open project's images: its speed, a training, memory. And how that is said."""

from dataclasses import dataclass

from tlstudio.ui.words import duration, number, tr

_LEAST_RATE = 0.01
"""Images a second; below it nobody waits for more figures."""


@dataclass(frozen=True, kw_only=True)
class Outlook:
    """Estimates for the *Balanced* recipe; seconds and bytes."""

    images_per_s: float
    """Through the backbone, once."""
    run_s: float | None
    """A training with the project's images; None where it has none to train on."""
    memory_bytes: int
    """At the peak of that training."""
    available_bytes: int
    is_measured: bool
    """Whether this network was measured here; otherwise it is worked out from the machine's rates."""

    @property
    def fits(self) -> bool:
        """Whether the memory suffices."""
        return self.memory_bytes <= self.available_bytes


def speed_words(outlook: Outlook) -> str:
    """ "2,515" where it was measured, else "~820"; never longer than a column has room for."""
    rate = outlook.images_per_s
    if rate < _LEAST_RATE:
        return tr("<{figure}", figure=f"{_LEAST_RATE:g}")
    shown = number(_rounded(rate)) if rate >= 10 else f"{rate:.1f}" if rate >= 0.1 else f"{rate:.2f}"
    return shown if outlook.is_measured else tr("~{figure}", figure=shown)


def run_words(outlook: Outlook) -> str:
    """ "3 min" where the network was measured, else "~3 min"; empty where there is nothing to train on."""
    if outlook.run_s is None:
        return ""
    return duration(outlook.run_s) if outlook.is_measured else tr("~{figure}", figure=duration(outlook.run_s, is_rough=True))


def _to(value: float, step: int) -> int:
    return round(value / step) * step


def _rounded(rate: float) -> int:
    """Three figures are more than such a rate is worth."""
    digits = 1 if rate < 1000 else 10 if rate < 10_000 else 100
    return _to(rate, digits)

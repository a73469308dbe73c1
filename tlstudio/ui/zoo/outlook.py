"""What a network would take on this computer with the open project's images: its speed, a training, memory. And how that is said."""

from dataclasses import dataclass

from tlstudio.ui.words import number, tr


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
    """ "2,515" where it was measured, else "~820"."""
    rate = outlook.images_per_s
    shown = number(_rounded(rate)) if rate >= 10 else f"{rate:.1f}" if rate >= 0.1 else f"{rate:.2g}"
    return shown if outlook.is_measured else tr("~{figure}", figure=shown)


def run_words(outlook: Outlook) -> str:
    """ "1 m 10 s" where the network was measured, else "~3 m"; empty where there is nothing to train on."""
    if outlook.run_s is None:
        return ""
    return short_time(outlook.run_s) if outlook.is_measured else tr("~{figure}", figure=short_time(outlook.run_s, is_rough=True))


def short_time(seconds: float, *, is_rough: bool = False) -> str:
    """For a column: "20 s", "1 m 10 s", "48 m", "2 h 30 m"; rough ones have one unit."""
    if seconds < 60:
        return tr("{n} s", n=max(5 if is_rough else 1, _to(seconds, 5 if is_rough or seconds > 20 else 1)))
    minutes = seconds / 60
    if minutes < 10 and not is_rough:
        whole, rest = divmod(_to(seconds, 10), 60)
        return tr("{m} m {s} s", m=whole, s=rest) if rest else tr("{m} m", m=whole)
    if minutes < 60:
        return tr("{m} m", m=round(minutes))
    hours = minutes / 60
    if is_rough or hours >= 10:
        return tr("{h} h", h=round(hours)) if hours < 48 else tr("{d} d", d=round(hours / 24))
    whole, rest = divmod(_to(minutes, 10), 60)
    return tr("{h} h {m} m", h=whole, m=rest) if rest else tr("{h} h", h=whole)


def _to(value: float, step: int) -> int:
    return round(value / step) * step


def _rounded(rate: float) -> int:
    """Three figures are more than such a rate is worth."""
    digits = 1 if rate < 1000 else 10 if rate < 10_000 else 100
    return _to(rate, digits)

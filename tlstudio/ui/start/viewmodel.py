"""What the cards of the start page say, as plain values."""

import datetime
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtGui import QImage

from tlstudio.project.recents import RecentProject
from tlstudio.ui.words import percent, tr, tr_n

NUM_RECENT = 5


@dataclass(frozen=True, kw_only=True)
class CardView:
    """One card. `path` is None for the sample."""

    title: str
    line: str
    badge: str
    tone: str = "neutral"
    path: Path | None
    images: tuple[QImage, ...] = ()


def recent_card(recent: RecentProject, images: tuple[QImage, ...], *, now: float) -> CardView:
    """The card of a project that was open lately."""
    return CardView(
        title=recent.name,
        line=_line(recent),
        badge=tr("running") if recent.is_running else when(recent.opened_at, now=now),
        tone="accent" if recent.is_running else "neutral",
        path=Path(recent.path),
        images=images,
    )


def _line(recent: RecentProject) -> str:
    parts = [tr_n("1 image", "{n} images", recent.num_images)]
    if recent.best is not None:
        parts.append(tr("balanced acc. {share}", share=percent(recent.best)))
    elif recent.num_classes:
        parts.append(tr_n("1 class", "{n} classes", recent.num_classes))
    return " · ".join(parts)


def when(time: float, *, now: float) -> str:
    """A day in words: today, yesterday, 5 days ago, or the date."""
    day, today = datetime.date.fromtimestamp(time), datetime.date.fromtimestamp(now)
    days = (today - day).days
    if days <= 0:
        return tr("today")
    if days == 1:
        return tr("yesterday")
    return tr("{n} days ago", n=days) if days < 14 else day.isoformat()

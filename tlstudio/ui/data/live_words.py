"""What the line of the live model says, as plain values."""

from tlstudio.domain.serving import FeaturesMissing, HeadJudged
from tlstudio.ui.words import number, percent, tr, tr_n

MOST_NEW = 200
"""Images that are computed for it while a person labels; a run looks at more of them."""


class LiveState:
    """The newest figures, those before the last change of a label, or why there are none."""

    def __init__(self) -> None:
        self.judged: HeadJudged | None = None
        self.note = ""
        self._before: float | None = None

    def forget(self) -> None:
        """Another project, network or setting: what was said before does not compare."""
        self.judged, self._before, self.note = None, None, ""

    def take(self, judged: HeadJudged, *, is_change: bool) -> None:
        """Newer figures; `is_change` where the labels are others than those of the figures before."""
        last = self.judged
        if last is None or last.class_ids != judged.class_ids:
            self._before = None
        elif is_change:
            self._before = last.balanced_accuracy
        self.judged, self.note = judged, ""

    def explain(self, note: str) -> None:
        """There are no figures for these labels, because of this."""
        self.note = note

    @property
    def has_matrix(self) -> bool:
        """Whether the figures are those of the labels as they are."""
        return self.judged is not None and not self.note

    @property
    def words(self) -> str:
        """The line; empty where there is nothing to say yet."""
        if self.note:
            return tr("Live model: {note}", note=self.note)
        if self.judged is None:
            return ""
        value = percent(self.judged.balanced_accuracy)
        text = tr_n(
            "Live model: {value} balanced on 1 validation image",
            "Live model: {value} balanced on {n} validation images",
            self.judged.num_validation,
            value=value,
        )
        if self._before is not None:
            before = percent(self._before)
            text = tr("{text} (as before)", text=text) if before == value else tr("{text} (was {before})", text=text, before=before)
        if self.judged.num_left_out:
            unread = tr_n("1 image could not be read", "{n} images could not be read", self.judged.num_left_out)
            text = tr("{text} · {unread}", text=text, unread=unread)
        return text


def missing_words(missing: FeaturesMissing) -> str:
    """What is done about images that have not been through the network."""
    if missing.num_missing <= MOST_NEW:
        return tr_n("looking at 1 new image first…", "looking at {n} new images first…", missing.num_missing)
    return tr("{n} images have not been through this network; the next run looks at them", n=number(missing.num_missing))

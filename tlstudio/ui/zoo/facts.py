"""A short list of facts: a quiet name on the left, what is so on the right."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from tlstudio.domain.memory import gigabytes
from tlstudio.domain.networks import Preprocessing, PretrainedSpec, WeightsCard
from tlstudio.ui.theme import SPACE_2, SPACE_3
from tlstudio.ui.widgets.breaking_text import BreakingText
from tlstudio.ui.widgets.text import Text
from tlstudio.ui.words import number, say, tr
from tlstudio.ui.zoo.outlook import Outlook, run_words
from tlstudio.ui.zoo.rows import ZooRow, gigas, millions
from tlstudio.zoo.licences import WORDS, Use, use_of

_SHOWN_KEYS = 6
_SHOWN_NAMES = 4
_NAME_PX = 92


@dataclass(frozen=True)
class Fact:
    """One line. `role` is a role of `Text`; `tip` is what does not fit."""

    name: str
    text: str
    role: str = "body"
    tip: str = ""


class Facts(QWidget):
    """Shows facts; each can be copied with the right button."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(SPACE_3)
        self._grid.setVerticalSpacing(SPACE_2)
        self._grid.setColumnMinimumWidth(0, _NAME_PX)
        self._grid.setColumnStretch(1, 1)
        self._facts: tuple[Fact, ...] = ()

    def show_facts(self, facts: Sequence[Fact]) -> None:
        """Exactly these."""
        if tuple(facts) == self._facts:
            return
        self._facts = tuple(facts)
        while (item := self._grid.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        for row, fact in enumerate(facts):
            name, text = Text(fact.name, role="muted"), BreakingText(fact.text, role=fact.role)
            text.setToolTip(fact.tip)
            self._grid.addWidget(name, row, 0, Qt.AlignmentFlag.AlignTop)
            self._grid.addWidget(text, row, 1, Qt.AlignmentFlag.AlignTop)

    def words(self) -> dict[str, str]:
        """What is shown, by name."""
        return {fact.name: fact.text for fact in self._facts}


def facts_of_row(row: ZooRow) -> list[Fact]:
    """What there is to know of a network with its weights."""
    network = row.network
    facts = [_paper(row)] if network.year else []
    facts += [
        Fact(tr("Parameters"), millions(network.num_parameters), tip=tr("Without the classifier, which a new head replaces.")),
        Fact(tr("MACs"), tr("{macs} an image of {size} px", macs=gigas(row.macs), size=row.input_px)),
    ]
    if row.top1 is not None:
        is_timms = "/" not in row.network.name
        words = tr("{top1} %, as {library} publishes it", top1=f"{row.top1:.1f}", library="timm" if is_timms else "torchvision")
        facts.append(Fact(tr("ImageNet top-1"), words, tip=tr("results-imagenet.csv of timm, August 2026.") if is_timms else ""))
    if row.outlook is not None:
        facts += _facts_here(row.outlook)
    if row.card is not None:
        return facts + facts_of_card(row.card, with_nothing_missing=False)
    return [*facts, *_facts_published(row.published)] if row.published is not None else facts


def _paper(row: ZooRow) -> Fact:
    return Fact(tr("Paper"), tr("{year} · {paper}", year=row.network.year, paper=row.network.paper))


def _facts_here(outlook: Outlook) -> list[Fact]:
    """What a Balanced training would take on this computer."""
    how = tr("Measured here.") if outlook.is_measured else tr("Worked out from what this computer reaches, not measured.")
    facts = []
    if outlook.run_s is not None:
        facts.append(Fact(tr("Time here"), tr("{time}, Balanced, all epochs", time=run_words(outlook)), tip=how))
    memory = tr("about {n} GB; {free} GB are free", n=gigabytes(outlook.memory_bytes), free=gigabytes(outlook.available_bytes))
    facts.append(Fact(tr("Memory here"), memory, role="body" if outlook.fits else "warn", tip=how))
    return facts


def _facts_published(published: PretrainedSpec) -> list[Fact]:
    """What is known of weights that are not here."""
    return [
        licence_fact(published.licence),
        _classes(published.num_classes, ()),
        Fact(tr("Input"), preprocessing_words(published.preprocessing), tip=_normalisation(published.preprocessing)),
    ]


def facts_of_card(card: WeightsCard, *, with_nothing_missing: bool = True) -> list[Fact]:
    """What there is to know of a set of weights that is here, or is about to be: then it is worth saying that nothing is missing."""
    facts = [licence_fact(card.licence), _classes(card.num_classes, card.label_names)]
    facts.append(Fact(tr("Input"), preprocessing_words(card.preprocessing), tip=_normalisation(card.preprocessing)))
    for arguments in (card.architecture_arguments,):
        if arguments:
            facts.append(Fact(tr("Built with"), ", ".join(f"{name}={value}" for name, value in arguments.items())))
    for name, keys in ((tr("Missing"), card.missing_keys), (tr("Unexpected"), card.unexpected_keys)):
        if keys or with_nothing_missing:
            facts.append(_keys(name, keys))
    facts.append(Fact(tr("Hash"), card.hash[:16] + "…", tip=card.hash))
    if card.source:
        facts.append(Fact(tr("From"), card.source))
    if card.added:
        facts.append(Fact(tr("Imported"), card.added[:10]))
    return facts


def _classes(num_classes: int, names: tuple[str, ...]) -> Fact:
    """How many classes it can tell apart as it is, with the first of their names."""
    if not num_classes:
        return Fact(tr("Classes"), tr("none, features only"))
    if not names:
        return Fact(tr("Classes"), number(num_classes))
    words = tr("{n}: {names}", n=number(num_classes), names=", ".join(names[:_SHOWN_NAMES]) + (", …" if len(names) > _SHOWN_NAMES else ""))
    return Fact(tr("Classes"), words, tip=", ".join(names[:200]))


def licence_fact(licence: str) -> Fact:
    """The licence with what it allows; warned of where it is not plainly free."""
    use = use_of(licence)
    words = f"{licence} · {say(WORDS[use])}" if licence else say(WORDS[use])
    return Fact(tr("Licence"), words, role="body" if use is Use.COMMERCIAL else "warn")


def preprocessing_words(preprocessing: Preprocessing) -> str:
    """ "224 px, bicubic"."""
    return tr("{size} px, {how}", size=preprocessing.input_size_px, how=preprocessing.interpolation)


def _normalisation(preprocessing: Preprocessing) -> str:
    mean, std = (", ".join(f"{value:.3f}" for value in part) for part in (preprocessing.mean, preprocessing.std))
    return tr("mean {mean}; standard deviation {std}; crop {crop}", mean=mean, std=std, crop=f"{preprocessing.crop_fraction:g}")


def _keys(name: str, keys: tuple[str, ...]) -> Fact:
    if not keys:
        return Fact(name, tr("no tensors"))
    first = ", ".join(keys[:_SHOWN_KEYS]) + (", …" if len(keys) > _SHOWN_KEYS else "")
    return Fact(name, f"{number(len(keys))}: {first}", role="warn", tip="\n".join(keys[:60]))

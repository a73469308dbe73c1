"""What the card about dividing says, as plain text."""

from tlstudio.domain.dataset import Dataset
from tlstudio.domain.splits import Split
from tlstudio.operations.split_preview import SplitPreview
from tlstudio.ui.data.viewmodel import split_name
from tlstudio.ui.words import number, tr, tr_n

_MOST_NAMED = 3


def how_words(preview: SplitPreview) -> str:
    """ "Stratified by class. 12 groups and 3 sets of copies stay whole." """
    groups = tr_n("1 group", "{n} groups", preview.num_groups) if preview.num_groups else ""
    copies = tr_n("1 set of copies", "{n} sets of copies", preview.num_copy_sets) if preview.num_copy_sets else ""
    if groups and copies:
        return tr("Stratified by class. {groups} and {copies} stay whole.", groups=groups, copies=copies)
    if groups or copies:
        whole = tr_n("{what} stays whole.", "{what} stay whole.", preview.num_groups or preview.num_copy_sets, what=groups or copies)
        return tr("Stratified by class. {whole}", whole=whole)
    return tr("Stratified by class; there are no copies or groups to keep together.")


def kept_words(dataset: Dataset, *, num_openings: int) -> str:
    """Beside the choice to keep the test set: "48 images, opened twice"."""
    num = tr_n("1 image", "{n} images", dataset.num_by_split[Split.TEST])
    if num_openings == 0:
        return tr("{num}, not opened yet", num=num)
    return tr_n("{num}, opened once", "{num}, opened {n} times", num_openings, num=num)


def effect_words(preview: SplitPreview) -> str:
    """How many images move, and which stay because a person or the data put them there."""
    moves = (
        tr("No image moves: they are divided like this already.")
        if not preview.num_moving
        else tr_n("1 of {total} images moves.", "{n} of {total} images move.", preview.num_moving, total=number(preview.num_images))
    )
    stays = (
        tr_n(" 1 that was put somewhere by hand stays.", " {n} that were put somewhere by hand stay.", preview.num_by_hand)
        if preview.num_by_hand
        else ""
    )
    return moves + stays


def given_words(*, keep_test: bool) -> str:
    """For data that came divided."""
    if keep_test:
        return tr("This division came with the data. Its test set is kept; training and validation would be given up for a new division.")
    return tr("This division came with the data. It would be given up, test set included, and figures compare with nobody else's.")


def missing_words(preview: SplitPreview) -> str:
    """What would be missing where; empty where nothing is."""
    if not preview.can_train and preview.keep_test and preview.num_by_split[Split.TEST] == preview.num_images:
        return tr("What belongs together lies partly in the test set and would follow it there. Let the test set be divided, too.")
    if not preview.can_train:
        part = split_name(Split.VAL if preview.num_by_split[Split.TRAIN] else Split.TRAIN)
        return tr("{part} would have no image; nothing could be trained.", part=part)
    return " ".join(_missing_in(preview, split) for split in Split if any(item.split is split for item in preview.missing))


def _missing_in(preview: SplitPreview, split: Split) -> str:
    names = [item.class_name for item in preview.missing if item.split is split]
    shown = ", ".join(names[:_MOST_NAMED]) + (" …" if len(names) > _MOST_NAMED else "")
    return {
        Split.TRAIN: tr("Without training images, never learned: {names}.", names=shown),
        Split.VAL: tr("Without validation images: {names}.", names=shown),
        Split.TEST: tr("Without test images, not measured: {names}.", names=shown),
    }[split]

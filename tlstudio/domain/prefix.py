"""How many views of a training image are kept behind the frozen stages, and what keeping them takes."""

from tlstudio.domain.recipe import Recipe

HALF_BYTES, FULL_BYTES = 2, 4
_RECORD_BYTES = 36
"""Key and checksum of each."""


def num_different_views(recipe: Recipe) -> int:
    """Views of an image that a training of `recipe` can tell apart and would keep; 0 where it makes a new view every epoch."""
    part = recipe.finetune
    if part is None or part.num_views == 0 or part.mixes_images:
        return 0
    if part.first_size < 1:
        return 0  # images that grow are others in every epoch
    return 1 if recipe.augmentation == "none" else min(part.num_views, part.epochs)


def num_judged_views(recipe: Recipe) -> int:
    """Views of an image that its answer is made from."""
    return 2 if recipe.judged_views == "mirrored" else 1


def view_of(epoch: int, num_views: int) -> int:
    """The number of the view that is trained on in `epoch` (from 0); without kept views each epoch has its own."""
    return epoch % num_views if num_views else epoch


def prefix_bytes(num_values: int, *, num_views: int, num_train: int, num_val: int) -> int:
    """Bytes on the disk for activations of `num_values` numbers an image: views in half precision, `num_val` views that judge in full.

    Activations that half precision cannot hold take twice as much; that is rare.
    """
    if not num_views:
        return 0
    views = num_views * num_train * (HALF_BYTES * num_values + _RECORD_BYTES)
    return views + num_val * (FULL_BYTES * num_values + _RECORD_BYTES)


def num_views_within(room_bytes: int, num_values: int, *, num_views: int, num_train: int, num_val: int) -> int:
    """As many of `num_views` as there is room for; 0 where that is less than half, because too few views teach too little."""
    for number in range(num_views, 0, -1):
        if prefix_bytes(num_values, num_views=number, num_train=num_train, num_val=num_val) <= room_bytes:
            return number if 2 * number >= num_views else 0
    return 0

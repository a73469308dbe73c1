"""What every network of the catalogue would take here, worked out in the background: a tenth of a millisecond a network."""

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from tlstudio.domain.dataset import Dataset
from tlstudio.domain.estimates import SetSize, by_rates, estimate, work_s
from tlstudio.domain.machine import MachineProfile, NetworkProfile
from tlstudio.domain.progress import Stop
from tlstudio.domain.recipe import RECIPES, NetworkPart
from tlstudio.errors import TLStudioError
from tlstudio.operations import estimates
from tlstudio.ui.zoo.outlook import Outlook
from tlstudio.ui.zoo.rows import Place, ZooRow


@dataclass(frozen=True)
class Ahead:
    """Outlooks, and what they hold for: they are worked out anew where that is another."""

    holds_for: tuple[object, ...]
    outlooks: dict[Place, Outlook]


def look_ahead(
    rows: Iterable[ZooRow], dataset: Dataset | None, *, device: str, known: tuple[object, ...] | None, stop: Stop
) -> Ahead | None:
    """Outlooks of all rows with the images of `dataset`; None where `known` still holds."""
    rows = list(rows)
    machine = estimates.machine(device)
    size = estimates.size_of(dataset) if dataset is not None else None
    here = {row.place: _profile(row, machine) for row in rows if row.is_ready}
    holds_for = (size, tuple(here.items()), len(rows), msgspec.structs.replace(machine, memory_bytes=0))
    if holds_for == known:
        return None
    found: dict[Place, Outlook] = {}
    for row in rows:
        if stop.is_set():
            return None
        if row.place not in found:
            found[row.place] = _outlook(here.get(row.place) or _profile(row, machine), machine, size)
    return Ahead(holds_for, found)


def _profile(row: ZooRow, machine: MachineProfile) -> NetworkProfile:
    """As it was measured here where its weights are here and somebody measured it, else by the machine's rates."""
    if row.card is not None:
        try:
            return estimates.profile_of(row.part, machine)
        except TLStudioError:
            pass  # its weights have gone in the meantime; the table will soon say so
    return by_rates(row.network, machine, input_size_px=row.input_px)


def _outlook(profile: NetworkProfile, machine: MachineProfile, size: SetSize | None) -> Outlook:
    has_images = size is not None and size.num_train > 0 and size.num_classes > 1
    recipe = RECIPES["balanced"].build(NetworkPart(architecture=profile.architecture))
    run = estimate(profile, machine, recipe, size if size is not None and has_images else _SOME)
    return Outlook(
        images_per_s=1 / profile.forward_s,
        run_s=work_s(run) if has_images else None,
        memory_bytes=run.memory_bytes,
        available_bytes=run.available_bytes,
        is_measured=run.is_measured,
    )


_SOME = SetSize(num_train=100, num_val=20, num_test=20, num_classes=10, mean_pixels=640 * 480)
"""Stands in where there are no images yet, so that memory can be told."""

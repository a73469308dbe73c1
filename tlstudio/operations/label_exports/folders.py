"""Labels as folders: `train/bees/slide_03/img.png`, as most programs read them, this one too."""

import os
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from tlstudio.domain.dataset import Dataset
from tlstudio.domain.progress import Report
from tlstudio.domain.samples import Sample
from tlstudio.operations.label_exports import Exported, Regions
from tlstudio.operations.label_exports._losses import of_classes, of_notes, of_parts, of_regions
from tlstudio.operations.label_exports._placing import FORBIDDEN, built, first_free, folder_name, put_images


class FolderExporter:
    """Copies the images, or makes hard links."""

    def write(self, dataset: Dataset, target: Path, *, regions: Regions, link: bool, report: Report) -> Exported:
        """Images without a class or a split have no folder and are left out."""
        plan = _Plan(dataset)
        placed = list(plan.places())
        with built(target) as folder:
            put_images(dataset, placed, folder, link=link, report=report)
        handed_over = [sample for sample, _ in placed]
        return Exported(
            target=target,
            num_images=len(placed),
            num_left_out=len(dataset.ready) - len(placed),
            renamed=plan.renamed,
            renamed_groups=plan.renamed_groups,
            losses=(*of_regions(regions, handed_over), *of_notes(handed_over), *of_parts(handed_over), *of_classes(dataset, handed_over)),
        )


class _Plan:
    """Which image goes where, without two in one place, also where a system does not tell capitals apart."""

    def __init__(self, dataset: Dataset) -> None:
        self.renamed: dict[str, str] = {}
        self.renamed_groups: dict[str, str] = {}
        self._dataset = dataset
        self._classes: dict[str, str] = {}
        self._groups: dict[str, str] = {}
        self._taken: set[str] = set()

    def places(self) -> Iterator[tuple[Sample, str]]:
        """Each image with its path inside the target, in the order of their ids."""
        samples = [sample for sample in self._dataset.ready if sample.class_id is not None and sample.split is not None]
        folders = [self._folder_of(sample) for sample in samples]
        for folder in folders:
            parts = folder.split("/")
            self._taken |= {"/".join(parts[:depth]).casefold() for depth in range(1, len(parts) + 1)}
        for sample, folder in zip(samples, folders, strict=True):
            yield sample, self._free(f"{folder}/{FORBIDDEN.sub(' ', sample.name)}")

    def _folder_of(self, sample: Sample) -> str:
        class_name = self._dataset.class_by_id[sample.class_id or ""].name
        groups = sample.group.split("/") if sample.group else []
        named = self._named(class_name, self._classes, self.renamed)
        parts = [named, *(self._named(group, self._groups, self.renamed_groups) for group in groups)]
        return "/".join((str(sample.split), *parts))

    def _named(self, name: str, folders: dict[str, str], renamed: dict[str, str]) -> str:
        """A folder of its own for each name; noted where it differs from the name."""
        if name not in folders:
            used = {folder.casefold() for folder in folders.values()}
            folders[name] = first_free(folder_name(name), "", used)
            if folders[name] != name:
                renamed[name] = folders[name]
        return folders[name]

    def _free(self, place: str) -> str:
        stem, suffix = os.path.splitext(unicodedata.normalize("NFC", place))
        free = first_free(stem, suffix, self._taken)
        self._taken.add(free.casefold())
        return free

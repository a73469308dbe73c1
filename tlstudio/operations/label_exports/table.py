"""Labels as a table that this program reads again when it lies at the top of the images' folder."""

from pathlib import Path

from tlstudio import files
from tlstudio.datasets.label_table import LabelRow, write_rows
from tlstudio.domain.dataset import Dataset
from tlstudio.domain.progress import Report
from tlstudio.operations.label_exports import Exported, Regions, taken
from tlstudio.operations.label_exports._losses import of_classes, of_regions


class TableExporter:
    """`path,label,split,group,note`: UTF-8 without a mark at its beginning."""

    def write(self, dataset: Dataset, target: Path, *, regions: Regions, link: bool, report: Report) -> Exported:
        """Paths are relative to the images' folder, or absolute where the project has images from several."""
        if target.exists():
            raise taken(target)
        is_one_folder = len({sample.root for sample in dataset.ready}) <= 1
        rows = [
            LabelRow(
                path=sample.path if is_one_folder else str(dataset.file_of(sample)),
                label=dataset.class_by_id[sample.class_id].name if sample.class_id else "",
                split=sample.split.value if sample.split else "",
                group=sample.group or "",
                note=sample.note,
            )
            for sample in dataset.ready
        ]
        files.write_bytes(target, write_rows(rows).encode())
        return Exported(
            target=target,
            num_images=len(rows),
            losses=(*of_regions(regions, dataset.ready), *of_classes(dataset, dataset.ready)),
        )

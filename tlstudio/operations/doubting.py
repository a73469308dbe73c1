"""What the best run so far says of labels; asked anew after each edit, so its answers are read once."""

from functools import lru_cache
from pathlib import Path

from tlstudio.domain.evidence import Doubt
from tlstudio.domain.jobs import PREDICTIONS_FILE
from tlstudio.domain.runs import best_run
from tlstudio.errors import TLStudioError
from tlstudio.log import logger
from tlstudio.operations.runs import folder_of
from tlstudio.project.project import Project

log = logger(__name__)


def doubts_of_best_run(project: Project) -> tuple[int, tuple[Doubt, ...]]:
    """The number of the best usable run and the labels it doubts; (0, ()) where there is none or its answers are gone."""
    run = best_run(project.runs())
    if run is None:
        return 0, ()
    file = folder_of(project, run) / PREDICTIONS_FILE
    try:
        return run.number, _doubts_in(file, file.stat().st_mtime_ns)
    except (TLStudioError, OSError) as error:
        log.info("run %d says nothing of labels: %s", run.number, error)
        return 0, ()


@lru_cache(maxsize=1)
def _doubts_in(file: Path, _changed_ns: int) -> tuple[Doubt, ...]:
    # Here, because most who check data have no run, and safetensors takes its time to import.
    from tlstudio.evaluation.doubts import doubts
    from tlstudio.evaluation.predictions import read

    return doubts(read(file, with_features=False))

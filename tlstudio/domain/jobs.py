"""What a job is asked to do, and where it does it: the files a job folder starts with."""

from enum import StrEnum

import msgspec

from tlstudio.domain.events import NetworkPassed, NetworkRanked
from tlstudio.domain.folds import FoldPlan
from tlstudio.domain.recipe import NetworkPart
from tlstudio.domain.splits import Split
from tlstudio.domain.trials import Trial

RECIPE_FILE = "recipe.json"
MANIFEST_FILE = "manifest.jsonl"
ENVIRONMENT_FILE = "environment.json"
JOB_FILE = "job.json"
JOURNAL_FILE = "journal.jsonl"
CONTROL_FILE = "control.json"
LOCK_FILE = "job.lock"
LOG_FILE = "log.txt"
QUEUED_FILE = "queued.json"
FOLLOWED_FILE = "followed_by_queue"
CHECKPOINTS = "checkpoints"
PREDICTIONS = "predictions"
PREDICTIONS_FILE = "predictions/predictions.safetensors"


class JobSpec(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """`job.json`: the one thing that differs between kinds of job."""

    version: int = 1


class TrainJob(JobSpec, frozen=True, kw_only=True, tag="train"):
    """Train recipe.json on manifest.jsonl, then predict validation and test."""

    manifest_hash: str
    override: str = ""
    """A reason the user gave for training in spite of a warning; kept here so that the folder alone tells the run."""
    num_shared: dict[Split, int] = {}
    """Images of a split that are copies, near copies or of the group of training images, where it was trained all the same."""
    weights_name: str = ""
    """What people call the weights it starts from; empty for random ones."""
    created_at: float = 0.0
    """Seconds since the epoch; 0 where it is not known."""
    trial: Trial | None = None
    """Of a sweep, where it is part of one."""


class PredictJob(JobSpec, frozen=True, kw_only=True, tag="predict"):
    """Predict files with a run's kept checkpoint and write a CSV: path, predicted, one probability per class, reason."""

    run: str
    """The run's folder, relative to the project, such as runs/0007."""
    source: str
    """Key of environment.roots: the folder to predict, sub-folders included."""
    output: str
    """Key of environment.outputs."""


class ExportJob(JobSpec, frozen=True, kw_only=True, tag="export"):
    """Export a run's kept checkpoint and compare it with the app on the run's test set before it is handed over."""

    run: str
    format: str
    """A row of EXPORTERS."""
    output: str
    """Key of environment.outputs."""


class CrossValidateJob(JobSpec, frozen=True, kw_only=True, tag="crossvalidate"):
    """Judge each fold of manifest.jsonl by a head that recipe.json solves on the other folds."""

    manifest_hash: str
    num_units: int
    """What was dealt into folds: single images, sets of copies, groups."""
    weights_name: str = ""
    created_at: float = 0.0


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A set of weights that is to be ranked."""

    weights: str
    """Hash of the set, and its key in environment.weights_files."""
    architecture: str
    name: str
    num_features: int
    """Width of its features, by the catalogue."""
    forward_s: float
    """Seconds an image, expected: decides the order and the time left."""
    is_measured: bool = False
    """Whether `forward_s` was measured here, so that it need not be again."""
    is_timed: bool = False
    """Whether it was timed by an earlier ranking: taken anew where the network is run anyway."""
    memory_bytes: int = 0
    """What running it takes, about."""


class RankJob(JobSpec, frozen=True, kw_only=True, tag="rank"):
    """Judge each network's features of manifest.jsonl, fold by fold; nothing is trained."""

    manifest_hash: str
    plan: FoldPlan
    num_units: int
    candidates: tuple[Candidate, ...]
    """In the order in which they are looked at."""
    known: tuple[NetworkRanked, ...] = ()
    """What an earlier ranking of the same images found."""
    passed: tuple[NetworkPassed, ...] = ()
    """What cannot be ranked, known before it starts."""
    created_at: float = 0.0


class ProbeJob(JobSpec, frozen=True, kw_only=True, tag="probe"):
    """Measure what this machine reaches, and how networks run fastest on it; what is found is kept in the cache folder."""

    machine: bool = True
    networks: tuple[NetworkPart, ...] = ()
    """Their weights do not matter; the input size of those that are used does."""


class FindRateJob(JobSpec, frozen=True, kw_only=True, tag="find_rate"):
    """Try learning rates on the fine-tuning of recipe.json; nothing of what is trained is kept."""

    manifest_hash: str
    num_steps: int


AnyJob = TrainJob | PredictJob | ExportJob | CrossValidateJob | RankJob | ProbeJob | FindRateJob


class Environment(msgspec.Struct, frozen=True, kw_only=True):
    """`environment.json`: this machine, for this attempt. Written again when a job moves to another machine."""

    version: int = 1
    roots: dict[str, str]
    """Root id (as text) -> absolute folder."""
    outputs: dict[str, str] = {}
    weights_file: str | None = None
    """The safetensors the network starts from; None for random weights."""
    weights_files: dict[str, str] = {}
    """Hash -> safetensors, of a job that looks at several."""
    project_folder: str
    cache_folder: str
    device: str = "auto"
    threads: int | None = None
    loader_threads: int | None = None
    """Threads that read images ahead: 0 reads them in the loop itself, None takes as many as compute. Changes no bit."""
    good_neighbour: bool = False
    """Leave room for other programs: a low priority, a share of the memory, and a wait while others need the graphics card."""
    processes: int = 1
    """That a training is started with on this machine."""
    versions: dict[str, str] = {}


class Command(StrEnum):
    """What a running job is told; the file holds the last word."""

    RUN = "run"
    PAUSE = "pause"
    STOP = "stop"
    """Stop and keep the best checkpoint so far; predictions are still written."""
    CANCEL = "cancel"
    """Stop at once and keep nothing."""


class Queued(msgspec.Struct, frozen=True, kw_only=True):
    """`queued.json`: the job waits for its turn; gone once it is started."""

    version: int = 1
    place: int
    """Lower ones come first; two of the same place go by their number."""


class Control(msgspec.Struct, frozen=True, kw_only=True):
    """`control.json`."""

    command: Command = Command.RUN

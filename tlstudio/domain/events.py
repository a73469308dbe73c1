"""Everything a job says, as typed events. What the window shows of a job is a fold over these and nothing else.

Numbers that are not finite travel as None. Unknown kinds are ignored by older readers.
"""

import msgspec

from tlstudio.domain.plan import Plan
from tlstudio.domain.splits import Split
from tlstudio.messages import Message


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """Base of all events."""


class Started(Event, frozen=True, kw_only=True, tag="started"):
    """The job process is alive and has read its files."""

    attempt: int
    pid: int
    plan: Plan | None = None


class PhaseStarted(Event, frozen=True, kw_only=True, tag="phase_started"):
    """A part of the work begins: probe, load, features, head, finetune, evaluate, predict, export, compare, folds,
    rank, rates."""

    phase: str
    total: int | None
    silence_limit_s: float
    """A job that says nothing for longer than this is taken for hung."""


class Progressed(Event, frozen=True, kw_only=True, tag="progressed"):
    """Units done in the current phase."""

    done: int
    per_second: float | None = None


class StillWorking(Event, frozen=True, kw_only=True, tag="still_working"):
    """Nothing to tell yet, but the job is not hung."""


class PlanFixed(Event, frozen=True, kw_only=True, tag="plan_fixed"):
    """Device, sizes and versions are resolved; written once an attempt, before any computing."""

    plan: Plan


class StepTrained(Event, frozen=True, kw_only=True, tag="step_trained"):
    """One optimizer step (fine-tuning) or one solver iteration (head)."""

    step: int
    epoch: int
    loss: float | None
    learning_rate: float | None = None
    images_per_second: float | None = None
    gradient_norm: float | None = None
    """Length of the gradient of all weights together, before it is shortened."""
    waiting: float | None = None
    """Share of the time since the step told before that was spent on waiting for images, 0..1."""


class DeviceLooked(Event, frozen=True, kw_only=True, tag="device_looked"):
    """How busy the machine is with this job; every second or two while it computes. None where it cannot be told."""

    seconds: float = 0.0
    """Working time of all attempts until now, pauses and loading libraries left out."""
    processor: float | None = None
    """Share of all processors that this job has, 0..1."""
    memory_bytes: int | None = None
    """What the job's process holds in main memory."""
    card: float | None = None
    """Share of the time in which the graphics card computed, 0..1."""
    card_memory_bytes: int | None = None
    card_memory_total_bytes: int | None = None
    temperature_c: float | None = None
    """Of the card, degrees Celsius."""


class RolledBack(Event, frozen=True, kw_only=True, tag="rolled_back"):
    """The loss was no number at `step`; it goes on from the checkpoint of `to_step` with `share` of the learning rates."""

    step: int
    to_step: int
    share: float


class SoupMade(Event, frozen=True, kw_only=True, tag="soup_made"):
    """The weights of these epochs, averaged, are better on validation than those of any one; only then is it told."""

    epochs: tuple[int, ...]
    loss: float | None
    balanced_accuracy: float


class Validated(Event, frozen=True, kw_only=True, tag="validated"):
    """A look at the validation split."""

    step: int
    epoch: int
    loss: float | None
    accuracy: float
    balanced_accuracy: float
    is_best: bool


class HeadSolved(Event, frozen=True, kw_only=True, tag="head_solved"):
    """The head on cached features is done; `penalty` is the one that was chosen."""

    penalty: float
    validation_loss: dict[str, float]
    """Loss on validation by penalty."""
    fold_loss: dict[str, float] = {}
    """By penalty, of the cross-validation that chose; empty where validation did."""
    solve_s: float
    features_s: float
    """Time of the one pass of the backbone, 0 when every feature came from the cache."""
    num_cached: int
    """Features that were there already."""


class BackboneUnfrozen(Event, frozen=True, kw_only=True, tag="backbone_unfrozen"):
    """From this step on the last stages train too."""

    step: int
    num_stages: int
    num_trainable: int
    rates: tuple[float, ...] = ()
    """Learning rates at their highest: of the head, then of the stages that train, the last one first."""


class CheckpointSaved(Event, frozen=True, kw_only=True, tag="checkpoint_saved"):
    """A whole state is on disk, by name relative to the job folder; `hash` is blake3 of the file."""

    step: int
    file: str
    hash: str
    is_best: bool


class Warned(Event, frozen=True, kw_only=True, tag="warned"):
    """Something the user should know; the job goes on."""

    message: Message


class Acknowledged(Event, frozen=True, kw_only=True, tag="acknowledged"):
    """The job has read a command and will obey at the next step."""

    command: str


class Paused(Event, frozen=True, kw_only=True, tag="paused"):
    """Waiting; a checkpoint is on disk."""

    step: int
    reason: Message | None = None
    """Why the job waits although nobody asked it to: it goes on by itself, or tries at once when it is told to go on."""


class Continued(Event, frozen=True, kw_only=True, tag="continued"):
    """Going on after a pause."""

    step: int


class Resumed(Event, frozen=True, kw_only=True, tag="resumed"):
    """A new attempt goes on from a checkpoint; points after `from_step` are dropped by the fold."""

    attempt: int
    from_step: int
    plan_change: Message | None = None


class PredictionsSaved(Event, frozen=True, kw_only=True, tag="predictions_saved"):
    """Logits and features of these splits are on disk for `evaluation` to read."""

    file: str
    hash: str
    num_by_split: dict[Split, int]


class FoldJudged(Event, frozen=True, kw_only=True, tag="fold_judged"):
    """One fold of a cross-validation was answered by a head that had learned from the others."""

    fold: int
    """From 0."""
    num_train: int
    penalty: float
    """Chosen on one of the other folds."""
    confusion: tuple[tuple[int, ...], ...]
    """Rows: truth; columns: prediction."""


class NetworkLooked(Event, frozen=True, kw_only=True, tag="network_looked"):
    """Where a ranking stands: the newest word counts."""

    name: str
    """Of the weights that are looked at."""
    number: int
    """From 1."""
    total: int
    """Networks, those that were known before left out."""
    done: int
    """Images it has looked at with this network."""
    num_images: int
    share: float
    """Of the whole ranking, 0..1."""
    seconds_left: float | None = None


class NetworkRanked(Event, frozen=True, kw_only=True, tag="network_ranked"):
    """One network was judged fold by fold on cached features."""

    weights: str
    """Hash of the set of weights."""
    architecture: str
    name: str
    balanced: tuple[float, ...]
    """Balanced accuracy by fold."""
    plain: tuple[float, ...]
    """Accuracy by fold."""
    penalties: tuple[float, ...]
    """By fold, each chosen without it."""
    num_images: int
    num_cached: int
    """Features that were there already."""
    images_per_second: float
    """Through the network alone, here, without a backward pass."""
    features_s: float = 0.0
    solve_s: float = 0.0


class NetworkPassed(Event, frozen=True, kw_only=True, tag="network_passed"):
    """One network could not be judged; the ranking went on without it."""

    weights: str
    name: str
    reason: Message


class RateTried(Event, frozen=True, kw_only=True, tag="rate_tried"):
    """One step of a learning-rate range test; `loss` is that of its batch before the step."""

    step: int
    rate: float
    """Of the head; stages take their shares of it."""
    loss: float | None


class RateFound(Event, frozen=True, kw_only=True, tag="rate_found"):
    """What a learning-rate range test suggests; None where the loss fell nowhere."""

    rate: float | None


class FileSaved(Event, frozen=True, kw_only=True, tag="file_saved"):
    """A file for the user is whole and where it was asked for."""

    output: str
    num_bytes: int
    hash: str


class Compared(Event, frozen=True, kw_only=True, tag="compared"):
    """The parity of an export with the app, image by image."""

    split: Split
    num_images: int
    num_same: int
    max_difference: float
    """Largest absolute difference of a softmax value."""
    near_ties: tuple[int, ...] = ()
    """Samples whose two best classes are closer than the difference allowed."""
    speed_ratio: float | None = None
    """Export's images per second over the app's, on this CPU."""


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """The figures a run is listed with; all on the validation split."""

    accuracy: float
    balanced_accuracy: float
    loss: float | None
    best_step: int
    seconds: float
    """Working time of all attempts, pauses and loading libraries left out."""
    checkpoint: str


class Pruned(msgspec.Struct, frozen=True, kw_only=True):
    """Why a trial of a sweep ended before its time, see `domain.pruning`."""

    epoch: int
    num_rivals: int
    """Earlier trials whose median it stayed below."""


class Finished(Event, frozen=True, kw_only=True, tag="finished"):
    """The work is done."""

    summary: Summary | None = None
    early: bool = False
    """Stopped by itself because validation no longer improved, or was `pruned`."""
    pruned: Pruned | None = None
    num_failed: int = 0
    """Inputs that could not be read (prediction)."""


class Stopped(Event, frozen=True, kw_only=True, tag="stopped"):
    """Ended on request, the best so far kept."""

    summary: Summary | None = None


class Cancelled(Event, frozen=True, kw_only=True, tag="cancelled"):
    """Ended on request, nothing kept."""


class Failed(Event, frozen=True, kw_only=True, tag="failed"):
    """Ended by an error that was understood (`title`, `hint`) or by a bug of ours (`details` holds the traceback)."""

    title: Message
    hint: Message
    details: str = ""


AnyEvent = (
    Started
    | PhaseStarted
    | Progressed
    | StillWorking
    | PlanFixed
    | StepTrained
    | DeviceLooked
    | RolledBack
    | SoupMade
    | Validated
    | HeadSolved
    | BackboneUnfrozen
    | CheckpointSaved
    | Warned
    | Acknowledged
    | Paused
    | Continued
    | Resumed
    | PredictionsSaved
    | FoldJudged
    | NetworkLooked
    | NetworkRanked
    | NetworkPassed
    | RateTried
    | RateFound
    | FileSaved
    | Compared
    | Finished
    | Stopped
    | Cancelled
    | Failed
)
ENDINGS = (Finished, Stopped, Cancelled, Failed)

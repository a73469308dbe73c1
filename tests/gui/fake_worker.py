"""A warm worker that computes nothing: it answers by file name and replays the journals a test gives it."""

import threading
from collections.abc import Sequence
from pathlib import Path

import msgspec

from tests.recorded import CLASSES
from tlstudio.domain import events as ev
from tlstudio.domain.jobs import CONTROL_FILE, ENVIRONMENT_FILE, JOURNAL_FILE, Command, Control, Environment
from tlstudio.domain.journal import JournalLine, encode_line
from tlstudio.domain.serving import Answers, FeaturesMissing, HeadJudged, ImageAnswer, JudgeHead
from tlstudio.domain.splits import Split
from tlstudio.errors import TLStudioError
from tlstudio.messages import message


class FakeProcess:
    """A job process that runs until the test says it is over."""

    pid = 1

    def __init__(self) -> None:
        self.code: int | None = None

    def poll(self) -> int | None:
        return self.code

    def kill(self) -> None:
        self.code = -9


class FakeJob:
    """The folder of a job that was handed over, and the pen for its journal."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.process = FakeProcess()
        self._seq = 0

    def say(self, *events: ev.AnyEvent) -> None:
        with open(self.folder / JOURNAL_FILE, "ab") as journal:
            for event in events:
                journal.write(encode_line(JournalLine(seq=self._seq, time=1_700_000_000.0 + self._seq, event=event)))
                self._seq += 1

    def end(self, *events: ev.AnyEvent) -> None:
        self.say(*events)
        self.process.code = 0

    def output(self, key: str) -> Path:
        environment = msgspec.json.decode((self.folder / ENVIRONMENT_FILE).read_bytes(), type=Environment)
        return Path(environment.outputs[key])

    def command(self) -> Command:
        return msgspec.json.decode((self.folder / CONTROL_FILE).read_bytes(), type=Control).command


class FakeWarm:
    """Answers with the class that the file's name begins with; an image called broken* cannot be read."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, list[str]]] = []
        """Run folder's name and file names of each request."""
        self.jobs: list[FakeJob] = []
        self.refusal: TLStudioError | None = None
        self.is_closed = False
        self.is_asked = False
        self.was_waited_for = False
        """Whether an answer took so long that it was given though nobody let it go."""
        self.heads: list[JudgeHead] = []
        """Requests to judge a head that were answered, or are about to be."""
        self.is_idle = True
        """Whether it takes labels at all."""
        self.num_missing = 0
        """Images that have not been through the network, until somebody gives it time for them."""
        self.may_answer = threading.Event()
        self.may_answer.set()

    def start(self) -> None:
        pass

    def close(self) -> None:
        self.is_closed = True
        self.may_answer.set()

    def run(self, folder: Path) -> FakeProcess:
        job = FakeJob(folder)
        job.say(ev.Started(attempt=1, pid=1))
        self.jobs.append(job)
        return job.process

    def predict(self, run_folder: Path, environment: Environment, files: Sequence[str]) -> Answers:
        self.is_asked = True
        self.was_waited_for = not self.may_answer.wait(60)
        self.asked.append((run_folder.name, [Path(file).name for file in files]))
        if self.refusal is not None:
            raise self.refusal
        return Answers(class_ids=CLASSES, class_names=CLASSES, images=tuple(_answer(file) for file in files))

    def judge_head(self, request: JudgeHead) -> HeadJudged | FeaturesMissing | None:
        """A head that knows each image by its folder, whatever it is called now."""
        if not self.is_idle:
            return None
        self.heads.append(request)
        self.was_waited_for = not self.may_answer.wait(60)
        if self.refusal is not None:
            raise self.refusal
        if self.num_missing and not request.compute_s:
            return FeaturesMissing(num_missing=self.num_missing, num_images=len(request.manifest.entries))
        return _judged(request)


def _judged(request: JudgeHead) -> HeadJudged:
    names = [item.name for item in request.manifest.classes]
    validation = request.manifest.of(Split.VAL)
    confusion = [[0] * len(names) for _name in names]
    predicted = {entry.sample: names.index(entry.path.partition("/")[0]) for entry in validation}
    for entry in validation:
        assert entry.label is not None
        confusion[entry.label][predicted[entry.sample]] += 1
    recalls = [row[index] / sum(row) for index, row in enumerate(confusion) if sum(row)]
    return HeadJudged(
        class_ids=tuple(item.id for item in request.manifest.classes),
        class_names=tuple(names),
        predicted=predicted,
        confusion=tuple(tuple(row) for row in confusion),
        accuracy=sum(confusion[index][index] for index in range(len(names))) / len(validation),
        balanced_accuracy=sum(recalls) / len(recalls),
        loss=0.1,
        penalty=1.0,
        is_settled=request.chooses or request.compute_s > 0,
        num_train=len(request.manifest.of(Split.TRAIN)),
        seconds=0.01,
    )


def _answer(file: str) -> ImageAnswer:
    name = Path(file).name
    if name.startswith("broken"):
        return ImageAnswer(file=file, predicted=None, reason=message("test.broken", "{name} is cut short.", name=name))
    predicted = next((index for index, item in enumerate(CLASSES) if name.startswith(item)), 0)
    probabilities = tuple(0.9 if index == predicted else 0.05 for index in range(len(CLASSES)))
    return ImageAnswer(file=file, predicted=predicted, probabilities=probabilities)

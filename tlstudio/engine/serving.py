"""The warm worker: the heavy libraries loaded, waiting for images to answer or for a job to turn into. See `domain.serving`."""

import os
import sys
import traceback
from pathlib import Path
from typing import IO

from tlstudio.domain import jobs, serving
from tlstudio.engine import checkpoint, failures, worker
from tlstudio.engine import train_job as _train_job  # noqa: F401 (loads torch and timm before Ready)
from tlstudio.engine.live import LiveModel
from tlstudio.engine.predictor import Predicted, Predictor
from tlstudio.errors import TLStudioError
from tlstudio.files import FileLock
from tlstudio.messages import message


def serve() -> int:
    """Answer requests until the pipe ends or a job was run; returns the exit code."""
    requests, replies = _private_pipes()
    with requests, replies:
        _send(replies, serving.Ready(pid=os.getpid()))
        lock, folder = _answer(requests, replies)
    if lock is None:
        return worker.EXIT_DONE
    try:
        return worker.run_locked(folder)
    finally:
        lock.release()


def _private_pipes() -> tuple[IO[bytes], IO[bytes]]:
    """Take stdin and stdout for the frames alone; whatever else reads or prints meets the null device and the log."""
    requests, replies = os.dup(0), os.dup(1)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.dup2(2, 1)
    return os.fdopen(requests, "rb"), os.fdopen(replies, "wb")


def _answer(requests: IO[bytes], replies: IO[bytes]) -> tuple[FileLock | None, Path]:
    """Answer images and labels until a folder is accepted; its lock is held then. None at the end of the pipe."""
    answering = _Answering()
    while (request := _receive(requests)) is not None:
        if not isinstance(request, serving.RunFolder):
            _send(replies, answering.answer(request))
            continue
        folder = Path(request.folder)
        lock = FileLock(folder / jobs.LOCK_FILE)
        refusal = _take(lock)
        if refusal is None:
            answering.forget()
            _print_to(folder / jobs.LOG_FILE)
            _send(replies, serving.Accepted())
            return lock, folder
        _send(replies, refusal)
    answering.forget()
    return None, Path()


def _take(lock: FileLock) -> serving.Refused | None:
    try:
        if worker.take(lock):
            return None
        title = message("serve.held", "This run is being worked on by another process already.")
    except OSError as error:
        title = message("serve.no_folder", "The run's folder cannot be written: {reason}.", reason=error.strerror or str(error))
    return serving.Refused(title=title, hint=message("serve.held.hint", "Look at its state in the run table, then try again."))


def _print_to(file: Path) -> None:
    log = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    sys.stdout.flush()
    sys.stderr.flush()
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)


def _receive(requests: IO[bytes]) -> serving.Request | None:
    head = requests.read(serving.LENGTH_BYTES)
    if len(head) < serving.LENGTH_BYTES:
        return None
    return serving.decode_request(requests.read(serving.body_length(head)))


def _send(replies: IO[bytes], reply: serving.Reply) -> None:
    replies.write(serving.encode_frame(reply))
    replies.flush()


class _Answering:
    """Keeps the model of the last run that was asked, and the live model of the last labels."""

    def __init__(self) -> None:
        self._predictor: Predictor | None = None
        self._key: tuple[str, str] | None = None
        self._live: LiveModel | None = None
        self._live_key = b""

    def forget(self) -> None:
        """Give the memory of both back, and the decoders."""
        self._forget_predictor()
        self._live = None

    def _forget_predictor(self) -> None:
        if self._predictor is not None:
            self._predictor.close()
        self._predictor = self._key = None

    def answer(self, request: serving.PredictImages | serving.JudgeHead) -> serving.Reply:
        """What is asked for, or why not."""
        try:
            return self._judged(request) if isinstance(request, serving.JudgeHead) else self._predicted(request)
        except TLStudioError as error:
            return serving.Refused(title=error.title, hint=error.hint, details=error.details)
        except Exception as error:
            # The border of the process: the window is told, the traceback goes along and into the log.
            traceback.print_exc()
            failed = failures.of(error)
            return serving.Refused(title=failed.title, hint=failed.hint, details=failed.details)

    def _predicted(self, request: serving.PredictImages) -> serving.Answers:
        predictor = self._predictor_for(request)
        images = tuple(_in_words(item) for item in predictor.predict(Path(file) for file in request.files))
        return serving.Answers(class_ids=predictor.card.class_ids, class_names=predictor.card.class_names, images=images)

    def _judged(self, request: serving.JudgeHead) -> serving.Reply:
        key = LiveModel.key(request)
        if self._live is None or key != self._live_key:
            self._live, self._live_key = LiveModel(request), key
        return self._live.answer(request)

    def _predictor_for(self, request: serving.PredictImages) -> Predictor:
        folder = Path(request.run_folder)
        key = (request.run_folder, checkpoint.kept_file(folder))
        if self._predictor is None or key != self._key:
            self._forget_predictor()
            self._predictor = Predictor(folder, environment=request.environment)
            self._key = key
        return self._predictor


def _in_words(item: Predicted) -> serving.ImageAnswer:
    if item.probabilities is None:
        return serving.ImageAnswer(file=str(item.file), predicted=None, reason=item.reason)
    values = tuple(float(value) for value in item.probabilities)
    return serving.ImageAnswer(file=str(item.file), predicted=int(item.probabilities.argmax()), probabilities=values)

"""One job process that has the heavy libraries loaded and waits: it answers images and labels, and a training may take it over."""

import queue
import subprocess
import threading
from pathlib import Path
from typing import IO

from tlstudio.domain.jobs import LOG_FILE, Environment
from tlstudio.domain.serving import (
    LENGTH_BYTES,
    Accepted,
    Answers,
    FeaturesMissing,
    HeadJudged,
    JudgeHead,
    PredictImages,
    Ready,
    Refused,
    Reply,
    Request,
    RunFolder,
    body_length,
    decode_reply,
    encode_frame,
)
from tlstudio.errors import BugError, TLStudioError
from tlstudio.jobs.process import JobProcess, spawn
from tlstudio.log import logger
from tlstudio.messages import message

log = logger(__name__)

READY_TIMEOUT_S = 120.0
_ACCEPT_TIMEOUT_S = 10.0
_ANSWER_TIMEOUT_S = 300.0
_CLOSE_TIMEOUT_S = 3.0


class _Gone(Exception):
    """The child ended, or did not answer in time and was ended."""


class WarmWorker:
    """Starts, feeds and replaces the warm child. Thread-safe; every method but `is_idle` may block, so call it off the UI thread.

    `log_folder` gets the child's own output while it serves.
    """

    def __init__(self, log_folder: Path) -> None:
        self._log_file = log_folder / f"warm-{LOG_FILE}"
        self._child: _Child | None = None
        self._busy = threading.RLock()
        self._is_closed = False

    def start(self) -> None:
        """Start a child unless one is there or this was closed; returns at once. Raises `OSError` where no process can be made."""
        with self._busy:
            if not self._is_closed and (self._child is None or not self._child.is_alive):
                self._drop()
                self._child = _Child(self._log_file)

    @property
    def is_idle(self) -> bool:
        """Whether a child is loaded and waits for work this moment."""
        if not self._busy.acquire(blocking=False):
            return False
        try:
            return self._child is not None and self._child.is_alive and self._child.is_ready
        finally:
            self._busy.release()

    def wait_until_ready(self, timeout_s: float = READY_TIMEOUT_S) -> bool:
        """Wait for the child to have loaded its libraries; False where it ended or took too long."""
        with self._busy:
            return self._child is not None and self._child.wait_until_ready(timeout_s)

    def run(self, folder: Path) -> JobProcess | None:
        """Let the waiting child become the job in `folder`; None where none is ready, then start a process of its own.

        Raises `TLStudioError` where the child refuses the folder. Afterwards there is no warm child until the next `start`.
        """
        if not self._busy.acquire(blocking=False):
            return None  # it is answering images; a job does not wait for that
        try:
            return self._hand_over(folder) if self.is_idle else None
        finally:
            self._busy.release()

    def predict(self, run_folder: Path, environment: Environment, files: tuple[str, ...]) -> Answers:
        """Answers for `files`, in order; starts a child where none is there, and a second one where the first dies of it.

        Raises `TLStudioError` where the run cannot be loaded or both children died.
        """
        request = PredictImages(run_folder=str(run_folder), environment=environment, files=files)
        with self._busy:
            reply = self._ask_twice(request)
        if isinstance(reply, Refused):
            raise TLStudioError(reply.title, reply.hint, details=reply.details)
        if not isinstance(reply, Answers):
            raise BugError(f"a warm worker answered {type(reply).__name__} to images")
        return reply

    def judge_head(self, request: JudgeHead) -> HeadJudged | FeaturesMissing | None:
        """How good a head for these labels is; None where no child is loaded and waits, for nobody needs this answer at any price.

        Raises `TLStudioError` where no head can come of the labels, or the child died; then another one is started.
        """
        if not self._busy.acquire(blocking=False):
            return None
        try:
            if not self.is_idle or self._child is None:
                return None
            reply = self._child.ask(request, _ANSWER_TIMEOUT_S)
        except _Gone as gone:
            self._drop()
            if not self._is_closed:
                log.warning("the warm worker ended over the labels; its words are in %s", self._log_file)
                self.start()
            raise TLStudioError(
                message("warm.live_gone", "The labels could not be looked at: the helper process ended."),
                message("warm.live_gone.hint", "They are saved. What it said is in {file}.", file=str(self._log_file)),
            ) from gone
        finally:
            self._busy.release()
        if isinstance(reply, Refused):
            raise TLStudioError(reply.title, reply.hint, details=reply.details)
        if not isinstance(reply, HeadJudged | FeaturesMissing):
            raise BugError(f"a warm worker answered {type(reply).__name__} to labels")
        return reply

    def close(self) -> None:
        """Let an idle child end, and kill one that is answering; no other is started. A job that took the child over goes on."""
        self._is_closed = True
        if not self._busy.acquire(blocking=False):
            child = self._child
            if child is not None:
                child.process.kill()  # whoever waits for its answer hears at once that it is gone
            if not self._busy.acquire(timeout=_CLOSE_TIMEOUT_S):
                return
        try:
            self._drop()
        finally:
            self._busy.release()

    def _hand_over(self, folder: Path) -> JobProcess | None:
        child, self._child = self._child, None
        assert child is not None
        try:
            reply = child.ask(RunFolder(folder=str(folder)), _ACCEPT_TIMEOUT_S)
        except _Gone:
            return None
        if isinstance(reply, Refused):
            self._child = child
            if self._is_closed:
                self._drop()
            raise TLStudioError(reply.title, reply.hint, details=reply.details)
        if not isinstance(reply, Accepted):
            child.kill()
            raise BugError(f"a warm worker answered {type(reply).__name__} to a folder")
        child.let_go()
        log.info("job %s taken over by warm process %d", folder, child.process.pid)
        return JobProcess(folder, child.process)

    def _ask_twice(self, request: Request) -> Reply:
        for _attempt in range(2):
            self.start()
            if self._child is None:
                break
            try:
                if self._child.wait_until_ready(READY_TIMEOUT_S):
                    return self._child.ask(request, _ANSWER_TIMEOUT_S)
            except _Gone:
                pass
            self._drop()
            if self._is_closed:
                break
            log.warning("the warm worker ended while it was needed; its words are in %s", self._log_file)
        if self._is_closed:
            raise TLStudioError(
                message("warm.closed", "The images were not looked at: the window was closed."),
                message("warm.closed.hint", "Nothing was changed. Open the project again and try them then."),
            )
        raise TLStudioError(
            message("warm.gone", "The images could not be looked at: the helper process ended twice."),
            message("warm.gone.hint", "Nothing was changed. What it said is in {file}.", file=str(self._log_file)),
        )

    def _drop(self) -> None:
        if self._child is not None:
            self._child.close()
            self._child = None


class _Child:
    """One warm process with its two pipes; a thread of its own reads, because a pipe cannot be waited for everywhere."""

    def __init__(self, log_file: Path) -> None:
        log_file.parent.mkdir(parents=True, exist_ok=True)
        with open(log_file, "wb") as output:
            self.process = spawn(["job"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=output)
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self._requests: IO[bytes] = self.process.stdin
        self._replies: queue.SimpleQueue[Reply | None] = queue.SimpleQueue()
        self._ready = threading.Event()
        self._reader = threading.Thread(target=self._read, args=(self.process.stdout,), name="warm-worker", daemon=True)
        self._reader.start()

    @property
    def is_alive(self) -> bool:
        return self.process.poll() is None

    @property
    def is_ready(self) -> bool:
        return self._ready.is_set()

    def wait_until_ready(self, timeout_s: float) -> bool:
        return self._ready.wait(timeout_s) and self.is_alive

    def ask(self, request: Request, timeout_s: float) -> Reply:
        """Send one request and wait for its reply. Raises `_Gone`; then the child is no more."""
        try:
            self._requests.write(encode_frame(request))
            self._requests.flush()
            reply = self._replies.get(timeout=timeout_s)
        except (OSError, queue.Empty) as error:
            self.kill()
            raise _Gone from error
        if reply is None:
            self.kill()
            raise _Gone
        return reply

    def let_go(self) -> None:
        """Close the pipes; the child has turned into a job and needs them no more."""
        self._close_requests()
        self._reader.join(_CLOSE_TIMEOUT_S)

    def close(self) -> None:
        """Close the pipes and wait for the child to end by itself, or end it."""
        self._close_requests()
        try:
            self.process.wait(_CLOSE_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.kill()
        self._reader.join(_CLOSE_TIMEOUT_S)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self._close_requests()
        self._reader.join(_CLOSE_TIMEOUT_S)

    def _close_requests(self) -> None:
        try:
            self._requests.close()
        except OSError:
            log.debug("the warm worker's pipe was broken already")

    def _read(self, replies: IO[bytes]) -> None:
        with replies:
            try:
                while len(head := replies.read(LENGTH_BYTES)) == LENGTH_BYTES:
                    reply = decode_reply(replies.read(body_length(head)))
                    if isinstance(reply, Ready):
                        self._ready.set()
                    else:
                        self._replies.put(reply)
            except (ValueError, OSError):
                log.exception("the warm worker sent something that is no frame")
        self._ready.set()  # nobody waits for a child that is gone; `is_alive` tells the difference
        self._replies.put(None)

"""Frames between the program and its warm worker: a job process that has the heavy libraries loaded and waits.

On the wire a frame is its length (4 bytes, little-endian, unsigned) and then msgspec's MessagePack of one of the types below.
Pure functions; reading and writing of descriptors happens in `jobs.warm` (parent) and `engine.worker` (child).

The child says `Ready` once, when the libraries are loaded. Then each request is answered by exactly one reply, in order:
`RunFolder` by `Accepted` (the child turns into that job, reads no further frame and ends with the job's exit code) or
`Refused`; `PredictImages` by `Answers` or `Refused`; `JudgeHead` by `HeadJudged`, `FeaturesMissing` or `Refused`. At the end
of the pipe an idle child ends at once; one that runs a job finishes it. Neither side writes anything else to the pipes.
"""

import msgspec

from tlstudio.domain.jobs import Environment
from tlstudio.domain.manifest import Manifest
from tlstudio.domain.recipe import Balance
from tlstudio.messages import Message

LENGTH_BYTES = 4
MAX_FRAME_BYTES = 64 * 1024 * 1024
"""A longer frame is a broken pipe, not a request."""


class Frame(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind"):
    """Base of all frames."""


class RunFolder(Frame, frozen=True, kw_only=True, tag="run_folder"):
    """Become the job of this folder. From here on everything the child prints goes to the folder's log.txt."""

    folder: str
    """Absolute."""


class PredictImages(Frame, frozen=True, kw_only=True, tag="predict_images"):
    """Predict single files with a run's kept checkpoint; the model stays loaded for the next request."""

    run_folder: str
    """Absolute."""
    environment: Environment
    files: tuple[str, ...]
    """Absolute."""


class JudgeHead(Frame, frozen=True, kw_only=True, tag="judge_head"):
    """Solve a head on the cached features of a run's network, for these labels, and judge it on validation.

    Features and the last solution stay in memory, so that the next request after a few changes is answered at once.
    """

    run_folder: str
    """Absolute. The run says which network, and which penalties may be tried; its own head is not looked at."""
    environment: Environment
    manifest: Manifest
    """Of training and validation alone: images of the test set are not looked at, whatever is sent."""
    balance: Balance = "none"
    chooses: bool = False
    """Choose the penalty anew; else the last choice is kept where there is one."""
    compute_s: float = 0.0
    """How long features that are not known yet may be computed, in seconds."""


class Ready(Frame, frozen=True, kw_only=True, tag="ready"):
    """The libraries are loaded."""

    pid: int


class Accepted(Frame, frozen=True, kw_only=True, tag="accepted"):
    """The folder's lock is taken; the journal says the rest."""


class ImageAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a run says of one file."""

    file: str
    predicted: int | None
    """Index into `Answers.class_names`; None where the file could not be read."""
    probabilities: tuple[float, ...] = ()
    """One a class; they sum to 1."""
    reason: Message | None = None
    """Why there is no answer."""


class Answers(Frame, frozen=True, kw_only=True, tag="answers"):
    """One answer a file, in the order of the request."""

    class_ids: tuple[str, ...]
    class_names: tuple[str, ...]
    images: tuple[ImageAnswer, ...]


class HeadJudged(Frame, frozen=True, kw_only=True, tag="head_judged"):
    """How good the head is on the images of the validation part."""

    class_ids: tuple[str, ...]
    class_names: tuple[str, ...]
    predicted: dict[int, int]
    """Class index by sample."""
    confusion: tuple[tuple[int, ...], ...]
    """Rows: truth; columns: prediction."""
    accuracy: float
    balanced_accuracy: float
    loss: float
    """Mean cross-entropy."""
    penalty: float
    is_settled: bool
    """Whether the penalty was chosen on just these labels."""
    num_train: int
    num_left_out: int = 0
    """Images that could not be read."""
    seconds: float

    @property
    def num_validation(self) -> int:
        """Images it was judged on."""
        return len(self.predicted)


class FeaturesMissing(Frame, frozen=True, kw_only=True, tag="features_missing"):
    """So many of the images have not been through the network yet."""

    num_missing: int
    num_images: int


class Refused(Frame, frozen=True, kw_only=True, tag="refused"):
    """The request could not be met; the child stays ready. `details` holds a traceback where it was a bug."""

    title: Message
    hint: Message
    details: str = ""


Request = RunFolder | PredictImages | JudgeHead
Reply = Ready | Accepted | Answers | HeadJudged | FeaturesMissing | Refused

_encoder = msgspec.msgpack.Encoder()
_requests: msgspec.msgpack.Decoder[Request] = msgspec.msgpack.Decoder(Request)
_replies: msgspec.msgpack.Decoder[Reply] = msgspec.msgpack.Decoder(Reply)


def encode_frame(frame: Request | Reply) -> bytes:
    """Length and body."""
    body = _encoder.encode(frame)
    return len(body).to_bytes(LENGTH_BYTES, "little") + body


def body_length(head: bytes) -> int:
    """How many bytes follow a frame's first `LENGTH_BYTES`. Raises `ValueError` where that cannot be a frame."""
    length = int.from_bytes(head, "little")
    if len(head) != LENGTH_BYTES or length > MAX_FRAME_BYTES:
        raise ValueError("not a frame")
    return length


def decode_request(body: bytes) -> Request:
    """The parent's word. Raises `msgspec.ValidationError` or `msgspec.DecodeError` (both `ValueError`)."""
    return _requests.decode(body)


def decode_reply(body: bytes) -> Reply:
    """The child's word. Raises as `decode_request`."""
    return _replies.decode(body)

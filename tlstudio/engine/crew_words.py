"""What rank 0 of a training in several processes tells the others, and what they answer, as JSON."""

import msgspec

from tlstudio.domain.plan import Plan
from tlstudio.messages import Message


class Word(msgspec.Struct, frozen=True, kw_only=True, tag_field="word"):
    """What rank 0 tells the others to do next."""


class Begin(Word, frozen=True, kw_only=True, tag="begin"):
    """Set up the training of the job folder under this plan."""

    plan: Plan


class Tune(Word, frozen=True, kw_only=True, tag="tune"):
    """The fine-tuning begins, or begins again more carefully; the head's tensors follow."""

    is_careful: bool


class Step(Word, frozen=True, kw_only=True, tag="step"):
    """The weights follow; give the gradient of your share of this step's batch."""

    step: int
    epoch: int
    micro_batch: int


class Judge(Word, frozen=True, kw_only=True, tag="judge"):
    """The weights follow; compute the exact features of your share of these samples until the next word."""

    samples: tuple[int, ...]


class Collect(Word, frozen=True, kw_only=True, tag="collect"):
    """Give the features that were computed."""

    num_samples: int


class Sit(Word, frozen=True, kw_only=True, tag="sit"):
    """Where your share of these samples is not computed yet, go on with it for some seconds; say whether it is done."""


class Look(Word, frozen=True, kw_only=True, tag="look"):
    """Say whether the images that were away are back."""

    of_skipped: bool = False
    """Instead: whether any of those is that could not be used and were counted."""


class Count(Word, frozen=True, kw_only=True, tag="count"):
    """Say which images could not be used since the last time."""


class Over(Word, frozen=True, kw_only=True, tag="over"):
    """Go home."""


AnyWord = Begin | Tune | Step | Judge | Collect | Sit | Look | Count | Over
_words: msgspec.json.Decoder[AnyWord] = msgspec.json.Decoder(AnyWord)


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """Why one of the others cannot go on as things are; rank 0 raises it in its place."""

    title: Message
    hint: Message
    details: str = ""
    is_away: bool = False
    """Whether it can go on once its images are back."""


class Lacking(msgspec.Struct, frozen=True, kw_only=True):
    """Images that one of the others could not use, by sample, each with the reason."""

    reasons: dict[int, Message]


def decode_word(data: bytes) -> AnyWord:
    """The word of a message."""
    return _words.decode(data)

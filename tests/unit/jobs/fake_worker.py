"""A child that speaks the frames of the warm worker without any heavy library. Its argument says how it misbehaves."""

import os
import sys
import time
from pathlib import Path

from tlstudio.domain.serving import (
    LENGTH_BYTES,
    Accepted,
    Answers,
    FeaturesMissing,
    ImageAnswer,
    JudgeHead,
    PredictImages,
    Ready,
    Refused,
    Reply,
    RunFolder,
    body_length,
    decode_request,
    encode_frame,
)
from tlstudio.messages import message


def say(reply: Reply) -> None:
    os.write(1, encode_frame(reply))


def main(manner: str) -> int:
    if manner == "stillborn":
        return 3
    say(Ready(pid=os.getpid()))
    while len(head := sys.stdin.buffer.read(LENGTH_BYTES)) == LENGTH_BYTES:
        request = decode_request(sys.stdin.buffer.read(body_length(head)))
        if isinstance(request, RunFolder):
            if manner == "refuses":
                say(Refused(title=message("a", "It is running already."), hint=message("b", "Wait.")))
                continue
            say(Accepted())
            (Path(request.folder) / "ran.txt").write_text(str(os.getpid()))
            return 0
        if manner == "babbles":
            os.write(1, b"\xff\xff\xff\xff this is no frame")
            continue
        if manner == "dies" or (manner == "dies once" and _first_time(request)):
            os._exit(11)
        if manner == "thinks":
            (Path(request.run_folder) / "asked.txt").write_text("")
            while not (Path(request.run_folder) / "go on.txt").exists():
                time.sleep(0.01)
        say(FeaturesMissing(num_missing=3, num_images=9) if isinstance(request, JudgeHead) else _answers(request))
    return 0


def _first_time(request: PredictImages | JudgeHead) -> bool:
    mark = Path(request.run_folder) / "died.txt"
    if mark.exists():
        return False
    mark.write_text("once")
    return True


def _answers(request: PredictImages) -> Answers:
    images = tuple(ImageAnswer(file=file, predicted=0, probabilities=(0.75, 0.25)) for file in request.files)
    return Answers(class_ids=("1", "2"), class_names=("ants", "bees"), images=images)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

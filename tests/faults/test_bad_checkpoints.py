"""F37: a PyTorch checkpoint is opened by a throw-away process only; whatever is in it, nothing is run and nothing half-taken stays."""

import os
import pickle
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from weights_files import SMALL, tensors

from tlstudio import files, paths
from tlstudio.domain.conversion import Refusal, Refused
from tlstudio.domain.progress import Progress
from tlstudio.errors import TLStudioError
from tlstudio.jobs import conversion
from tlstudio.jobs.conversion import convert
from tlstudio.operations import weights
from tlstudio.operations.converting import _folder

torch = pytest.importorskip("torch")


def _save(file: Path, checkpoint: object, **arguments: Any) -> Path:
    torch.save(checkpoint, file, **arguments)
    return file


def _state() -> dict[str, Any]:
    return {name: torch.from_numpy(value.astype("float32")) for name, value in tensors().items()}


def _refusal(path: Path) -> TLStudioError:
    with pytest.raises(TLStudioError) as refusal:
        weights.import_weights(weights.inspect_weights(path))
    assert "Nothing was imported" in refusal.value.hint.text()
    assert path.name in refusal.value.title.text()
    _nothing_stays()
    return refusal.value


def _nothing_stays() -> None:
    left = [item for folder in (paths.weights_dir(), _folder()) for item in folder.rglob("*") if item.is_file()]
    assert [item.name for item in left if item.name != "library.lock"] == []


class _Bomb:
    """Unpickling it leaves a file behind."""

    def __init__(self, trap: Path) -> None:
        self.trap = trap

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (f"touch '{self.trap}'",)


@pytest.mark.parametrize("kind", ["zip", "legacy", "pickle"])
def test_a_checkpoint_with_code_in_it_is_refused_and_nothing_is_run(tmp_path: Path, kind: str) -> None:
    trap, file = tmp_path / "it ran", tmp_path / "model.pth"
    harm = {"state_dict": {**_state(), "bias": _Bomb(trap)}}
    if kind == "pickle":
        file.write_bytes(pickle.dumps(harm["state_dict"]["bias"]))
    else:
        _save(file, harm, _use_new_zipfile_serialization=kind == "zip")
    refusal = _refusal(file)
    assert "code" in refusal.title.text()
    assert "nothing in the file was run" in refusal.hint.text()
    assert not trap.exists()


def test_code_under_the_name_of_safetensors_is_no_way_around(tmp_path: Path) -> None:
    trap = tmp_path / "it ran"
    refusal = _refusal(_save(tmp_path / "model.safetensors", {"state_dict": _Bomb(trap)}))
    assert "would run code (posix.system)" in refusal.title.text()
    assert not trap.exists()


def test_the_trap_would_have_worked(tmp_path: Path) -> None:
    trap = tmp_path / "it ran"
    pickle.loads(pickle.dumps(_Bomb(trap)))
    assert trap.exists()


def test_a_network_that_nobody_has_here_is_told_by_its_looks(shared: Path) -> None:
    refusal = _refusal(shared / "weights" / "resnet20_cifar10-12fca82f.th")
    assert "not in the catalogue" in refusal.title.text()
    assert "a ResNet of 20 layers in 3 stages, from 16 to 64 channels, for 10 classes; neither timm nor torchvision" in refusal.hint.text()


def test_a_whole_model_is_told_to_be_one(tmp_path: Path) -> None:
    refusal = _refusal(_save(tmp_path / "whole.pth", torch.nn.Linear(2, 2)))
    assert "was saved as a whole model" in refusal.title.text()
    assert "state_dict()" in refusal.hint.text()


def test_a_checkpoint_cut_short_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    file = _save(tmp_path / "short.pth", _state())
    file.write_bytes(file.read_bytes()[:-5000])
    assert "cut short or damaged" in _refusal(file).title.text()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n", "Git LFS pointer"),
        (b"<!DOCTYPE html><html>Sign in</html>", "web page"),
        (b"\x1f\x8b\x08 and more", "compressed archive"),
    ],
)
def test_what_only_calls_itself_a_checkpoint_is_told_without_opening_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, words: str
) -> None:
    monkeypatch.setattr(conversion, "_command", lambda: ["false"])
    file = tmp_path / "model.pth"
    file.write_bytes(content)
    assert words in _refusal(file).title.text()


def test_a_lying_size_gets_no_memory_and_no_disk(tmp_path: Path) -> None:
    """A legacy checkpoint whose storage claims a terabyte."""
    file = _save(tmp_path / "model.pth", {"weight": torch.zeros(1000)}, _use_new_zipfile_serialization=False)
    content = file.read_bytes()
    assert b"M\xe8\x03" in content, "1000 as pickle writes it"
    file.write_bytes(content.replace(b"M\xe8\x03", b"\x8a\x05\x00\x00\x00\x00\x40"))
    assert "model.pth" in _refusal(file).title.text()


_IMPORT = """
import resource, signal, sys
from pathlib import Path
from tlstudio.errors import TLStudioError
from tlstudio.operations import weights
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    weights.inspect_weights(Path(sys.argv[1]))
except TLStudioError as refusal:
    print(refusal)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of a process are set another way there")
def test_a_disk_that_takes_no_more_while_it_is_converted(tmp_path: Path) -> None:
    file = _save(tmp_path / "lab.pth", _state())
    ran = subprocess.run([sys.executable, "-c", _IMPORT, str(file)], capture_output=True, text=True, timeout=200, check=True)
    assert "lab.pth could not be converted" in ran.stdout
    assert "File too large" in ran.stdout
    _nothing_stays()


def test_a_disk_without_room_is_said_before_the_file_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda folder: type("Usage", (), {"free": 1_000_000})())
    assert "no room to convert lab.pth" in _refusal(_save(tmp_path / "lab.pth", _state())).title.text()


def test_each_step_of_keeping_what_was_converted_may_fail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = _save(tmp_path / "lab.pth", _state())
    found = weights.inspect_weights(file)
    for step in range(1, 6):
        weights.forget_inspected(found)
        monkeypatch.setattr("tlstudio.operations.converting.convert", lambda origin, target, **_: target.write_bytes(b"half") and _DONE)
        files.fail_at(step)
        with pytest.raises(TLStudioError, match="could not be converted"):
            weights.inspect_weights(file)
        files.fail_at(None)
        _nothing_stays()


_DONE = conversion.Converted()


# --- a process that does not do what it should


_SCRIPTS = {
    "says nothing and ends": "pass",
    "says what it never should": 'print(\'{"type": "Converted", "entry": 5}\')',
    "says too much": "print('x' * 1_000_000)",
    "claims to be done": 'print(\'{"type": "Converted"}\')',
}


@pytest.mark.parametrize("script", _SCRIPTS.values(), ids=list(_SCRIPTS))
def test_a_process_that_fails_is_told_and_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    monkeypatch.setattr(conversion, "_command", lambda: [sys.executable, "-c", script])
    assert "could not be" in _refusal(_save(tmp_path / "lab.pth", _state())).title.text()


def test_one_that_takes_too_long_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversion, "_command", lambda: [sys.executable, "-c", "import time; time.sleep(3600)"])
    monkeypatch.setattr(conversion, "START_LIMIT_S", 0.5)
    assert "took longer" in _refusal(_save(tmp_path / "lab.pth", _state())).title.text()


def test_a_conversion_can_be_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversion, "_command", lambda: [sys.executable, "-c", "import time; time.sleep(3600)"])
    stop = threading.Event()

    def on_progress(_progress: Progress) -> None:
        stop.set()

    with pytest.raises(TLStudioError, match="was stopped"):
        weights.inspect_weights(_save(tmp_path / "lab.pth", _state()), report=on_progress, stop=stop)
    _nothing_stays()


def test_every_reason_has_its_own_words() -> None:
    from tlstudio.jobs.conversion_refusals import refusal

    titles = {refusal(Path("lab.pth"), Refused(reason=reason, what="it")).title.text() for reason in Refusal}
    assert len(titles) == len(Refusal)
    assert all("lab.pth" in title for title in titles)


# --- and one that is sound


def test_a_sound_checkpoint_becomes_a_set_of_the_library(tmp_path: Path) -> None:
    said: list[Progress] = []
    found = weights.inspect_weights(
        _save(tmp_path / "lab.pth", {"state_dict": {f"module.{name}": value for name, value in _state().items()}, "epoch": 7}),
        report=said.append,
    )
    assert (found.candidates, found.proposal.num_classes, found.proposal.source) == ((SMALL,), 3, "lab.pth")
    assert "entry state_dict" in found.notes[0].text()
    assert said[-1].total is not None
    assert said[-1].done == said[-1].total
    card = weights.import_weights(found)
    assert card in weights.list_weights()
    assert list(_folder().rglob("*.safetensors")) == [], "what was converted is taken away"
    assert weights.inspect_weights(tmp_path / "lab.pth").already_here


def test_what_was_converted_is_not_converted_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = _save(tmp_path / "lab.pth", _state())
    first = weights.inspect_weights(file)
    monkeypatch.setattr(conversion, "_command", lambda: ["false"])
    assert weights.inspect_weights(file, architecture=SMALL).proposal.hash == first.proposal.hash
    os.utime(file, (0, 0))
    with pytest.raises(TLStudioError, match="could not be opened"):
        weights.inspect_weights(file)


def test_a_file_replaced_within_one_tick_of_the_clock_is_converted_anew(tmp_path: Path) -> None:
    file = _save(tmp_path / "lab.pth", _state())
    before, first = file.stat(), weights.inspect_weights(file)
    other = _state()
    name = next(name for name, value in other.items() if value.is_floating_point())
    other[name] = other[name] + 1
    torch.save(other, tmp_path / "other.pth")
    values = (tmp_path / "other.pth").read_bytes()
    with file.open("r+b") as same_inode:
        same_inode.truncate(0)
        same_inode.write(values)
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert weights.inspect_weights(file).proposal.hash != first.proposal.hash


def test_the_child_may_open_no_socket_start_no_program_and_write_no_other_file(tmp_path: Path) -> None:
    """Its doors are shut for whatever runs in it, as a reader with a hole would let it."""
    script = f"""
import os, socket, subprocess
from pathlib import Path
from tlstudio.engine import convert
convert._shut(Path({str(tmp_path / "in")!r}), Path({str(tmp_path / "out")!r}))
open({str(tmp_path / "out")!r}, "xb").close()
for number, harm in enumerate((
    lambda: socket.socket(),
    lambda: subprocess.run(["touch", {str(tmp_path / "ran")!r}]),
    lambda: os.system("touch {tmp_path / "ran"}"),
    lambda: open({str(tmp_path / "ran")!r}, "w"),
    lambda: os.open({str(tmp_path / "ran")!r}, os.O_CREAT | os.O_WRONLY),
    lambda: Path({str(tmp_path / "ran")!r}).touch(),
    lambda: open({str(tmp_path / "ran")!r}.encode(), "w"),
    lambda: os.mkdir({str(tmp_path / "ran")!r}),
    lambda: os.rename({str(tmp_path / "out")!r}, {str(tmp_path / "ran")!r}),
    lambda: os.symlink({str(tmp_path / "out")!r}, {str(tmp_path / "ran")!r}),
    lambda: os.chmod({str(tmp_path)!r}, 0o777),
    lambda: os.truncate({str(tmp_path / "out")!r}, 0),
)):
    try:
        harm()
    except convert._Shut:
        print(number, "shut")
"""
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=200, check=True)
    assert ran.stdout.split() == [word for number in range(12) for word in (str(number), "shut")]
    assert not (tmp_path / "ran").exists()
    assert (tmp_path / "out").exists()


def test_convert_itself_leaves_a_whole_file_or_none(tmp_path: Path) -> None:
    file = _save(tmp_path / "lab.pth", _state())
    convert(file, tmp_path / "out.safetensors")
    assert [item.name for item in tmp_path.glob("*out*")] == ["out.safetensors"]

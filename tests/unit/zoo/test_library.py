"""The library of weights: whole sets or none, found by hash, proved when they are used."""

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
from weights_files import SMALL, save, tensors

from tlstudio import files, paths
from tlstudio.domain.networks import Preprocessing, WeightsCard
from tlstudio.errors import TLStudioError
from tlstudio.zoo.header import read_header
from tlstudio.zoo.library import CARD_FILE, TENSORS_FILE, Library
from tlstudio.zoo.stored import hash_file, hash_stored


def _card(file: Path, *, name: str = "small", prefix: str = "") -> WeightsCard:
    digest = hash_stored(file, read_header(file), prefix=prefix)
    return WeightsCard(hash=digest, architecture=SMALL, name=name, preprocessing=Preprocessing(), num_classes=3)


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(starter=tmp_path / "no starter")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return save(tmp_path / "given" / "lab.safetensors", tensors())


def _contents() -> set[str]:
    return {str(item.relative_to(paths.weights_dir())) for item in paths.weights_dir().rglob("*") if item.is_file()} - {"library.lock"}


def _problems(library: Library, *, verify: bool = False) -> list[str]:
    """What is wrong with imported sets, in a library without a starter."""
    missing, *others = library.problems(verify=verify)
    assert missing.id == "weights.starter.missing"
    return [item.text() for item in others]


def test_a_set_is_a_folder_with_tensors_and_a_card(library: Library, file: Path) -> None:
    card = library.add(_card(file), file)
    folder = paths.weights_dir() / card.hash[:12]
    assert (folder / TENSORS_FILE).read_bytes() == file.read_bytes()
    assert msgspec.json.decode((folder / CARD_FILE).read_bytes(), type=WeightsCard) == card
    assert library.cards() == [card]
    assert library.file_of(card.hash) == folder / TENSORS_FILE
    assert (card.size_bytes, bool(card.added), card.bundled) == (file.stat().st_size, True, False)


def test_an_empty_library_has_no_cards(library: Library) -> None:
    assert library.cards() == []
    with pytest.raises(TLStudioError, match="not on this computer"):
        library.card("0" * 64)


def test_the_same_file_twice_is_there_once(library: Library, file: Path) -> None:
    first = library.add(_card(file, name="first"), file)
    assert library.add(_card(file, name="second"), file) == first
    assert library.cards() == [first]


def test_the_newest_import_comes_first(library: Library, file: Path, tmp_path: Path) -> None:
    first = library.add(_card(file), file)
    other = save(tmp_path / "other.safetensors", tensors(seed=1))
    second = library.add(_card(other), other)
    assert library.cards() == [second, first]


def test_the_bundled_starter_comes_first_and_stays(file: Path, tmp_path: Path) -> None:
    starter = tmp_path / "starter"
    card = _card(save(starter / TENSORS_FILE, tensors(seed=2)), name="Starter")
    files.write_json(starter / CARD_FILE, card)
    library = Library(starter=starter)
    imported = library.add(_card(file), file)
    assert [item.name for item in library.cards()] == ["Starter", imported.name]
    assert library.cards()[0].bundled
    assert library.file_of(card.hash) == starter / TENSORS_FILE
    with pytest.raises(TLStudioError, match="cannot be removed"):
        library.remove(card.hash)


@pytest.fixture
def starter(tmp_path: Path) -> Path:
    folder = tmp_path / "starter"
    file = save(folder / TENSORS_FILE, tensors(seed=2))
    card = msgspec.structs.replace(_card(file, name="Starter (small)"), size_bytes=file.stat().st_size)
    files.write_json(folder / CARD_FILE, card)
    return folder


def test_a_whole_starter_is_no_problem(starter: Path) -> None:
    assert Library(starter=starter).problems(verify=True) == []


def test_a_starter_that_is_not_there_is_said(tmp_path: Path) -> None:
    assert [item.text() for item in Library(starter=tmp_path / "none").problems()] == [
        "The starter weights that come with TL Studio are missing."
    ]


@pytest.mark.parametrize("content", [b"", b"no json", b'{"hash": 1}'])
def test_a_starter_with_a_broken_card_is_said_and_left_out(starter: Path, content: bytes) -> None:
    (starter / CARD_FILE).write_bytes(content)
    library = Library(starter=starter)
    assert library.cards() == []
    assert ["card of the starter weights" in item.text() for item in library.problems()] == [True]


def test_a_damaged_starter_is_said_before_it_is_used_and_cannot_be_imported_again(starter: Path) -> None:
    library, file = Library(starter=starter), starter / TENSORS_FILE
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)
    assert library.problems() == [], "a flipped bit is only seen by reading the file"
    assert ["Starter (small) are damaged" in item.text() for item in library.problems(verify=True)] == [True]
    with pytest.raises(TLStudioError, match="damaged") as refusal:
        library.file_of(library.cards()[0].hash)
    assert "Install TL Studio again" in refusal.value.hint.text()
    file.write_bytes(data[:-10])
    assert ["damaged" in item.text() for item in library.problems()] == [True]
    file.unlink()
    assert ["cannot be read" in item.text() for item in library.problems()] == [True]


def test_a_removed_set_is_gone(library: Library, file: Path) -> None:
    card = library.add(_card(file), file)
    library.remove(card.hash)
    assert library.cards() == []
    assert _contents() == set()


def test_a_prefix_is_taken_off_the_stored_names(library: Library, tmp_path: Path) -> None:
    values = tensors()
    wrapped = save(tmp_path / "wrapped.safetensors", {f"module.{name}": value for name, value in values.items()})
    card = library.add(_card(wrapped, prefix="module."), wrapped, prefix="module.")
    stored = library.file_of(card.hash)
    assert read_header(stored).shapes == {name: value.shape for name, value in values.items()}
    assert hash_file(stored) == card.hash


def test_a_damaged_set_is_said_when_it_is_used(library: Library, file: Path) -> None:
    card = library.add(_card(file), file)
    stored = library.file_of(card.hash)
    data = bytearray(stored.read_bytes())
    data[-1] ^= 1
    stored.write_bytes(data)
    with pytest.raises(TLStudioError, match="damaged"):
        library.file_of(card.hash)
    assert _problems(library) == [], "a flipped bit is only seen by reading the file"
    assert ["damaged" in text for text in _problems(library, verify=True)] == [True]
    stored.write_bytes(data[:-10])
    assert ["damaged" in text for text in _problems(library)] == [True]


def test_a_set_without_its_file_says_so(library: Library, file: Path) -> None:
    card = library.add(_card(file), file)
    library.file_of(card.hash).unlink()
    with pytest.raises(TLStudioError, match="cannot be read"):
        library.file_of(card.hash)


@pytest.mark.parametrize("content", [b"", b"{}", b"no json", b'{"hash": 1}'])
def test_a_set_with_a_broken_card_is_left_out_and_said(library: Library, file: Path, content: bytes) -> None:
    card = library.add(_card(file), file)
    (paths.weights_dir() / card.hash[:12] / CARD_FILE).write_bytes(content)
    assert library.cards() == []
    assert ["no readable card" in text for text in _problems(library)] == [True]
    assert library.add(_card(file), file).hash == card.hash, "importing it again repairs it"
    assert _problems(library, verify=True) == []


def test_a_card_of_a_newer_version_is_not_used(library: Library, file: Path) -> None:
    card = library.add(_card(file), file)
    folder = paths.weights_dir() / card.hash[:12]
    files.write_json(folder / CARD_FILE, msgspec.structs.replace(card, version=99))
    assert library.cards() == []
    assert ["newer version" in text for text in _problems(library)] == [True]


def test_a_card_in_a_folder_of_another_hash_is_not_used(library: Library, file: Path) -> None:
    card = library.add(_card(file), file)
    (paths.weights_dir() / card.hash[:12]).rename(paths.weights_dir() / "0123456789ab")
    assert library.cards() == []
    assert len(_problems(library)) == 1


def test_a_file_that_changes_between_question_and_import_is_refused(library: Library, file: Path) -> None:
    card = _card(file)
    save(file, tensors(seed=3))
    with pytest.raises(TLStudioError, match="changed while it was imported"):
        library.add(card, file)
    assert _contents() == set()


def test_what_a_dead_import_left_is_cleared_away(library: Library, file: Path) -> None:
    left = paths.weights_dir() / ".staging-0123456789ab-1"
    left.mkdir(parents=True)
    (left / TENSORS_FILE).write_bytes(b"half")
    assert library.cards() == []
    library.add(_card(file), file)
    assert not left.exists()


def test_only_one_imports_at_a_time(library: Library, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tlstudio.zoo.library._LOCK_WAIT_S", 0.1)
    paths.weights_dir().mkdir(parents=True)
    other = files.FileLock(paths.weights_dir() / "library.lock")
    assert other.acquire()
    with pytest.raises(TLStudioError, match="is importing weights"):
        library.add(_card(file), file)
    other.release()
    library.add(_card(file), file)


_ADD = """
import sys
from pathlib import Path
from tlstudio.domain.networks import Preprocessing, WeightsCard
from tlstudio.zoo.library import Library
Library().add(WeightsCard(hash=sys.argv[2], architecture="a", name="n", preprocessing=Preprocessing(), num_classes=3), Path(sys.argv[1]))
"""


def test_two_processes_that_import_the_same_file_end_with_one_set(library: Library, file: Path) -> None:
    command = [sys.executable, "-c", _ADD, str(file), _card(file).hash]
    workers = [subprocess.Popen(command) for _ in range(2)]
    assert [worker.wait(60) for worker in workers] == [0, 0]
    assert len(library.cards()) == 1
    assert _problems(library, verify=True) == []


def test_the_library_says_where_it_is_how_much_it_takes_and_what_is_damaged(library: Library, file: Path, tmp_path: Path) -> None:
    assert (library.state().num_sets, library.state().size_bytes) == (0, 0)
    sound = library.add(_card(file), file)
    other = save(tmp_path / "other.safetensors", tensors(seed=1))
    bad = library.add(_card(other, name="bad"), other)
    stored = library.file_of(bad.hash)
    stored.write_bytes(stored.read_bytes()[:-10])
    state = library.state()
    assert (state.folder, state.num_sets) == (str(paths.weights_dir()), 1)
    assert state.size_bytes > sound.size_bytes * 2 - 100
    assert [item.folder for item in state.damaged] == ["", bad.hash[:12]], "the starter is missing here, and has no folder to remove"


def test_only_what_is_damaged_is_removed_as_damaged(library: Library, file: Path) -> None:
    card = library.add(_card(file), file)
    for folder in (card.hash[:12], "nothing", "..", ""):
        with pytest.raises(TLStudioError, match="Nothing damaged"):
            library.remove_damaged(folder)
    (paths.weights_dir() / card.hash[:12] / CARD_FILE).write_bytes(b"no json")
    library.remove_damaged(card.hash[:12])
    assert _contents() == set()

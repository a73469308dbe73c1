"""F38 and F39: a weight pack that is not what it says is refused by name; a set is here whole or not at all."""

import contextlib
import os
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pack_files import pack, repacked, reseal, source, two_sets
from weights_files import SMALL, tensors

from tlstudio import paths
from tlstudio.domain.packs import Installed
from tlstudio.errors import TLStudioError
from tlstudio.operations import installing, weights
from tlstudio.zoo.library import Library
from tlstudio.zoo.stored import hash_file


@pytest.fixture
def good(tmp_path: Path) -> Path:
    return two_sets(tmp_path)


def _here() -> list[str]:
    """Names of the imported sets, each proved by its hash; nothing half-written lies beside them."""
    cards = [card for card in weights.list_weights() if not card.bundled]
    assert all(hash_file(Library().file_of(card.hash)) == card.hash for card in cards)
    folders = {item.name for item in paths.weights_dir().iterdir() if item.is_dir()} if paths.weights_dir().exists() else set()
    assert folders == {card.hash[:12] for card in cards}
    return sorted(card.name for card in cards)


def _refused(file: Path) -> str:
    """The pack as a whole is refused, in looking as in installing."""
    with pytest.raises(TLStudioError) as looked:
        installing.look_into_pack(file)
    with pytest.raises(TLStudioError) as tried:
        installing.install_pack(file)
    assert str(looked.value) == str(tried.value)
    assert file.name in looked.value.title.text()
    assert "othing" in looked.value.hint.text()
    assert _here() == []
    return looked.value.title.text()


def _only_first(outcome: Installed) -> str:
    """The first set came in, the second was refused: why."""
    assert [card.name for card in outcome.installed] == ["First"]
    assert [item.name for item in outcome.refused] == ["Second"]
    assert _here() == ["First"]
    return outcome.refused[0].title.text()


# --- damage


def test_one_flipped_byte_is_refused_by_the_name_of_its_set(good: Path) -> None:
    data = bytearray(good.read_bytes())
    place = data.rindex(tensors(num_classes=0, seed=2)["conv1.0.weight"].tobytes())
    data[place + 100] ^= 1
    good.write_bytes(data)
    assert "Second in two.tlweights are damaged" in _only_first(installing.install_pack(good))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(share=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7), near_the_end=st.booleans())
def test_a_flipped_bit_anywhere_never_brings_in_what_was_not_packed(
    good: Path, tmp_path: Path, share: float, bit: int, near_the_end: bool
) -> None:
    data = bytearray(good.read_bytes())
    with zipfile.ZipFile(good) as archive:
        start = archive.getinfo("pack.json").header_offset if near_the_end else 0
    data[start + int(share * (len(data) - start))] ^= 1 << bit
    flipped = tmp_path / "flipped.tlweights"
    flipped.write_bytes(data)
    with contextlib.suppress(TLStudioError):
        outcome = installing.install_pack(flipped)
        assert {card.name for card in outcome.installed} | {item.name for item in outcome.refused} == {"First", "Second"}
    for card in weights.list_weights():
        if not card.bundled:
            assert (card.name, card.licence, card.label_names) in (("First", "mit", ("ants", "bees")), ("Second", "mit", ("ants", "bees")))
            assert hash_file(Library().file_of(card.hash)) == card.hash
            weights.remove_weights(card.hash)


@pytest.mark.parametrize("share", [0.001, 0.3, 0.6, 0.999])
def test_half_a_pack_is_refused(good: Path, share: float) -> None:
    data = good.read_bytes()
    good.write_bytes(data[: int(len(data) * share)])
    assert "is cut short or damaged" in _refused(good)


@pytest.mark.parametrize("content", [b"", b"{}", b"PK", b"version https://git-lfs.github.com/spec/v1\n"])
def test_another_file_is_no_pack(good: Path, content: bytes) -> None:
    good.write_bytes(content)
    assert "is no weight pack" in _refused(good)


def test_a_path_that_is_no_file_is_no_pack(tmp_path: Path) -> None:
    (tmp_path / "folder.tlweights").mkdir()
    assert "is no weight pack" in _refused(tmp_path / "folder.tlweights")
    assert "is no weight pack" in _refused(tmp_path / "gone.tlweights")


@pytest.mark.parametrize("name", ["model.safetensors", "card.json"])
def test_a_missing_file_costs_its_set(good: Path, name: str) -> None:
    second = installing.look_into_pack(good).items[1].card.hash
    outcome = installing.install_pack(repacked(good, leave_out=f"{second}/{name}"))
    assert f"Second in forged.tlweights are incomplete: {name} is missing" in _only_first(outcome)


# --- a pack that lies


def _set_hash(values: dict[str, Any]) -> None:
    values["sets"][1]["files"][0]["hash"] = "0" * 64


def _set_both_hashes(values: dict[str, Any]) -> None:
    values["sets"][1]["files"][0]["hash"] = values["sets"][1]["card"]["hash"][::-1]


def _set_size(values: dict[str, Any]) -> None:
    values["sets"][1]["files"][0]["size_bytes"] += 1


def _set_licence(values: dict[str, Any]) -> None:
    values["sets"][1]["card"]["licence"] = "apache-2.0"


def _card_hash(values: dict[str, Any]) -> None:
    values["sets"][1]["files"][1]["hash"] = "0" * 64


@pytest.mark.parametrize("lie", [_set_hash, _set_both_hashes, _set_size, _set_licence, _card_hash])
def test_a_manifest_that_is_wrong_of_a_set_costs_that_set(good: Path, lie: Callable[[dict[str, Any]], None]) -> None:
    assert "Second in forged.tlweights are" in _only_first(installing.install_pack(repacked(good, manifest=lie)))


def _resealed(good: Path, **card: Any) -> Path:
    """The card of the second set changed by somebody who knows how to prove it."""
    second = installing.look_into_pack(good).items[1].card.hash
    cards: list[bytes] = []
    first = repacked(good, manifest=lambda values: cards.append(reseal(values, 1, card=card)))
    return repacked(first.rename(first.with_name("half forged.tlweights")), replace={f"{second}/card.json": cards[0]})


def test_a_network_that_timm_does_not_know_costs_its_set(good: Path) -> None:
    forged = _resealed(good, architecture="resnet9000")
    assert [item.state.value for item in installing.look_into_pack(forged).items] == ["new", "refused"]
    assert "Second is of resnet9000, a network that this version" in _only_first(installing.install_pack(forged))


def test_tensors_of_another_network_than_the_card_says_cost_their_set(good: Path) -> None:
    assert "Second does not hold weights of resnet18" in _only_first(installing.install_pack(_resealed(good, architecture="resnet18")))


def test_arguments_that_name_files_or_code_cost_the_set(good: Path) -> None:
    forged = _resealed(good, architecture_arguments={"checkpoint_path": "evil.pth"})
    assert "Second asks for checkpoint_path" in _only_first(installing.install_pack(forged))


def test_a_card_of_a_newer_version_costs_its_set(good: Path) -> None:
    assert "Second was stored by a newer version" in _only_first(installing.install_pack(_resealed(good, version=99)))


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_values_that_are_no_numbers_cost_their_set(tmp_path: Path, value: float) -> None:
    values = tensors(num_classes=0, seed=2)
    values["conv1.0.weight"][0] = value
    file = pack(tmp_path / "two.tlweights", source(tmp_path, "First"), source(tmp_path, "Second", values=values))
    assert "not numbers" in _only_first(installing.install_pack(file))


def test_a_pack_of_a_newer_version_is_refused_with_its_version(good: Path) -> None:
    assert "newer version of TL Studio (pack format 7)" in _refused(
        repacked(good, manifest=lambda values: values.update(version=7, sets=9))
    )


@pytest.mark.parametrize("manifest", [b"", b"[]", b'{"version": 1}', b"[" * 5000])
def test_a_manifest_that_makes_no_sense_is_refused(good: Path, manifest: bytes) -> None:
    assert "what it says of itself cannot be read" in _refused(repacked(good, replace={"pack.json": manifest}))


def test_a_zip_without_a_manifest_is_no_pack(good: Path) -> None:
    assert "is no weight pack" in _refused(repacked(good, leave_out="pack.json"))


def _twice(values: dict[str, Any]) -> None:
    values["sets"][1] = values["sets"][0]


def test_one_set_twice_is_refused(good: Path) -> None:
    second = installing.look_into_pack(good).items[1].card.hash
    assert "cannot be read" in _refused(repacked(good, manifest=_twice, leave_out=second))


# --- a pack that attacks


@pytest.mark.parametrize(
    "entry",
    [
        "../evil.txt",
        "/etc/evil",
        "C:\\evil.txt",
        "sets/../../evil",
        "sets/readme.txt",
        "evil.pth",
        f"sets/{'0' * 64}/model.safetensors",
        f"sets/{'0' * 64}/",
    ],
)
def test_anything_else_in_it_is_refused_before_a_byte_is_written(good: Path, tmp_path: Path, entry: str) -> None:
    before = sorted(tmp_path.rglob("*"))
    forged = repacked(good, add=(entry, b"evil"))
    assert "which is no part of a weight pack" in _refused(forged)
    assert sorted(tmp_path.rglob("*")) == sorted([*before, forged])


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFCHR, stat.S_IFIFO, stat.S_IFDIR])
def test_links_and_devices_are_refused(good: Path, kind: int) -> None:
    first = installing.look_into_pack(good).items[0].card.hash
    forged = repacked(good, leave_out=f"{first}/card.json", add=(f"sets/{first}/card.json", b"/etc/passwd"), mode=kind | 0o777)
    assert "which is no part of a weight pack" in _refused(forged)


def test_a_twin_is_refused(good: Path) -> None:
    first = installing.look_into_pack(good).items[0].card.hash
    with pytest.warns(UserWarning, match="Duplicate name"):
        forged = repacked(good, add=(f"sets/{first}/card.json", b"{}"))
    assert "which is no part of a weight pack" in _refused(forged)


def test_a_packed_entry_is_refused_so_that_no_bomb_can_be_in_one(good: Path) -> None:
    assert "which is no part of a weight pack" in _refused(repacked(good, compression=zipfile.ZIP_DEFLATED))


def test_more_bytes_than_the_file_has_are_refused(good: Path) -> None:
    """Every entry of the list points at the same bytes, as in a bomb of overlapping files."""
    with zipfile.ZipFile(good, "a") as archive:
        for entry in archive.infolist():
            entry.file_size = entry.compress_size = good.stat().st_size
        archive._didModify = True  # so that the list is written anew
    assert "damaged" in _refused(good)


# --- the disk


_INSTALL_SMALL_DISK = """
import resource, sys
from pathlib import Path
from tlstudio.operations import installing
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
for item in installing.install_pack(Path(sys.argv[1])).refused:
    print(item.title, item.hint)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of processes are POSIX")
def test_a_full_disk_leaves_nothing_half_written(good: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-c", _INSTALL_SMALL_DISK, str(good)], capture_output=True, text=True, check=True, env={**os.environ}
    )
    assert result.stdout.count("could not be stored") == 2
    assert "nothing half-written stays" in result.stdout
    assert _here() == []


def test_no_room_is_said_with_figures(good: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tlstudio.zoo.library.shutil.disk_usage", lambda _folder: type("Usage", (), {"free": 3_000_000})())
    outcome = installing.install_pack(good)
    assert [item.title.text() for item in outcome.refused] == ["There is no room for two.tlweights: it needs 16 MB, 3 MB are free."] * 2
    assert _here() == []


def test_what_was_stopped_is_whole_or_not_there(good: Path) -> None:
    class AfterTheFirst:
        def is_set(self) -> bool:
            return bool(_names())

    outcome = installing.install_pack(good, stop=AfterTheFirst())
    assert outcome.was_stopped
    assert [card.name for card in outcome.installed] == ["First"]
    assert _here() == ["First"]
    again = installing.install_pack(good)
    assert ([card.name for card in again.installed], [card.name for card in again.were_here]) == (["Second"], ["First"])


def _names() -> list[str]:
    return [card.name for card in weights.list_weights() if not card.bundled]


def test_what_is_here_is_not_stored_twice(good: Path) -> None:
    installing.install_pack(good)
    outcome = installing.install_pack(good)
    assert not outcome.installed
    assert [item.state.value for item in installing.look_into_pack(good).items] == ["here", "here"]
    assert {card.architecture for card in outcome.were_here} == {SMALL}
    assert _here() == ["First", "Second"]

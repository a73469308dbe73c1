"""Weight packs: what went in comes out byte by byte, and the same sets make the same file."""

import zipfile
from pathlib import Path

import msgspec
from pack_files import pack, source, two_sets
from weights_files import save, tensors

from tlstudio.domain.packs import PACK_MANIFEST, PackManifest
from tlstudio.zoo.packs import Source, open_pack


def test_what_went_in_comes_out(tmp_path: Path) -> None:
    first, second = source(tmp_path, "First", seed=1), source(tmp_path, "Second", seed=2, licence="cc-by-nc-4.0")
    with open_pack(pack(tmp_path / "two.tlweights", first, second)) as opened:
        assert [packed.card for packed in opened.sets] == [first.card, second.card]
        assert [opened.problem(packed) for packed in opened.sets] == [None, None]
        assert [b"".join(opened.chunks(packed)) for packed in opened.sets] == [first.file.read_bytes(), second.file.read_bytes()]


def test_a_pack_is_a_plain_zip_that_says_everything_of_its_sets(tmp_path: Path) -> None:
    with zipfile.ZipFile(two_sets(tmp_path)) as archive:
        assert {entry.compress_type for entry in archive.infolist()} == {zipfile.ZIP_STORED}
        manifest = msgspec.json.decode(archive.read(PACK_MANIFEST), type=PackManifest)
        first = manifest.sets[0]
        assert (first.card.licence, first.card.label_names, first.card.preprocessing.input_size_px) == ("mit", ("ants", "bees"), 224)
        assert [file.name for file in first.files] == ["model.safetensors", "card.json"]
        assert {len(file.hash) for file in first.files} == {64}


def test_the_same_sets_make_the_same_file(tmp_path: Path) -> None:
    assert two_sets(tmp_path / "now").read_bytes() == two_sets(tmp_path / "later").read_bytes()


def test_the_prefix_of_a_framework_stays_behind(tmp_path: Path) -> None:
    plain = source(tmp_path, "Plain")
    wrapped = save(tmp_path / "wrapped.safetensors", {f"module.{name}": value for name, value in tensors(num_classes=0).items()})
    with open_pack(pack(tmp_path / "one.tlweights", Source(card=plain.card, file=wrapped, prefix="module."))) as opened:
        assert b"".join(opened.chunks(opened.sets[0])) == plain.file.read_bytes()

"""What is dropped is told apart by its name and by a look into the folder, never into a file."""

from pathlib import Path

import pytest

from tlstudio.ui.drops import Dropped, kind_of


@pytest.mark.parametrize(
    ("name", "inside", "kind"),
    [
        ("Insects.tlstudio", None, Dropped.PROJECT),
        ("Insects", ("Insects.tlstudio", "project.sqlite"), Dropped.PROJECT),
        ("resnet18.safetensors", None, Dropped.WEIGHTS),
        ("three.tlweights", None, Dropped.WEIGHTS),
        ("vit_tiny", ("config.json", "model.safetensors"), Dropped.WEIGHTS),
        ("resnet18-f37072fd.pth", None, Dropped.WEIGHTS),
        ("resnet20.th", None, Dropped.WEIGHTS),
        ("pytorch_model.bin", None, Dropped.WEIGHTS),
        ("hub", ("models--timm--resnet18.a1_in1k", "version.txt"), Dropped.WEIGHTS),
        ("models--timm--resnet18.a1_in1k", ("refs", "blobs"), Dropped.WEIGHTS),
        ("checkpoints", ("resnet18-f37072fd.pth",), Dropped.WEIGHTS),
        ("photos and a model", ("a.png", "best.pth"), Dropped.FOLDER),
        ("cifar", ("data_batch_1.bin",), Dropped.FOLDER),
        ("images", ("a.png",), Dropped.FOLDER),
        ("several sets", ("mobilenet/config.json", "mobilenet/model.safetensors", "squeeze/s.safetensors"), Dropped.WEIGHTS),
        ("checkpoints in folders", ("notes/read.txt", "resnet/pytorch_model.bin"), Dropped.WEIGHTS),
        ("classes", ("ants/a.png", "bees/b.png", "models/best.safetensors"), Dropped.FOLDER),
        ("loose images", ("a.png", "models/best.safetensors"), Dropped.FOLDER),
        ("empty", (), Dropped.FOLDER),
        ("photo.jpg", None, Dropped.FILES),
        ("photos.ZIP", None, Dropped.ARCHIVE),
        ("Insects.tlarchive", None, Dropped.PACKED_PROJECT),
    ],
)
def test_kinds(tmp_path: Path, name: str, inside: tuple[str, ...] | None, kind: Dropped) -> None:
    path = tmp_path / name
    if inside is None:
        path.write_bytes(b"")
    else:
        path.mkdir()
        for item in inside:
            (path / item).parent.mkdir(exist_ok=True)
            (path / item).write_bytes(b"")
    assert kind_of(path) is kind

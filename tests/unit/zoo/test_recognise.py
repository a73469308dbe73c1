"""Weights are recognised by their tensors, their config and their name."""

import hashlib
from pathlib import Path

import numpy as np
import pytest
from weights_files import SMALL, save, save_folder, tensors

from tlstudio.domain.networks import Recognition
from tlstudio.errors import TLStudioError
from tlstudio.zoo import catalogue
from tlstudio.zoo.known_files import KnownFile, known_file
from tlstudio.zoo.match import tensors_of, wrapper_of
from tlstudio.zoo.recognise import recognise


def _recognise(path: Path, **arguments: str) -> Recognition:
    return recognise(path, catalogue.load(), **arguments)


def _words(found: Recognition) -> str:
    return " ".join(note.text() for note in found.notes)


def test_a_real_single_file_without_a_config(shared: Path) -> None:
    found = _recognise(shared / "weights" / "vit_tiny_patch16_224.augreg_in21k_ft_in1k.safetensors")
    card = found.proposal
    assert found.candidates == ("vit_tiny_patch16_224", "deit_tiny_patch16_224")
    assert (card.architecture, card.tag, card.licence, card.num_classes) == (
        "vit_tiny_patch16_224",
        "augreg_in21k_ft_in1k",
        "apache-2.0",
        1000,
    )
    assert (card.preprocessing.mean, card.preprocessing.std) == ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
    assert (card.preprocessing.interpolation, card.preprocessing.crop_fraction) == ("bicubic", 0.9)
    assert card.missing_keys == card.unexpected_keys == ()
    assert "2 architectures" in _words(found)
    assert found.is_certain, "its name says which"


@pytest.mark.parametrize("name", ["", "model.safetensors", "config.json"])
def test_a_real_folder_of_timm(shared: Path, name: str) -> None:
    card = _recognise(shared / "weights" / "mobilenetv2_100.qat_in1k" / name).proposal
    assert card.architecture == "mobilenetv2_100"
    assert card.architecture_arguments == {"pad_type": "same"}
    assert (card.preprocessing.mean, card.preprocessing.interpolation) == ((0.5, 0.5, 0.5), "bilinear")
    assert (card.name, card.source) == ("mobilenetv2_100 (qat_in1k)", "mobilenetv2_100.qat_in1k")


def test_a_real_file_of_torchvision(shared: Path) -> None:
    found = _recognise(shared / "weights" / "squeezenet1_1.in1k_fp16.safetensors")
    card = found.proposal
    assert (found.candidates, found.is_certain) == (("torchvision/squeezenet1_1",), True)
    assert (card.num_classes, card.preprocessing.mean, card.preprocessing.input_size_px) == (1000, (0.485, 0.456, 0.406), 224)
    assert card.name == "squeezenet1_1.in1k_fp16"


def test_the_name_of_a_published_file_says_which_set_it_is_and_its_digits_prove_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = save(tmp_path / "resnet18.safetensors", tensors("resnet18", num_classes=1000))
    digits = hashlib.sha256(file.read_bytes()).hexdigest()[:8]
    named = file.rename(tmp_path / f"resnet18-{digits}.safetensors")
    known = KnownFile(file=named.name, architecture="resnet18", tag="tv_in1k")
    monkeypatch.setattr("tlstudio.zoo.known_files._table", lambda file: {known.file: known})
    found = _recognise(named)
    assert (found.proposal.tag, found.proposal.licence, found.candidates[0]) == ("tv_in1k", "bsd-3-clause", "resnet18")
    assert f"begins with {digits}" in _words(found)

    save(named, tensors("resnet18", num_classes=1000, seed=1))
    with pytest.raises(TLStudioError, match=f"does not begin with {digits}"):
        _recognise(named)


def test_digits_nobody_published_are_only_told(tmp_path: Path) -> None:
    found = _recognise(save(tmp_path / "mine-20240131.safetensors", tensors()))
    assert found.candidates == (SMALL,)
    assert "does not begin with 20240131" in _words(found)


def test_files_of_torch_hub_are_known_by_name() -> None:
    for name, architecture, tag in (
        ("resnet18-f37072fd.pth", "resnet18", "tv_in1k"),
        ("squeezenet1_1-b8a52dc0.pth", "torchvision/squeezenet1_1", "imagenet1k_v1"),
    ):
        known = known_file(Path(name), catalogue.load())
        assert known is not None
        assert (known.architecture, known.tag) == (architecture, tag)


@pytest.mark.parametrize("num", [1, 2, 4, 13])
def test_another_number_of_channels_is_accepted_and_said(tmp_path: Path, num: int) -> None:
    values = tensors()
    stem = next(name for name, value in values.items() if value.ndim == 4 and value.shape[1] == 3)
    values[stem] = np.repeat(values[stem][:, :1], num, axis=1)
    config = {
        "architecture": SMALL,
        "model_args": {"in_chans": num},
        "pretrained_cfg": {"input_size": [num, 160, 160], "mean": [0.25] * num, "std": [0.5] * num},
    }
    found = _recognise(save_folder(tmp_path / "folder", values, config))
    assert (f"made for fewer channels ({num})" if num < 3 else f"made for {num} channels") in _words(found)
    assert (found.proposal.preprocessing.mean, found.proposal.preprocessing.std) == ((0.25,) * 3, (0.5,) * 3)
    assert (found.proposal.missing_keys, found.proposal.unexpected_keys) == ((), ())
    assert _recognise(save(tmp_path / "file.safetensors", values)).candidates == (SMALL,)


def test_any_number_of_classes_and_any_name(tmp_path: Path) -> None:
    found = _recognise(save(tmp_path / "from the lab.safetensors", tensors(num_classes=12)))
    assert (found.candidates, found.proposal.num_classes) == ((SMALL,), 12)
    assert found.proposal.name == f"{SMALL} (from the lab)"
    assert "does not say how images were prepared" in _words(found)
    assert "No licence is stated" in _words(found)


def test_weights_without_a_classifier(tmp_path: Path) -> None:
    assert _recognise(save(tmp_path / "backbone.safetensors", tensors(num_classes=0))).proposal.num_classes == 0


def test_counters_and_computed_tables_do_not_matter(tmp_path: Path) -> None:
    values = tensors() | {"bn1.num_batches_tracked": np.array(7, np.int64), "layer1.relative_position_index": np.zeros((4, 4), np.int64)}
    found = _recognise(save(tmp_path / "old.safetensors", values))
    assert found.candidates == (SMALL,)
    assert found.proposal.unexpected_keys == ()


def test_a_name_that_says_the_tag_brings_the_licence_and_the_preprocessing(tmp_path: Path) -> None:
    card = _recognise(save(tmp_path / "test_resnet.r160_in1k.safetensors", tensors(num_classes=1000))).proposal
    assert (card.tag, card.licence) == ("r160_in1k", "apache-2.0")
    assert card.preprocessing.input_size_px == 160


def test_the_folder_of_a_hub_cache_says_the_tag_too(tmp_path: Path) -> None:
    folder = tmp_path / "models--timm--test_resnet.r160_in1k" / "snapshots" / "0123abcd"
    assert _recognise(save(folder / "model.safetensors", tensors())).proposal.tag == "r160_in1k"


@pytest.mark.parametrize("prefix", ["module.", "_orig_mod.", "model.", "backbone.", "model.backbone.", "module._orig_mod."])
def test_the_prefix_of_a_training_framework_is_taken_off(tmp_path: Path, prefix: str) -> None:
    values = {f"{prefix}{name}": value for name, value in tensors().items()}
    found = _recognise(save(tmp_path / "parallel.safetensors", values))
    assert (found.candidates, found.prefix) == ((SMALL,), prefix)
    assert found.proposal.num_classes == 3


def test_a_tensor_beside_the_wrapped_network_is_no_hindrance(tmp_path: Path) -> None:
    values = {f"module.{name}": value for name, value in tensors().items()} | {"n_averaged": np.array(3, np.int64)}
    found = _recognise(save(tmp_path / "averaged.safetensors", values))
    assert (found.prefix, found.proposal.unexpected_keys, found.proposal.missing_keys) == ("module.", ("n_averaged",), ())


def test_names_that_begin_like_a_prefix_stay_where_the_network_has_them(tmp_path: Path) -> None:
    """Nearly all of torchvision's ViT stands below "encoder."."""
    table = catalogue.load()
    shapes = dict(tensors_of(table.by_name["torchvision/vit_b_32"], table))
    assert wrapper_of(shapes, table) == ""
    assert wrapper_of({f"module.{name}": shape for name, shape in shapes.items()}, table) == "module."


def test_missing_and_unexpected_tensors_are_listed(tmp_path: Path) -> None:
    values = tensors()
    gone = next(name for name in values if name.endswith("bn1.bias"))
    del values[gone]
    values["ema.decay"] = np.ones(1, np.float32)
    found = _recognise(save(tmp_path / "patched.safetensors", values))
    assert (found.proposal.missing_keys, found.proposal.unexpected_keys) == ((gone,), ("ema.decay",))
    assert gone in _words(found)
    assert "ema.decay" in _words(found)


def test_positions_for_another_input_size_are_accepted_and_said(tmp_path: Path) -> None:
    values = tensors("test_vit")
    values["pos_embed"] = np.zeros((1, 50, values["pos_embed"].shape[2]), np.float16)
    found = _recognise(save(tmp_path / "vit.safetensors", values))
    assert found.candidates[0] == "test_vit"
    assert "another shape" in _words(found)


def test_asking_for_another_candidate(shared: Path) -> None:
    file = shared / "weights" / "vit_tiny_patch16_224.augreg_in21k_ft_in1k.safetensors"
    card = _recognise(file, architecture="deit_tiny_patch16_224").proposal
    assert (card.architecture, card.licence) == ("deit_tiny_patch16_224", "")


def test_the_config_of_a_folder_decides_between_equals(tmp_path: Path) -> None:
    values = tensors("resnet18")
    assert _recognise(save_folder(tmp_path / "folder", values, {"architecture": "resnetblur18"})).candidates == ("resnetblur18", "resnet18")
    plain = _recognise(save(tmp_path / "file.safetensors", values))
    assert (plain.candidates, plain.is_certain) == (("resnet18", "resnetblur18"), False)
    assert _recognise(save(tmp_path / "my_resnetblur18.safetensors", values)).candidates[0] == "resnetblur18"


def test_a_config_brings_arguments_preprocessing_labels_and_licence(tmp_path: Path) -> None:
    config = {
        "architecture": f"{SMALL}.lab",
        "label_names": ["bees", "ants", "wasps"],
        "model_args": {"drop_rate": 0.2, "img_size": [128, 128], "in_chans": 3},
        "pretrained_cfg": {"input_size": [3, 128, 128], "mean": [0.1, 0.2, 0.3], "std": [1, 1, 1], "crop_pct": 1.0, "license": "mit"},
    }
    card = _recognise(save_folder(tmp_path / "lab", tensors(), config)).proposal
    assert card.architecture_arguments == {"img_size": 128}
    assert (card.preprocessing.input_size_px, card.preprocessing.mean, card.preprocessing.crop_fraction) == (128, (0.1, 0.2, 0.3), 1.0)
    assert (card.label_names, card.licence, card.tag, card.name) == (("bees", "ants", "wasps"), "mit", "", f"{SMALL} (lab)")


def test_a_config_beside_a_file_with_its_own_name_is_not_that_files(tmp_path: Path) -> None:
    folder = save_folder(tmp_path / "mixed", tensors("test_vit"), {"architecture": "test_vit"})
    assert _recognise(save(folder / "other.safetensors", tensors())).candidates == (SMALL,)

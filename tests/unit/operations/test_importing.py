"""Importing as a user sees it: what is in, what is not and why, and what happens the second time."""

import io
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tlstudio.domain.dataset import Dataset
from tlstudio.domain.progress import Progress
from tlstudio.domain.samples import SampleState
from tlstudio.domain.splits import Split
from tlstudio.errors import TLStudioError
from tlstudio.messages import Message
from tlstudio.operations.importing import import_data
from tlstudio.operations.thumbnails import make_missing, thumbnail_store
from tlstudio.project.project import Project

MakeImages = Callable[..., Path]


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    opened = Project.create(tmp_path / "Survey")
    yield opened
    opened.close()


def by_name(dataset: Dataset) -> dict[str, tuple[str | None, Split | None]]:
    names = {item.id: item.name for item in dataset.classes}
    return {sample.name: (names.get(sample.class_id or ""), sample.split) for sample in dataset.samples}


def test_class_folders_are_linked_classed_and_divided(project: Project, make_images: MakeImages) -> None:
    source = make_images({"discs": 20, "bars": 20})
    progress: list[Progress] = []
    outcome = import_data(project, source, report=progress.append)
    dataset = project.dataset()
    assert (outcome.num_found, outcome.num_added, outcome.num_set_aside, outcome.classes) == (40, 40, 0, ("bars", "discs"))
    assert outcome.change.words is not None
    assert outcome.change.words.text() == "40 images are in"
    assert dataset.num_by_split == {Split.TRAIN: 28, Split.VAL: 6, Split.TEST: 6}
    assert {item.name: dataset.num_by_class[item.id] for item in dataset.classes} == {"bars": 20, "discs": 20}
    sample = dataset.samples[0]
    assert dataset.file_of(sample) == source / "bars" / "bars_000.png"
    assert (sample.width_px, sample.height_px, sample.format) == (64, 64, "PNG")
    assert not sample.split_given
    assert progress[-1].done == progress[-1].total == 40
    assert progress[-1].per_second
    assert not list(project.folder.rglob("*.png"))
    with thumbnail_store(project) as store:
        assert all((store.get(sample.content_hash) or b"").startswith(b"\xff\xd8") for sample in dataset.samples)


def test_the_same_folder_is_divided_the_same_way_in_every_project(project: Project, make_images: MakeImages, tmp_path: Path) -> None:
    source = make_images({"discs": 30, "bars": 15})
    import_data(project, source)
    other = Project.create(tmp_path / "Other")
    import_data(other, source)
    assert by_name(project.dataset()) == by_name(other.dataset())
    other.close()


def test_importing_again_adds_what_is_new_and_moves_nothing(project: Project, make_images: MakeImages) -> None:
    source = make_images({"discs": 12, "bars": 12})
    import_data(project, source)
    before = by_name(project.dataset())
    again = import_data(project, source)
    assert (again.num_added, again.num_updated, again.num_known) == (0, 0, 24)
    assert again.change.words is not None
    assert "Nothing new" in again.change.words.text()
    make_images({"discs": 20, "rings": 5}, seed=9)  # the same names for 12 discs, with other pixels
    third = import_data(project, source)
    assert (third.num_added, third.num_updated, third.num_known) == (13, 12, 12)
    after = by_name(project.dataset())
    assert {name: after[name] for name in before} == before
    assert len(project.dataset().samples) == 37


def test_a_sub_folder_dropped_later_is_not_imported_twice(project: Project, make_images: MakeImages) -> None:
    source = make_images({"discs": 4, "bars": 4})
    import_data(project, source)
    assert import_data(project, source / "bars").num_known == 4
    assert import_data(project, source / "bars" / "bars_001.png").num_known == 1
    assert len(project.dataset().samples) == 8
    assert len(project.dataset().roots) == 1


def test_given_train_and_val_are_kept_and_val_is_the_measure(project: Project, make_images: MakeImages) -> None:
    make_images({"a": 6, "b": 6}, name="set/train")
    source = make_images({"a": 3, "b": 3}, name="set/val", seed=5).parent
    outcome = import_data(project, source)
    dataset = project.dataset()
    assert outcome.given_splits
    assert dataset.num_by_split == {Split.TRAIN: 12, Split.VAL: 6}
    assert dataset.measure is Split.VAL
    assert dataset.plan.given
    assert all(sample.split_given for sample in dataset.samples)
    make_images({"a": 2}, name="set/more/a", seed=7)


def test_without_a_given_validation_part_one_is_taken_from_training(project: Project, make_images: MakeImages) -> None:
    make_images({"a": 40, "b": 40}, name="set/train")
    source = make_images({"a": 20, "b": 20}, name="set/test", seed=5).parent
    import_data(project, source)
    dataset = project.dataset()
    assert dataset.num_by_split == {Split.TRAIN: 68, Split.VAL: 12, Split.TEST: 40}
    assert {sample.path.split("/")[0] for sample in dataset.samples if sample.split is Split.TEST} == {"test"}
    make_images({"a": 60, "b": 60}, name="set/train", seed=9)
    import_data(project, source)
    assert project.dataset().num_by_split[Split.TEST] == 40


def test_exact_copies_stay_together_even_across_classes_and_imports(project: Project, make_images: MakeImages) -> None:
    source = make_images({"a": 30, "b": 30})
    for number in range(10):
        shutil.copy(source / "a" / f"a_{number:03d}.png", source / "b" / f"copy_{number:03d}.png")
    import_data(project, source)
    for number in range(10, 20):
        shutil.copy(source / "a" / f"a_{number:03d}.png", source / "a" / f"later_{number:03d}.png")
    import_data(project, source)
    splits = {sample.name: sample.split for sample in project.dataset().samples}
    for number in range(10):
        assert splits[f"copy_{number:03d}.png"] is splits[f"a_{number:03d}.png"]
        assert splits[f"later_{number + 10:03d}.png"] is splits[f"a_{number + 10:03d}.png"]


def test_unreadable_files_are_set_aside_with_their_reason_and_tried_again(project: Project, make_images: MakeImages) -> None:
    source = make_images({"a": 3, "b": 3})
    (source / "a" / "empty.jpg").touch()
    (source / "a" / "page.jpg").write_text("<!doctype html><title>404</title>")
    (source / "a" / "notes.txt").write_text("not an image, not a problem")
    outcome = import_data(project, source)
    assert (outcome.num_added, outcome.num_set_aside, outcome.num_skipped) == (8, 2, 1)
    assert {item.path: item.reason.text() for item in outcome.problems} == {
        "a/empty.jpg": "The file is empty (0 bytes).",
        "a/page.jpg": "The file is a web page, not an image.",
    }
    aside = project.dataset().set_aside
    assert [(sample.name, sample.split, sample.width_px) for sample in aside] == [("empty.jpg", None, 0), ("page.jpg", None, 0)]
    assert import_data(project, source).num_known == 8
    shutil.copy(source / "a" / "a_000.png", source / "a" / "empty.jpg")
    outcome = import_data(project, source)
    assert (outcome.num_updated, outcome.num_known) == (1, 7)
    mended = next(sample for sample in project.dataset().samples if sample.name == "empty.jpg")
    assert mended.state is SampleState.READY
    assert mended.split is not None


def test_one_class_and_one_image_are_allowed(project: Project, make_images: MakeImages) -> None:
    import_data(project, make_images({"only": 1}))
    (sample,) = project.dataset().samples
    assert sample.split is Split.TRAIN


def test_a_flat_folder_waits_for_labels(project: Project, make_images: MakeImages) -> None:
    source = make_images({"only": 4}) / "only"
    import_data(project, source)
    assert [(sample.class_id, sample.split) for sample in project.dataset().samples] == [(None, None)] * 4


def test_folders_below_a_class_become_proposed_groups(project: Project, make_images: MakeImages) -> None:
    make_images({"slide_1": 2, "slide_2": 2}, name="set/a")
    source = make_images({"slide_1": 2}, name="set/b", seed=3).parent
    import_data(project, source)
    assert {(sample.path.split("/")[0], sample.group) for sample in project.dataset().samples} == {
        ("a", "slide_1"),
        ("a", "slide_2"),
        ("b", "slide_1"),
    }


def test_stopping_keeps_what_is_in(project: Project, make_images: MakeImages) -> None:
    source = make_images({"a": 150, "b": 150}, size=8)
    stop = threading.Event()

    def watch(progress: Progress) -> None:
        if progress.done >= 1 and progress.total:
            stop.set()

    outcome = import_data(project, source, report=watch, stop=stop)
    assert outcome.was_stopped
    assert 0 < outcome.num_added < 300
    assert len(project.dataset().samples) == outcome.num_added
    rest = import_data(project, source)
    assert rest.num_added == 300 - outcome.num_added
    counts = project.dataset().num_by_split
    assert (counts[Split.TRAIN], counts[Split.VAL], counts[Split.TEST]) == pytest.approx((210, 45, 45), abs=2)


class TestCopying:
    """`copy=True`: the project holds its own images."""

    def test_the_project_lives_on_without_the_source(self, project: Project, make_images: MakeImages) -> None:
        source = make_images({"a": 3, "b": 3})
        outcome = import_data(project, source, copy=True)
        shutil.rmtree(source)
        dataset = project.dataset()
        assert outcome.num_added == 6
        assert all(dataset.file_of(sample).is_file() for sample in dataset.samples)
        assert dataset.file_of(dataset.samples[0]) == project.folder / "images" / "images" / "a" / "a_000.png"

    def test_again_copies_nothing_twice_and_overwrites_nothing(self, project: Project, make_images: MakeImages, tmp_path: Path) -> None:
        source = make_images({"a": 3, "b": 3})
        import_data(project, source, copy=True)
        assert import_data(project, source, copy=True).num_known == 6
        original = (project.folder / "images" / "images" / "a" / "a_000.png").read_bytes()
        make_images({"a": 1}, seed=4)
        assert import_data(project, source, copy=True).num_added == 1
        assert (project.folder / "images" / "images" / "a" / "a_000.png").read_bytes() == original
        assert (project.folder / "images" / "images" / "a" / "a_000 (2).png").is_file()
        assert import_data(project, source, copy=True).num_added == 0
        assert not list(project.folder.rglob("*.tmp"))


class TestRefusals:
    """Each says what happened and what to do, and changes nothing."""

    def refused(self, project: Project, source: Path) -> TLStudioError:
        with pytest.raises(TLStudioError) as error:
            import_data(project, source)
        assert not project.dataset().samples
        assert not project.dataset().roots
        return error.value

    def test_a_folder_that_is_not_there(self, project: Project, tmp_path: Path) -> None:
        assert "There is no folder" in str(self.refused(project, tmp_path / "gone"))

    def test_an_empty_folder(self, project: Project, tmp_path: Path) -> None:
        (tmp_path / "empty").mkdir()
        assert "is empty" in str(self.refused(project, tmp_path / "empty"))

    def test_a_folder_without_images(self, project: Project, tmp_path: Path) -> None:
        folder = tmp_path / "texts"
        folder.mkdir()
        for number in range(3):
            (folder / f"{number}.txt").write_text("words")
        refused = self.refused(project, folder)
        assert "There is no image" in str(refused)
        assert "Files left out: 3; 3 of them: Not an image." in str(refused)
        assert isinstance(refused.hint.words["reason"], Message), "a window translates it by its id"

    def test_a_project(self, project: Project, tmp_path: Path) -> None:
        Project.create(tmp_path / "Other").close()
        assert "is a project" in str(self.refused(project, tmp_path / "Other"))

    def test_a_file_that_is_no_image(self, project: Project, tmp_path: Path) -> None:
        (tmp_path / "a.txt").write_text("words")
        assert "a.txt cannot be imported by itself" in str(self.refused(project, tmp_path / "a.txt"))

    def test_a_read_only_project(self, project: Project, make_images: MakeImages) -> None:
        reader = Project.open(project.folder, writable=False)
        with pytest.raises(TLStudioError) as error:
            import_data(reader, make_images({"a": 1}))
        assert error.value.title.id == "project.read_only"
        reader.close()


def test_a_full_disk_while_copying_keeps_what_is_in(project: Project, make_images: MakeImages, monkeypatch: pytest.MonkeyPatch) -> None:
    copied = []

    def copyfile(source: Path, target: Path) -> None:
        copied.append(source)
        if len(copied) > 300:
            raise OSError(28, "No space left on device")
        Path(target).write_bytes(Path(source).read_bytes())

    monkeypatch.setattr("tlstudio.operations.import_places.shutil.copyfile", copyfile)
    with pytest.raises(TLStudioError) as error:
        import_data(project, make_images({"a": 400}, size=8), copy=True)
    assert "No space left" in str(error.value)
    samples = project.dataset().samples
    assert samples
    kept = {project.dataset().file_of(sample) for sample in samples}
    assert kept == set((project.folder / "images").rglob("*.png")), "what did not come in is not left behind"


def test_lost_thumbnails_are_made_again(project: Project, make_images: MakeImages) -> None:
    source = make_images({"a": 3, "b": 3})
    import_data(project, source)
    with thumbnail_store(project) as store:
        store.file.unlink()
    Image.fromarray(np.zeros((9, 9, 3), np.uint8)).save(source / "a" / "a_000.png")  # replaced since
    with thumbnail_store(project) as store:
        samples = project.dataset().samples
        assert [store.get(sample.content_hash) for sample in samples] == [None] * 6
        assert make_missing(project, store, samples) == 5
        assert store.get(samples[0].content_hash) is None
        assert all(store.get(sample.content_hash) for sample in samples[1:])
        assert make_missing(project, store, samples[1:]) == 0


def test_files_are_never_opened_for_writing_by_an_import(project: Project, make_images: MakeImages) -> None:
    source = make_images({"a": 3})
    before = {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in source.rglob("*.png")}
    import_data(project, source)
    assert {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in source.rglob("*.png")} == before


def _twelve_bit(folder: Path, number: int, *, seed: int = 0) -> Path:
    """16-bit PNGs that use the lower 12 bits, as many cameras write them."""
    folder.mkdir(parents=True)
    random = np.random.default_rng(seed)
    for index in range(number):
        Image.fromarray(random.integers(50, 4000, (20, 20)).astype(np.uint16)).save(folder / f"{index}.png")
    return folder.parent


def test_twelve_bit_images_are_not_black(project: Project, tmp_path: Path) -> None:
    _twelve_bit(tmp_path / "set" / "a", 6)
    source = _twelve_bit(tmp_path / "set" / "b", 6, seed=1)
    outcome = import_data(project, source)
    assert outcome.intensity is not None
    assert project.settings().intensity == outcome.intensity
    assert outcome.change.words is not None
    assert outcome.change.words.text() == "12 images are in; 0 to 4095 become black to white"
    with thumbnail_store(project) as store:
        thumbnail = store.get(project.dataset().samples[0].content_hash)
    assert thumbnail is not None
    assert 100 < np.asarray(Image.open(io.BytesIO(thumbnail))).mean() < 150


def test_the_rule_stays_once_there_are_images(project: Project, make_images: MakeImages, tmp_path: Path) -> None:
    import_data(project, make_images({"a": 3, "b": 3}))
    before = project.settings().intensity
    assert import_data(project, _twelve_bit(tmp_path / "set" / "a", 6)).intensity is None
    assert project.settings().intensity == before

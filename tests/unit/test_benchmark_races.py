"""What a race comes to: ratios round by round, the guard of accuracy, the share of the machine's limit; and when rounds end."""

import argparse
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks import full_finetune, head_only, partial, roofline, soak, time_to_accuracy
from benchmarks.accuracy import Line, nearest
from benchmarks.peers.rounds import ratio, rounds, turns
from benchmarks.peers.task import Outcome, divide
from benchmarks.plot import draw
from benchmarks.results import Result, found_in, hand_on
from tlstudio.domain.machine import cautious

_OURS = Outcome(name="ours", seconds=2.0, wall_s=4.0, num_images=100, accuracy=0.80, peak_mb=900.0, cpu_s=3.0)
_THEIRS = Outcome(name="theirs", seconds=10.0, wall_s=14.0, num_images=100, accuracy=0.80, peak_mb=1800.0, cpu_s=12.0)


def _speed(outcome: Outcome) -> float:
    return 1 / outcome.seconds


def test_a_ratio_is_the_median_of_rounds_and_says_memory_and_accuracy() -> None:
    theirs = [replace(_THEIRS, seconds=seconds) for seconds in (8.0, 10.0, 40.0)]
    found = ratio("C9", "them", [_OURS] * 3, theirs, speed=_speed, least=4.5)
    assert (found.value, found.holds, found.must) == (pytest.approx(5.0), True, "≥ 4.5 x")
    assert "1800 MB" in found.note
    assert "+0.0 ± 0.0 points" in found.note


def test_a_ratio_does_not_count_where_we_are_less_accurate() -> None:
    found = ratio("C9", "them", [replace(_OURS, accuracy=0.79)], [_THEIRS], speed=_speed, least=2.0)
    assert found.value > 2
    assert found.holds is False
    assert "does not count" in found.note


def test_the_order_of_turns_is_reversed_in_every_second_round() -> None:
    assert [turns(["a", "b"], number) for number in range(3)] == [["a", "b"], ["b", "a"], ["a", "b"]]


def test_no_round_begins_that_would_end_too_late() -> None:
    assert list(rounds(argparse.Namespace(rounds=3, minutes=float("inf"), quick=False))) == [0, 1, 2]
    assert list(rounds(argparse.Namespace(rounds=3, minutes=0.0, quick=False))) == [0]
    assert list(rounds(argparse.Namespace(rounds=3, minutes=float("inf"), quick=True))) == [0]


def test_peers_of_the_first_case_are_reckoned_to_all_epochs() -> None:
    measured = replace(_THEIRS, seconds=4.0, wall_s=9.0)
    whole = head_only._reckoned(measured, 2)
    assert (whole.seconds, whole.wall_s) == (50.0, 55.0)
    results = head_only._results({"ours": [_OURS], "plain T": [whole], "fastai D": [whole]}, [1.0], 2)
    # One epoch takes 2 s, starting 5 s: (25 * 2 + 5) / (2 + 5).
    assert _of(results, "own bound").value == pytest.approx(55 / 7)
    assert _of(results, "plain T, with process start").value == pytest.approx(55 / 4)
    assert _of(results, "plain T, with process start").least == pytest.approx(0.8 * 55 / 7)
    assert _of(results, "machine's limit").value == pytest.approx(50.0)


def test_the_fastest_recipe_that_is_as_accurate_counts_for_time_to_accuracy() -> None:
    quick, balanced = replace(_OURS, seconds=1.0, accuracy=0.70), replace(_OURS, seconds=2.0, accuracy=0.85)
    found = {"quick": [quick], "balanced": [balanced], "fastai D": [_THEIRS], "fastai T": [replace(_THEIRS, accuracy=0.90)]}
    results = time_to_accuracy._results(found)
    reached, missed = _of(results, "as fast as fastai D"), _of(results, "as fast as fastai T")
    assert (reached.value, reached.holds) == (pytest.approx(5.0), True)
    assert (missed.holds, "not reached" in missed.note) == (False, True)


def test_every_race_has_our_figures_its_limit_and_a_row_for_each_peer() -> None:
    found = {"ours": [_OURS], **{name: [_THEIRS] for name in full_finetune._PEERS}}
    assert len(full_finetune._results(found, [1.0])) == 3 + len(full_finetune._PEERS)
    found = {name: [_THEIRS] for name in (partial._KEPT, partial._NEW, *partial._LEAST)}
    assert len(partial._results(found, [1.0])) == 3 + 2 * (1 + len(partial._LEAST)), (
        "each once as a whole and once until its model is trained"
    )


def test_limits_count_the_arithmetic_of_the_stages(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = cautious("cpu", "any", threads=2)
    monkeypatch.setattr(roofline, "machine", lambda: machine)
    limit = roofline.Limit("resnet18", 224)
    exact = limit.forward_s(10, precision="fp32")
    # 1.8 thousand million multiply-accumulates an image, two operations each.
    assert exact == pytest.approx(10 * 2 * 1.8e9 / machine.conv_flops["fp32"], rel=0.05)
    assert limit.training_s(10) == pytest.approx(3 * limit.forward_s(10))
    assert limit.forward_s(10, stages=slice(-1, None)) < limit.forward_s(10) / 2


def test_a_run_of_a_peer_stands_for_about_as_many_epochs() -> None:
    lines = [_line(epochs) for epochs in (5, 20)]
    assert nearest(lines, 19) is lines[1]
    assert nearest(lines, 12) is None


def test_a_set_with_several_sources_is_divided_by_class(tmp_path: Path) -> None:
    for domain in ("amazon", "webcam"):
        for name in ("mug", "bike"):
            (tmp_path / "set" / domain / name).mkdir(parents=True)
            for number in range(5):
                (tmp_path / "set" / domain / name / f"{number}.jpg").touch()
    assert divide(tmp_path / "set", tmp_path / "parts", seed=0, shares=(0.5, 0.2, 0.3)) == 10
    assert sorted(item.name for item in (tmp_path / "parts" / "train").iterdir()) == ["bike", "mug"]
    assert len(list((tmp_path / "parts").rglob("*.jpg"))) == 20


@pytest.mark.usefixtures("qapp")
def test_ratios_are_drawn(tmp_path: Path) -> None:
    results = [Result(case="C9", figure="times as fast as <them>", value=3.0, unit="x", least=2.0, holds=True)]
    draw(tmp_path / "ratios.svg", results)
    assert "<svg" in (tmp_path / "ratios.svg").read_text()


def test_what_a_case_hands_on_is_found(capsys: pytest.CaptureFixture[str]) -> None:
    results = [Result(case="C9", figure="times as fast", value=3.0, unit="x", least=2.0, holds=True)]
    hand_on(results)
    assert found_in(capsys.readouterr().out) == results


def test_a_soak_tells_growth_after_its_first_third_and_runs_that_did_not_finish() -> None:
    steady = [_round(minute, 200 + 10 * min(minute, 4)) for minute in range(12)]
    assert soak.growth([item.window for item in steady[4:]]) == pytest.approx(0.0)
    assert _of(soak._results(steady), "growth").holds is True
    growing = [_round(minute, 200 + 2 * minute, status="failed" if minute == 5 else "finished") for minute in range(12)]
    results = soak._results(growing)
    assert _of(results, "growth").value == pytest.approx(14.0)
    assert _of(results, "growth").holds is False
    assert _of(results, "did not finish").value == 1


def _round(minute: int, memory_mb: float, status: str = "finished") -> soak.Round:
    look = soak.Look(time_s=60.0 * minute, memory_mb=memory_mb, num_files=30, num_threads=10)
    return soak.Round(recipe="quick", status=status, window=look, job_start=None, job_end=look)


def _of(results: list[Result], words: str) -> Result:
    return next(item for item in results if words in item.figure)


def _line(epochs: int) -> Line:
    return Line(data="any", seed=0, contestant="fastai", epochs=epochs, accuracy=0.5, cpu_s=1.0, size_px=160, commit="")

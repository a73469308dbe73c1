"""What the terminal shows: one document or plain lines, a bar that is readable, refusals with what to do."""

import json
from contextlib import closing
from pathlib import Path

import pytest

from tests.recorded import make_project
from tests.replayed_job import ReplayedJob, finished_run
from tlstudio.cli import main as cli_main
from tlstudio.cli.recipe_settings import apply_settings
from tlstudio.cli.table import COMMANDS
from tlstudio.cli.terminal import Terminal, duration, percent, progress_text, table
from tlstudio.domain import events as ev
from tlstudio.domain.progress import Progress
from tlstudio.domain.recipe import RECIPES, LoraPart, NetworkPart
from tlstudio.domain.recipe_settings import SETTINGS
from tlstudio.errors import TLStudioError
from tlstudio.messages import message
from tlstudio.operations import preferences, queueing

REFUSAL = TLStudioError(message("a.b", "The file {file} is cut short.", file="ä.safetensors"), message("a.b.hint", "Copy it again."))


@pytest.fixture(autouse=True)
def no_log_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """The handler would outlive the test."""
    monkeypatch.setattr(cli_main, "log_to_file", lambda _path: None)


class _Command:
    """A command that does what a test says."""

    def __init__(self, outcome: BaseException | int) -> None:
        self.outcome = outcome

    def add_arguments(self, parser: object) -> None:
        """None."""

    def run(self, _arguments: object, terminal: Terminal) -> int:
        if isinstance(self.outcome, BaseException):
            raise self.outcome
        terminal.result({"done": True}, ["Done"])
        return self.outcome


@pytest.fixture
def doctor_does(monkeypatch: pytest.MonkeyPatch) -> object:
    return lambda outcome: monkeypatch.setattr(cli_main.importlib, "import_module", lambda _name: _Command(outcome))


def test_results_are_lines_or_one_document(capsys: pytest.CaptureFixture[str], doctor_does) -> None:
    doctor_does(0)
    assert cli_main.main(["doctor"]) == 0
    assert capsys.readouterr().out == "Done\n"
    assert cli_main.main(["doctor", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"done": True}


@pytest.mark.parametrize("as_json", [False, True])
def test_a_refusal_says_what_happened_and_what_to_do(capsys: pytest.CaptureFixture[str], doctor_does, as_json: bool) -> None:
    doctor_does(REFUSAL)
    assert cli_main.main(["doctor", *(["--json"] if as_json else [])]) == 3
    out, err = capsys.readouterr()
    assert err == "The file ä.safetensors is cut short.\nCopy it again.\n"
    if as_json:
        assert json.loads(out)["error"]["id"] == "a.b"
    else:
        assert out == ""


@pytest.mark.expects_log
def test_a_bug_is_told_as_ours_with_the_log(capsys: pytest.CaptureFixture[str], doctor_does) -> None:
    doctor_does(ZeroDivisionError("oh"))
    assert cli_main.main(["doctor", "--json"]) == 1
    out, err = capsys.readouterr()
    assert "mistake of its own" in err
    assert "terminal.log" in err
    assert "Traceback" not in err + out
    assert json.loads(out)["error"]["id"] == "bug"


def test_ctrl_c_outside_a_job_ends_quietly(capsys: pytest.CaptureFixture[str], doctor_does) -> None:
    doctor_does(KeyboardInterrupt())
    assert cli_main.main(["doctor"]) == 130
    assert capsys.readouterr().err == "Stopped.\n"


@pytest.mark.parametrize(
    "arguments", [[], ["dance"], ["new"], ["predict", "p", "d"], ["train", "p", "--recipe", "x"], ["train", "p", "--seed", "-1"]]
)
def test_wrong_use_is_exit_code_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli_main.main(arguments)
    assert ended.value.code == 2
    assert "usage: tlstudio" in capsys.readouterr().err


@pytest.mark.parametrize("number", ["0", "-1", "many", "1.5"])
def test_a_number_that_cannot_be_is_told_in_words(number: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli_main.main(["train", "p", f"--seeds={number}"])
    assert ended.value.code == 2
    assert f"a whole number from 1 on is needed, not '{number}'" in capsys.readouterr().err


def test_what_would_change_nothing_is_not_taken_with_resume(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli_main.main(["train", "p", "--resume", "3", "--queue", "--set", "epochs=2"]) == 2
    assert "--set, --queue would change nothing: leave it out" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "refused"),
    [
        (["train", "p", "--resume", "3", "--recipe", "quick"], "--recipe"),
        (["train", "p", "--resume", "3", "--seeds", "1"], "--seeds"),
        (["sweep", "p", "--cancel", "2", "--recipe", "balanced", "--kind", "grid"], "--recipe, --kind"),
        (["sweep", "p", "--trials", "50"], "--trials"),
    ],
)
def test_what_is_named_is_refused_also_where_it_is_what_would_be_taken_anyway(
    arguments: list[str], refused: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli_main.main(arguments) == 2
    assert f"so {refused} would change nothing" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["sweep", "p", "--cancel", "2", "--set", "epochs=2,3", "--queue", "--kind", "random"],
            "takes what waits of sweep 2 out of the queue and begins none, so --queue, --set, --kind would change nothing: leave it out",
        ),
        (["sweep", "p", "--cancel", "0"], "a whole number from 1 on is needed, not '0'"),
        (["runs", "p", "--watch", "3", "--run", "2"], "--watch says which run is meant, so --run would change nothing: leave it out"),
        (["runs", "p", "--discard", "3", "--run", "best"], "--discard says which run is meant, so --run would change nothing"),
        (["queue", "p", "--run", "--first", "2"], "not allowed with"),
    ],
)
def test_options_of_which_one_would_be_ignored_are_refused(arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        code = cli_main.main(arguments)
    except SystemExit as ended:
        code = ended.code
    assert code == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "code", "words"),
    [
        (["--seed", "5", "--set", "seed=3"], 2, "--seed and --set seed=3 mean the same setting: leave one of them out"),
        (["--seed", "0", "--set", "seed=3"], 2, "--seed and --set seed=3 mean the same setting: leave one of them out"),
        (["--device", "cpu", "--set", "device=cuda:0"], 2, "--device and --set device=cuda:0 mean the same setting"),
        (["--set", "label_smoothing=0.1", "--set", "label_smoothing=0.2"], 3, "label_smoothing is set twice; which of them is meant?"),
        (["--weights", "starter", "--network", "resnet50"], 3, ", not of resnet50."),
    ],
)
@pytest.mark.parametrize("command", ["train", "sweep", "find-rate"])
def test_a_setting_is_given_once(
    command: str, given: list[str], code: int, words: str, tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with closing(make_project(tmp_path / "P")):
        pass
    axis = ["--set", "epochs=2,3"] if command == "sweep" else []
    assert cli_main.main([command, str(tmp_path / "P"), *given, *axis]) == code
    assert words in capsys.readouterr().err


def test_a_queue_behind_another_run_is_refused_and_waits_on(tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(make_project(tmp_path / "P")) as project:
        job = ReplayedJob(project, 1, "balanced")
        job.play(until=ev.Validated)
        queueing.enqueue(project, [BALANCED])
    assert cli_main.main(["queue", str(tmp_path / "P"), "--run"]) == 3
    assert "Another run is under way, so none of the queue was started (1 in it)." in capsys.readouterr().err
    assert cli_main.main(["queue", str(tmp_path / "P")]) == 0
    assert "1. run 2: balanced" in capsys.readouterr().out
    job.die()


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli_main.main([command, "--help"])
    assert ended.value.code == 0
    text = capsys.readouterr().out
    assert COMMANDS[command].sentence.split()[0] in text
    assert "130" in text
    assert "--json" in text or command == "weights"


def test_progress_goes_to_stderr_alone(capsys: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal()
    terminal.report(Progress(what=message("x", "Reading images"), done=30, total=120, per_second=15.0))
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "[######..................]  Reading images 30 of 120  15 images/s  6 s left\n"


def test_where_nobody_looks_progress_is_a_line_now_and_then(capsys: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal()
    for done in range(100):
        terminal.progress(f"step {done}")
    assert capsys.readouterr().err == "step 0\n"
    for words in ("Waiting to start", "Loading PyTorch", "Loading PyTorch"):
        terminal.progress(words, stage=words)
    assert capsys.readouterr().err == "Waiting to start\nLoading PyTorch\n"


def test_on_a_real_terminal_one_line_repaints_and_leaves_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    terminal = Terminal()
    terminal.is_live = True
    terminal.progress("a long line of progress", share=0.5)
    terminal.result({}, ["Done"])
    out, err = capsys.readouterr()
    assert out == "Done\n"
    assert "\n" not in err
    assert err.endswith("\r")


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "0 s"), (42, "42 s"), (185, "3 min 5 s"), (7800, "2 h 10 min"), (50_000, "14 h"), (3_407_340, "39 days")]
)
def test_durations_read_well(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_columns_are_aligned() -> None:
    assert table([("class", "images"), ("ants", "7"), ("beetles", "12")], right=(1,)) == [
        "class    images",
        "ants          7",
        "beetles      12",
    ]


def test_unknown_figures_are_a_dash() -> None:
    assert percent(None) == "-"
    assert percent(0.9608) == "96.1 %"
    assert progress_text("Reading", share=None, rate=None, seconds_left=None) == "Reading"


BALANCED = RECIPES["balanced"].build(NetworkPart(architecture="resnet18"))


def test_any_setting_of_the_recipe_can_be_given() -> None:
    recipe = apply_settings(BALANCED, ["epochs=5", "augmentation=moderate", "learning_rate=2e-4", "penalties=0.1,1", "input_size_px=auto"])
    assert recipe.finetune is not None
    assert (recipe.finetune.epochs, recipe.finetune.learning_rate) == (5, 2e-4)
    assert (recipe.augmentation, recipe.head.penalties, recipe.network.input_size_px) == ("moderate", (0.1, 1.0), None)


def test_settings_that_depend_on_each_other_are_given_in_any_order() -> None:
    given = ["head_hidden=64", "head_kind=mlp", "lora_alpha=4", "lora_rank=2", "stage_rates=1e-3,1e-4", "pooling=max"]
    recipe = apply_settings(BALANCED, given)
    assert (recipe.head.kind, recipe.head.hidden, recipe.network.pooling) == ("mlp", 64, "max")
    assert recipe.finetune is not None
    assert (recipe.finetune.lora, recipe.finetune.stage_rates) == (LoraPart(rank=2, alpha=4.0), (1e-3, 1e-4))
    plain = apply_settings(recipe, ["lora_rank=none", "stage_rates=auto"]).finetune
    assert plain is not None
    assert (plain.lora, plain.stage_rates) == (None, ())


@pytest.mark.parametrize(
    "wrong", ["epochs", "wings=2", "epochs=many", "epochs=0", "augmentation=wild", "head_hidden=64", "lora_alpha=4", "stage_rates=0"]
)
def test_a_setting_that_cannot_be_is_named(wrong: str) -> None:
    with pytest.raises(ValueError, match=wrong.partition("=")[0]):
        apply_settings(BALANCED, [wrong])


def test_a_slip_is_told_with_what_was_meant() -> None:
    with pytest.raises(ValueError, match="did you mean learning_rate="):
        apply_settings(BALANCED, ["learning_rat=1e-3"])
    with pytest.raises(ValueError, match="epochs means nothing for the recipe quick as it is, but for balanced, thorough, custom"):
        apply_settings(RECIPES["quick"].build(BALANCED.network), ["epochs=3"])


def test_no_command_needs_a_window_or_torch_to_be_listed() -> None:
    package = Path(cli_main.__file__).parent
    assert {spec.module.rpartition(".")[2] for spec in COMMANDS.values()} <= {file.stem for file in package.glob("*.py")}


def test_the_help_of_train_lists_every_setting_with_its_limits(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli_main.main(["train", "--help"])
    text = capsys.readouterr().out
    for id, spec in SETTINGS.items():
        assert f"\n  {id} (" in text
        assert " ".join(spec.sentence.text().split()) in " ".join(text.split())
    assert "seed (0 to 2" in text


def test_a_share_may_be_given_in_percent() -> None:
    recipe = RECIPES["balanced"].build(NetworkPart(architecture="resnet18"))
    assert apply_settings(recipe, ["first_size=60%"]) == apply_settings(recipe, ["first_size=0.6"])
    with pytest.raises(ValueError, match="epochs needs a number"):
        apply_settings(recipe, ["epochs=60%"])


def test_an_unknown_device_is_refused_and_the_old_one_stays(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli_main.main(["settings", "--device", "cpu"]) == 0
    for device in ("foo", "cuda:x", "cudafoo", ""):
        assert cli_main.main(["settings", "--device", device]) == 3
        assert f"{device} is no device." in capsys.readouterr().err
    assert preferences.load().device == "cpu"
    assert cli_main.main(["settings", "--device", "cuda:1"]) == 0


def test_one_run_is_shown_alone_and_one_without_curves_is_named(tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with closing(make_project(tmp_path / "P")) as project:
        for number in (1, 2):
            finished_run(project, number, "quick")
        queueing.enqueue(project, [RECIPES["quick"].build(NetworkPart(architecture="mobilenetv4_conv_small"))])
    assert cli_main.main(["runs", str(tmp_path / "P"), "--run", "2"]) == 0
    rows = capsys.readouterr().out.splitlines()
    assert [row.split()[0] for row in rows] == ["run", "2"]
    assert cli_main.main(["runs", str(tmp_path / "P")]) == 0
    assert "1 *" in capsys.readouterr().out
    assert cli_main.main(["runs", str(tmp_path / "P"), "--tensorboard", str(tmp_path / "out"), "--run", "3"]) == 0
    assert "Run 3 has no curves; nothing was written." in capsys.readouterr().out

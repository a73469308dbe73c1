"""The probe's choice for six networks against every fixed choice of layout, precision and batch, in prediction and in training.

All settings run in turns, round by round; what counts is the median. The best of the fixed ones is then run once more in turns
with the choice, because the fastest of a dozen medians is partly luck. What is judged is computed exactly, so bf16 is no choice there;
what it would bring is told.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import product

from benchmarks.results import Result, hand_on, median, say
from tlstudio.domain.machine import NetworkProfile, Setting
from tlstudio.domain.recipe import NetworkPart
from tlstudio.engine.device import choose, settle
from tlstudio.engine.models.create import create, find_source
from tlstudio.engine.probe_network import Passes, measure

NETWORKS = ("mobilenetv4_conv_small_050", "mobilenetv2_100", "resnet18", "vit_tiny_patch16_224", "efficientnet_b0", "regnetx_002")
_SIZE_PX = {"vit_tiny_patch16_224": 224}
_OTHER_SIZE_PX = 160
_BATCHES = (8, 32)
_ROUNDS, _ROUNDS_OF_PAIRS = 3, 7
_LEAST_SHARE = 0.95
_LEAST_S = 0.15
"""Of each measurement: passes are repeated until then, and until as many images were seen as in the largest batch."""
_EAGER = Setting(channels_last=False, precision="fp32", batch_size=32)

Run = Callable[[Setting], float]


def main() -> None:
    """Measure and hand on."""
    device = choose("cpu")
    settle(device)
    shares: dict[str, list[float]] = {"prediction": [], "training": []}
    gains: dict[str, list[float]] = {"prediction": [], "training": []}
    in_half = []
    for name in NETWORKS:
        size = _SIZE_PX.get(name, _OTHER_SIZE_PX)
        network = create(find_source(NetworkPart(architecture=name, input_size_px=size), weights_file=None, seed=0))
        profile = _result_of(measure(network, device, architecture=name, input_size_px=size))
        passes = Passes(network=network, device=device, input_size_px=size)
        infer, train = _long_enough(passes.infer), _long_enough(passes.train)
        for what, run, chosen, precisions in (
            ("prediction", infer, profile.inference, ("fp32",)),
            ("training", train, profile.training, ("fp32", "bf16")),
        ):
            share, gain, best = _compare(run, chosen, precisions)
            shares[what].append(share)
            gains[what].append(gain)
            say(f"{name}, {what}: chosen {_words(chosen)}, best {_words(best)}: {share:.2f} of it, {gain:.2f} × eager fp32 NCHW")
        exact, half = _medians([profile.inference, Setting(precision="bf16")], infer, rounds=_ROUNDS)
        in_half.append(exact / half)
    hand_on(_results(shares, gains, in_half))


def _long_enough(run: Run) -> Run:
    def repeated(setting: Setting) -> float:
        times = [run(setting)]
        while len(times) * setting.batch_size < max(_BATCHES) or sum(times) * setting.batch_size < _LEAST_S:
            times.append(run(setting))
        return sum(times) / len(times)

    return repeated


def _compare(run: Run, chosen: Setting, precisions: Sequence[str]) -> tuple[float, float, Setting]:
    """Share of the best fixed setting's throughput, gain over the eager one, and that best setting."""
    fixed = [
        Setting(channels_last=order, precision=precision, batch_size=size)  # type: ignore[arg-type]
        for order, precision, size in product((True, False), precisions, _BATCHES)
    ]
    run(chosen)
    medians = dict(zip(fixed, _medians(fixed, run, rounds=_ROUNDS), strict=True))
    best = min(medians, key=lambda setting: medians[setting])
    share = 1.0 if best == chosen else _ratio(best, chosen, run)
    gain = 1.0 if chosen == _EAGER else _ratio(_EAGER, chosen, run)
    return share, gain, best


def _medians(settings: Sequence[Setting], run: Run, *, rounds: int) -> list[float]:
    times: list[list[float]] = [[] for _setting in settings]
    for number in range(rounds):
        order = range(len(settings)) if number % 2 == 0 else reversed(range(len(settings)))
        for index in order:
            times[index].append(run(settings[index]))
    return [median(found) for found in times]


def _ratio(other: Setting, chosen: Setting, run: Run) -> float:
    """Throughput of `chosen` over that of `other`: the median of pairs that ran one after the other."""
    ratios = []
    for number in range(_ROUNDS_OF_PAIRS):
        order = (other, chosen) if number % 2 == 0 else (chosen, other)
        took = {setting: run(setting) for setting in order}
        ratios.append(took[other] / took[chosen])
    return median(ratios)


def _result_of(measuring: Iterator[object]) -> NetworkProfile:
    while True:
        try:
            next(measuring)
        except StopIteration as end:
            profile: NetworkProfile = end.value
            return profile


def _words(setting: Setting) -> str:
    return f"{setting.precision} {'NHWC' if setting.channels_last else 'NCHW'} {setting.batch_size}"


def _results(shares: dict[str, list[float]], gains: dict[str, list[float]], in_half: list[float]) -> list[Result]:
    case, must = "probe's choice", f"≥ {_LEAST_SHARE}"
    results = []
    for what, found in shares.items():
        note = f"{what}, {len(NETWORKS)} networks"
        worst, gain = min(found), gains[what]
        figure = "throughput, share of the best fixed setting's, worst"
        results += [
            Result(case=case, figure=figure, value=worst, unit="", must=must, holds=worst >= _LEAST_SHARE, note=note),
            Result(case=case, figure="gain over eager fp32 NCHW, median", value=median(gain), unit="×", note=what),
            Result(case=case, figure="the same, least", value=min(gain), unit="×", note=what),
            Result(case=case, figure="the same, most", value=max(gain), unit="×", note=what),
        ]
    figure = "prediction, throughput in bf16 over the exact one that is used, median"
    return [*results, Result(case=case, figure=figure, value=median(in_half), unit="×", note="not offered")]


if __name__ == "__main__":
    main()

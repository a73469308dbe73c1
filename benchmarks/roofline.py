"""What the machine reaches at best, measured before the cases, as TL Studio's own probe measures it; and what that allows a case.

Convolution and matrix product in single precision and bf16, a copy in memory, decoding of JPEG by one thread. Kept in
build/bench/machine.json for the cases of the same call.
"""

from collections.abc import Iterable
from pathlib import Path

import msgspec
from PIL import Image

from benchmarks.results import Result, hand_on
from tlstudio.domain.machine import MachineProfile, NetworkProfile

FILE = Path("build/bench/machine.json")
_CASE = "machine"


def main() -> None:
    """Measure, keep and hand on."""
    machine = _measured()
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_bytes(msgspec.json.encode(machine))
    hand_on(_results(machine))


def _measured() -> MachineProfile:
    from tlstudio.engine.device import choose, settle
    from tlstudio.engine.probe import measure_machine

    device = choose("cpu")
    settle(device)
    return measure_machine(device)


def _results(machine: MachineProfile) -> list[Result]:
    rates = (("3 x 3 convolution", machine.conv_flops), ("matrix product", machine.gemm_flops))
    found = [
        Result(case=_CASE, figure=f"{name}, {precision}", value=rate[precision] / 1e9, unit="GFLOP/s", note=f"{machine.threads} threads")
        for name, rate in rates
        for precision in ("fp32", "bf16")
    ]
    megapixels = machine.decode_pixels_per_s / 1e6
    return [
        *found,
        Result(case=_CASE, figure="copy in memory, read and written", value=machine.copy_bytes_per_s / 1e9, unit="GB/s"),
        Result(case=_CASE, figure="decoding JPEG, each core", value=megapixels, unit="Mpx/s", note=f"and {1000 * machine.decode_s:.2f} ms"),
    ]


def machine() -> MachineProfile:
    """As it was measured before the cases, or now."""
    return msgspec.json.decode(FILE.read_bytes(), type=MachineProfile) if FILE.exists() else _measured()


def network(name: str, size_px: int) -> NetworkProfile:
    """Multiply-accumulates of its stages. Raises `KeyError` for a network that is not in the catalogue."""
    from tlstudio.domain.estimates import by_rates
    from tlstudio.zoo import catalogue

    return by_rates(catalogue.load().by_name[name], machine(), input_size_px=size_px)


class Limit:
    """Seconds that this machine needs at best for parts of a training; a case adds up what its work needs."""

    def __init__(self, name: str, size_px: int) -> None:
        self._machine = machine()
        self._macs = [stage.macs for stage in network(name, size_px).stages]

    def forward_s(self, num_images: int, *, stages: slice = slice(None), precision: str = "") -> float:
        """Passes without a way back: two operations a multiply-accumulate; exact ones are asked for with `precision`."""
        return 2 * num_images * sum(self._macs[stages]) / self._rate(precision)

    def training_s(self, num_images: int, *, stages: slice = slice(None)) -> float:
        """There and back: three times as much."""
        return 3 * self.forward_s(num_images, stages=stages)

    def decoding_s(self, files: Iterable[Path]) -> float:
        """Each file once, all cores."""
        return decoding_s(self._machine, files)

    def _rate(self, precision: str) -> float:
        rates = self._machine.conv_flops
        return rates[precision] if precision else max(rates.values())


def decoding_s(machine: MachineProfile, files: Iterable[Path]) -> float:
    """Seconds until all cores together have decoded each file once."""
    total = 0.0
    for file in files:
        with Image.open(file) as image:
            width, height = image.size
        total += machine.decode_s + width * height / machine.decode_pixels_per_s
    return total / machine.threads


def share(case: str, limit_s: float, own_s: float, what: str) -> Result:
    """How much of the machine's limit a case reaches."""
    note = f"the limit is {limit_s:.3g} s: {what}"
    return Result(case=case, figure="of the machine's limit", value=100 * limit_s / own_s, unit="%", note=note)


if __name__ == "__main__":
    main()

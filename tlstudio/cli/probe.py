"""`tlstudio probe`: measure this computer, and how networks run fastest on it."""

import argparse

from tlstudio.cli.numbers import whole_from
from tlstudio.cli.terminal import EXIT_DONE, Terminal, table
from tlstudio.cli.watching import EXIT_BY_STATUS, failure_lines, watch
from tlstudio.domain.machine import MachineProfile, NetworkProfile, Setting
from tlstudio.domain.recipe import NetworkPart
from tlstudio.domain.run_state import Status
from tlstudio.operations import estimates, preferences, probing
from tlstudio.operations.weights import default_network


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--network",
        action="append",
        default=[],
        metavar="NAME",
        help="also find out how this network of timm runs fastest; may be given several times (default: the one a first training takes)",
    )
    parser.add_argument(
        "--size", type=whole_from(1), metavar="PX", help="side of the images these networks are measured with (default: their own)"
    )
    parser.add_argument(
        "--device", metavar="D", help="auto, cpu, mps (Apple GPU, untested) or cuda:0 (default: what is set in the window, else auto)"
    )


def run(arguments: argparse.Namespace, terminal: Terminal) -> int:
    device = arguments.device or preferences.load().device
    named = [NetworkPart(architecture=name, input_size_px=arguments.size) for name in arguments.network]
    networks = named or [default_network()]
    started = probing.start_probe(networks, device=device)
    state = watch(started.folder, terminal, process=started.process, keeps_best=False)
    if state.status is not Status.FINISHED:
        terminal.result({"status": state.status, "failure": state.failure}, failure_lines(state))
        return EXIT_BY_STATUS.get(state.status, EXIT_DONE)
    machine = estimates.machine(device)
    profiles = [estimates.profile_of(network, machine) for network in networks]
    terminal.result({"machine": machine, "networks": profiles}, [*_machine_lines(machine), "", *_network_lines(profiles)])
    return EXIT_DONE


def _machine_lines(machine: MachineProfile) -> list[str]:
    rates = (("convolution", machine.conv_flops), ("matrix product", machine.gemm_flops))
    lines = [f"{machine.device_name} ({machine.device}), {machine.threads} threads"]
    lines += [f"  {name}: {rate['fp32'] / 1e9:.0f} GFLOP/s, in bf16 {rate['bf16'] / 1e9:.0f}" for name, rate in rates]
    lines.append(f"  memory: {machine.copy_bytes_per_s / 1e9:.1f} GB/s, {machine.memory_bytes / 1e9:.1f} GB free")
    lines.append(f"  reading JPEG: {machine.decode_pixels_per_s / 1e6:.0f} million pixels a second and thread")
    return lines


def _network_lines(profiles: list[NetworkProfile]) -> list[str]:
    rows = [("network", "px", "prediction", "fastest as", "training", "fastest as")]
    for item in profiles:
        trained_s = sum(stage.train_forward_s + stage.backward_s for stage in item.stages)
        rows.append(
            (
                item.architecture,
                str(item.input_size_px),
                f"{1 / item.forward_s:.0f} images/s",
                _words(item.inference),
                f"{1 / trained_s:.0f} images/s",
                _words(item.training),
            )
        )
    return table(rows, right=(1, 2, 4))


def _words(setting: Setting) -> str:
    order = "channels last" if setting.channels_last else "channels first"
    return f"{setting.precision}, {order}, batch {setting.batch_size}"

"""Nothing ever opens an internet socket: an audit hook in every process of a real job counts the calls."""

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import MakeImages

HOOK = """
import os, sys
def _watch(event, arguments):
    if event.startswith("socket.") and event not in ("socket.gethostname",):
        family = arguments[1] if event == "socket.__new__" else None
        if family is None or int(family) != 1:  # 1 is AF_UNIX: X11 and D-Bus
            with open(os.environ["SOCKET_LOG"], "a") as log:
                log.write(f"{sys.argv} {event} {arguments}\\n")
sys.addaudithook(_watch)
"""


def test_a_whole_job_opens_no_socket(tmp_path: Path, make_images: MakeImages) -> None:
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    (hooks / "sitecustomize.py").write_text(HOOK)
    log = tmp_path / "sockets.txt"
    images = make_images({"discs": 14, "bars": 14})
    environment = {**os.environ, "PYTHONPATH": str(hooks), "SOCKET_LOG": str(log)}
    project = tmp_path / "project"
    for arguments in (
        ["new", str(project)],
        ["import", str(project), str(images)],
        ["train", str(project), "--recipe", "quick", "--network", "test_resnet"],
        ["export", str(project), "--run", "best", "--format", "onnx", str(tmp_path / "model.onnx")],
        ["weights", "pack", "starter", "--out", str(tmp_path / "stick.tlweights")],
        ["weights", "install", str(tmp_path / "stick.tlweights")],
        ["predict", str(project), "--run", "best", str(images), "--csv", str(tmp_path / "answers.csv")],
    ):
        result = subprocess.run(
            [sys.executable, "-m", "tlstudio", *arguments], env=environment, capture_output=True, text=True, check=False
        )
        assert result.returncode == 0, result.stdout + result.stderr
    assert not log.exists(), log.read_text()


def test_the_hook_sees_a_socket(tmp_path: Path) -> None:
    hooks = tmp_path / "hooks"
    hooks.mkdir()
    (hooks / "sitecustomize.py").write_text(HOOK)
    log = tmp_path / "sockets.txt"
    environment = {**os.environ, "PYTHONPATH": str(hooks), "SOCKET_LOG": str(log)}
    subprocess.run([sys.executable, "-c", "import socket; socket.socket()"], env=environment, check=True)
    assert log.exists()

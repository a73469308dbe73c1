"""An environment a peer: a virtual environment of its own that sees the project's torch, so that all compute with the same library."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

from benchmarks.results import say

_FOLDER = Path("build/peers")
PACKAGES: dict[str, tuple[str, ...]] = {
    "plain": (),
    "timm": (),
    "expert": (),
    "fastai": ("fastai==2.8.12",),
    "lightning": ("lightning==2.6.6",),
}
"""What each peer needs beyond torch, torchvision, timm and scikit-learn, which it finds among the project's own."""


def python_of(peer: str) -> Path:
    """The interpreter of a peer's environment, which is made on first use. Raises `CalledProcessError` where that fails."""
    packages = PACKAGES[peer]
    if not packages:
        return Path(sys.executable)
    folder = _FOLDER / peer
    python = (folder / "bin" / "python").absolute()
    if not (folder / ".ready").exists():
        say(f"making the environment of {peer} …")
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        site = next((folder / "lib").glob("python*/site-packages"))
        (site / "project.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
        install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *packages]
        subprocess.run(install, check=True, env={**os.environ, "PYTHONPATH": ""})
        (folder / ".ready").touch()
    return python

"""F33: images are read ahead by threads: no loader process is there to be killed, and no shared memory to be too small."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import MakeImages
from tests.engine.folders import manifest_of, write_training
from tlstudio.domain.recipe import FineTunePart, NetworkPart, Recipe

REPOSITORY = Path(__file__).resolve().parents[2]
RECIPE = Recipe(
    name="balanced",
    network=NetworkPart(architecture="test_resnet", input_size_px=64),
    finetune=FineTunePart(epochs=3, batch_size=8, patience=0, num_views=0),
    augmentation="moderate",
    seed=5,
)
# In a name space of its own /dev/shm has no room at all; a container has 64 MB of it.
WITHOUT_SHARED_MEMORY = """
import json, subprocess, sys, time
from pathlib import Path
import psutil
from tests.engine.folders import state_of
from tlstudio.jobs.process import start_job

folder = Path(sys.argv[1])
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=4k", "none", "/dev/shm"], check=True)
Path("/dev/shm/full").write_bytes(bytes(4096))
job = start_job(folder)
deadline, helpers = time.monotonic() + 240, set()
while job.poll() is None and time.monotonic() < deadline:
    try:
        helpers |= {child.name() for child in psutil.Process(job.pid).children(recursive=True)}
    except psutil.NoSuchProcess:
        pass
    time.sleep(0.02)
state = state_of(folder)
print(json.dumps({"code": job.wait(1), "status": state.status.value, "helpers": sorted(helpers), "warnings": len(state.warnings)}))
"""


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0 or shutil.which("unshare") is None, reason="needs a /dev/shm of its own"
)
def test_a_training_needs_neither_loader_processes_nor_shared_memory(make_images: MakeImages, tmp_path: Path) -> None:
    if subprocess.run(["unshare", "-m", "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("may not make a name space")
    images = make_images({"bars": 20, "discs": 20})
    folder = write_training(tmp_path / "project", RECIPE, manifest_of(images), images=images, loader_threads=2)
    result = subprocess.run(
        ["unshare", "-m", sys.executable, "-c", WITHOUT_SHARED_MEMORY, str(folder)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        timeout=600,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout.splitlines()[-1]) == {"code": 0, "status": "finished", "helpers": [], "warnings": 0}

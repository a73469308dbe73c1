"""Imports point one way, as text (import-linter) and in the real processes (sys.modules)."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "tlstudio"

# library -> the only folder or file that may import it
HOMES = {
    "torch": "engine",
    "torchvision": "engine",
    "timm": "engine",
    "onnx": "engine",
    "onnxruntime": "engine",
    "onnxscript": "engine",
    "PySide6": "ui",
    "pyqtgraph": "ui/plots",
    "apsw": None,
    "tifffile": "datasets",
    "imagecodecs": "datasets",
    "pydicom": "datasets",
    "tensorboard": "operations",
}


def _imported(file: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module)
    return names


@pytest.mark.parametrize(("library", "home"), [(library, home) for library, home in HOMES.items() if home])
def test_a_heavy_library_has_one_home(library: str, home: str) -> None:
    strangers = [
        str(file.relative_to(PACKAGE))
        for file in PACKAGE.rglob("*.py")
        if any(name == library or name.startswith(library + ".") for name in _imported(file))
        and not str(file.relative_to(PACKAGE)).startswith(home + "/")
    ]
    assert not strangers


def test_import_linter_finds_nothing() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([linter, "--no-cache"], cwd=PACKAGE.parent, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr


def _modules_after(code: str) -> set[str]:
    """The top-level modules a fresh process has loaded after `code`."""
    script = f"{code}\nimport sys\nprint('MODULES', *sorted({{name.partition('.')[0] for name in sys.modules}}))"
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=environment, check=False)
    assert result.returncode == 0, result.stderr
    return set(result.stdout.rpartition("MODULES")[2].split())


def test_the_window_never_loads_torch_or_scikit_learn() -> None:
    code = """
from PySide6.QtCore import QTimer
from tlstudio.ui.app import build_application, open_window
application = build_application(["tlstudio"])
window = open_window(None, warm=False)
QTimer.singleShot(600, application.quit)
application.exec()
window.close()
"""
    loaded = _modules_after(code)
    assert "PySide6" in loaded
    assert not loaded & {"torch", "torchvision", "timm", "sklearn", "scipy", "onnx", "onnxruntime", "pydicom", "tifffile"}


def test_a_job_never_loads_qt() -> None:
    loaded = _modules_after("import tlstudio.engine.worker")
    assert not loaded & {"PySide6", "pyqtgraph", "apsw"}


def test_the_decoder_loads_neither_qt_nor_torch() -> None:
    loaded = _modules_after("import tlstudio.datasets.decoder")
    assert not loaded & {"PySide6", "pyqtgraph", "torch", "sklearn", "pydicom"}


def test_the_terminal_loads_neither_qt_nor_torch() -> None:
    loaded = _modules_after("import tlstudio.__main__, tlstudio.cli")
    assert not loaded & {"PySide6", "pyqtgraph", "torch", "timm"}

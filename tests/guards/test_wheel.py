"""What is installed from a wheel finds its resources, as a user of an installer would."""

import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that a wheel built from this checkout was installed into, without its dependencies."""
    build = tmp_path_factory.mktemp("wheel")
    _run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(build), str(REPOSITORY))
    wheel = next(build.glob("*.whl"))
    target = build / "site"
    _run(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", str(target), str(wheel))
    return target


def _run(*command: str) -> str:
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def _in_wheel(installed: Path, code: str) -> str:
    """Run `code` where only the installed copy can be imported, never the checkout."""
    script = f"import sys; sys.path.insert(0, {str(installed)!r})\n{code}"
    return _run(sys.executable, "-P", "-c", script).strip()


def test_the_installed_program_is_the_one_that_runs(installed: Path) -> None:
    assert _in_wheel(installed, "import tlstudio; print(tlstudio.__file__)").startswith(str(installed))


def test_resources_reach_an_installed_wheel(installed: Path) -> None:
    found = _in_wheel(installed, "from tlstudio import paths; print(paths.resources())")
    assert found == str(installed / "tlstudio" / "resources")
    shipped = {file.relative_to(REPOSITORY / "resources") for file in (REPOSITORY / "resources").rglob("*") if file.is_file()}
    there = {file.relative_to(found) for file in Path(found).rglob("*") if file.is_file()}
    assert shipped <= there
    assert Path("sample") in {part.parents[-2] for part in there if len(part.parents) > 1}


def test_the_catalogue_opens_from_an_installed_wheel(installed: Path) -> None:
    code = "from tlstudio.zoo import catalogue; print(len(catalogue.load().networks))"
    assert int(_in_wheel(installed, code)) > 1000

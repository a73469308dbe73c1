"""Calls that have no place here, wherever they hide."""

import ast
import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
CODE = [*sorted((REPOSITORY / "tlstudio").rglob("*.py")), *sorted((REPOSITORY / "packaging").rglob("*.py"))]

CALLS = {
    "eval",
    "exec",
    "pickle.load",
    "pickle.loads",
    "joblib.load",
    "yaml.load",
    "marshal.loads",
    "os.system",
    "torch.jit.load",
    "socket.socket",
    "socket.create_connection",
    "urllib.request.urlopen",
}
METHODS = {"extractall"}
KEYWORDS = {("allow_pickle", True), ("shell", True), ("weights_only", False), ("trust_remote_code", True)}


def _offences(file: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        if name in CALLS or name.rpartition(".")[2] in METHODS:
            found.append(f"{name} at line {node.lineno}")
        if name == "torch.load":
            keywords = {item.arg: ast.unparse(item.value) for item in node.keywords}
            if keywords.get("weights_only") != "True":
                found.append(f"torch.load without weights_only at line {node.lineno}")
        for item in node.keywords:
            if isinstance(item.value, ast.Constant) and (item.arg, item.value.value) in KEYWORDS:
                found.append(f"{item.arg}={item.value.value} at line {node.lineno}")
    return found


@pytest.mark.parametrize("file", CODE, ids=lambda file: str(file.relative_to(REPOSITORY)))
def test_no_forbidden_call(file: Path) -> None:
    assert not _offences(file)


FOLDERS = ("tlstudio", "tests", "packaging", "benchmarks", "docs", "resources", ".ci")

# Written in parts, so that this file does not find itself.
TEXTS = [
    r"/(wor" + r"k|far" + r"m)/[a-z.]",
    r"(py" + r"pi|python" + r"hosted|deb\.deb" + r"ian|download\.py" + r"torch)\.(org|com)",
    r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b",
]


def test_no_machine_path_no_registry_and_no_promise_in_any_text() -> None:
    listed = [file for folder in FOLDERS for file in sorted((REPOSITORY / folder).rglob("*")) if file.is_file()]
    listed += [file for file in REPOSITORY.iterdir() if file.is_file()]
    pattern = re.compile("|".join(TEXTS))
    found = []
    for file in listed:
        if file.name.endswith((".py", ".md", ".toml", ".sh", ".sql", ".txt", "Makefile", ".json", "run")):
            text = file.read_text(encoding="utf-8", errors="replace")
            found += [
                f"{file.relative_to(REPOSITORY)}:{number}" for number, line in enumerate(text.splitlines(), 1) if pattern.search(line)
            ]
    assert not found

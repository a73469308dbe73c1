"""Every text a person reads goes through translation: no bare string reaches a widget or an error."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "tlstudio"

SETTERS = {
    "setText", "setToolTip", "setPlaceholderText", "setWindowTitle", "setStatusTip", "setAccessibleName", "setAccessibleDescription",
    "setTitle", "setInformativeText", "setHeaderLabels", "addItem", "addAction", "addButton", "add_button", "set_subject", "set_empty_text",
}  # fmt: skip
WIDGETS = {
    "QLabel", "QPushButton", "QToolButton", "QCheckBox", "QRadioButton", "QAction", "QGroupBox", "QMessageBox",
    "Badge", "EmptyState", "Notice", "FigureCard", "PanelHeader", "Card",
}  # fmt: skip


def _bare(file: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func).rpartition(".")[2]
        if name not in SETTERS | WIDGETS:
            continue
        texts = [*node.args[:2], *(item.value for item in node.keywords if item.arg in ("title", "text", "sentence", "label"))]
        for item in texts:
            shown = item.value if isinstance(item, ast.Constant) and isinstance(item.value, str) else ""
            if isinstance(item, ast.JoinedStr):
                shown = "".join(str(part.value) for part in item.values if isinstance(part, ast.Constant))
            if sum(letter.isalpha() for letter in shown) > 1 and " " in shown + " " and not _is_a_name(shown):
                found.append(f"line {node.lineno}: {name}({shown!r})")
    return found


def _is_a_name(text: str) -> bool:
    """Object names and ids: lower case, no space."""
    return text.islower() and " " not in text and text.replace("_", "").replace("-", "").isalnum()


@pytest.mark.parametrize("file", sorted((PACKAGE / "ui").rglob("*.py")), ids=lambda file: str(file.relative_to(PACKAGE)))
def test_no_bare_string_in_the_window(file: Path) -> None:
    assert not _bare(file)


def _raised_bare(file: Path) -> list[str]:
    found = []
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "TLStudioError":
            texts = [*node.args, *(item.value for item in node.keywords if item.arg in ("title", "hint"))]
            found += [f"line {node.lineno}" for item in texts if isinstance(item, ast.Constant | ast.JoinedStr)]
    return found


@pytest.mark.parametrize("file", sorted(PACKAGE.rglob("*.py")), ids=lambda file: str(file.relative_to(PACKAGE)))
def test_no_bare_string_in_an_error(file: Path) -> None:
    assert not _raised_bare(file)


def test_a_message_id_has_one_template() -> None:
    templates: dict[str, set[str]] = {}
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "message" and len(node.args) == 2:
                id, template = node.args
                if isinstance(id, ast.Constant) and isinstance(template, ast.Constant):
                    templates.setdefault(str(id.value), set()).add(str(template.value))
    assert not {id: texts for id, texts in templates.items() if len(texts) > 1}

"""How a file of weights is called in a sentence."""

from pathlib import Path

_USUAL = ("model.safetensors", "config.json", "pytorch_model.bin")


def shown(file: Path) -> str:
    """The file's name; with its folder where the name is one that all such files have."""
    return f"{file.parent.name}/{file.name}" if file.name in _USUAL else file.name

"""What a row of a table names as "package.module:Name", imported when it is asked for."""

import importlib
from typing import Any


def resolve(path: str) -> Any:
    """The object; the caller says what it is. Raises `ImportError` or `AttributeError` where there is none."""
    module, _, name = path.partition(":")
    return getattr(importlib.import_module(module), name)

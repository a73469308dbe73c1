"""How a number that was typed is read: as the user's locale or a programmer writes it."""

import re

from PySide6.QtCore import QLocale

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", re.IGNORECASE)
_AFTER_ZERO = re.compile(r"([+-]?0),(?=\d)")
"""No mark between thousands stands after a lone zero, whatever the locale."""
_MINUS = "\u2212"


def read_number(text: str) -> float:
    """The number that `text` is, its decimals after "." or the locale's own sign, such as "0.001", "0,001" or "1e-3"; after a lone zero
    a comma is one in every locale.

    Marks between thousands are never read: one locale's are another's decimal sign, a thousandfold apart. Raises `ValueError`.
    """
    plain = text.strip().replace(_MINUS, "-").replace(QLocale().decimalPoint(), ".")
    plain = _AFTER_ZERO.sub(r"\1.", plain, count=1) if _AFTER_ZERO.match(plain) else plain
    if not _NUMBER.fullmatch(plain):
        raise ValueError(f"{text!r} is no number")
    return float(plain)

"""What a person types for a setting, as a value, or as the values of a sweep."""

import re

from tlstudio.domain.setting_spec import Kind, SettingSpec, Value
from tlstudio.domain.trials import Axis

_DECIMAL_COMMA = re.compile(r";|(^|[,:])\s*0\d|(^|[,:])\s*[+-]?0,\d+(?![\d.e])")
"""Signs that commas were meant for decimals: "001" after one, "0,2" where nothing tells that a number begins behind the comma,
or another mark between values. Who means 0 and 2 can write "0.0,2".
"""


def value_of(spec: SettingSpec, text: str) -> Value:
    """One value; its limits are checked where it is set. Raises `ValueError` for what is no number where there must be one."""
    if spec.automatic is not None and text in ("auto", spec.automatic.text()):
        return None
    if spec.kind is Kind.CHOICE:
        return text
    _require_points(spec, text)
    try:
        if spec.kind is Kind.NUMBERS:
            return tuple(float(part) for part in text.split(","))
        if spec.kind is Kind.SHARE and text.endswith("%"):
            return float(text[:-1]) / 100
        return int(text) if spec.kind is Kind.WHOLE else float(text)
    except ValueError as error:
        raise ValueError(f"{spec.id} needs a number, not {text!r}") from error


def axis_of(spec: SettingSpec, text: str) -> Axis | None:
    """Several values "1,2,3", or a range "1e-4:1e-2:log" or "1:5"; None for a single value. Raises `ValueError`."""
    if spec.kind is Kind.NUMBERS:
        return None
    if ":" in text and spec.kind is not Kind.CHOICE:
        _require_points(spec, text)
        low, high, *how = (part.strip() for part in text.split(":"))
        if how not in ([], ["log"], ["linear"]):
            raise ValueError(f"{spec.id} needs a range such as 1e-4:1e-2:log or 1:5, not {text!r}")
        try:
            return Axis(setting=spec.id, low=float(low), high=float(high), is_log=how == ["log"])
        except ValueError as error:
            raise ValueError(f"{spec.id} needs a range such as 1e-4:1e-2:log or 1:5, not {text!r}") from error
    if spec.kind is not Kind.CHOICE:
        _require_points(spec, text)
    parts = [part.strip() for part in text.split(",") if part.strip()]
    return Axis(setting=spec.id, values=tuple(value_of(spec, part) for part in parts)) if len(parts) > 1 else None


def _require_points(spec: SettingSpec, text: str) -> None:
    """A comma stands between values only. Raises `ValueError` where one seems to stand before decimals; a whole number has none."""
    if spec.kind is not Kind.WHOLE and ("," in text or ";" in text) and _DECIMAL_COMMA.search(text):
        raise ValueError(f"{spec.id} needs decimals after a point and a comma between values, such as 0.001,0.01, not {text!r}")

"""What a person types for a setting, as a value, or as the values of a sweep."""

from tlstudio.domain.setting_spec import Kind, SettingSpec, Value
from tlstudio.domain.trials import Axis


def value_of(spec: SettingSpec, text: str) -> Value:
    """One value; its limits are checked where it is set. Raises `ValueError` for what is no number where there must be one."""
    if spec.automatic is not None and text in ("auto", spec.automatic.text()):
        return None
    if spec.kind is Kind.CHOICE:
        return text
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
        low, high, *how = (part.strip() for part in text.split(":"))
        if how not in ([], ["log"], ["linear"]):
            raise ValueError(f"{spec.id} needs a range such as 1e-4:1e-2:log or 1:5, not {text!r}")
        try:
            return Axis(setting=spec.id, low=float(low), high=float(high), is_log=how == ["log"])
        except ValueError as error:
            raise ValueError(f"{spec.id} needs a range such as 1e-4:1e-2:log or 1:5, not {text!r}") from error
    parts = [part.strip() for part in text.split(",") if part.strip()]
    return Axis(setting=spec.id, values=tuple(value_of(spec, part) for part in parts)) if len(parts) > 1 else None

"""Every pair of ink and ground that the window uses reads at 4.5 : 1, in light and in dark."""

import pytest

from tlstudio.ui.style_sheet import style_sheet
from tlstudio.ui.theme import DARK, LIGHT, Tokens

PAIRS = [
    ("text", "ground"), ("text", "surface"), ("text", "sunk"), ("muted", "ground"), ("muted", "surface"), ("muted", "sunk"),
    ("muted", "accent_soft"), ("accent", "surface"), ("accent", "ground"), ("accent", "accent_soft"), ("on_accent", "accent"),
    ("on_accent", "accent_hover"), ("good_text", "good_soft"), ("good_text", "surface"), ("warn_text", "warn_soft"),
    ("warn_text", "surface"), ("bad_text", "bad_soft"), ("bad_text", "surface"), ("text", "bad_soft"), ("text", "warn_soft"),
]  # fmt: skip


def luminance(color: str) -> float:
    """WCAG 2.1, relative luminance."""
    parts = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("ink", "ground"), PAIRS)
def test_contrast(tokens: Tokens, ink: str, ground: str) -> None:
    high, low = sorted((luminance(getattr(tokens, ink)), luminance(getattr(tokens, ground))), reverse=True)
    assert (high + 0.05) / (low + 0.05) >= 4.5


@pytest.mark.parametrize("tokens", [LIGHT, DARK], ids=["light", "dark"])
def test_the_style_sheet_is_made_of_tokens_alone(tokens: Tokens) -> None:
    sheet = style_sheet(tokens)
    assert "$" not in sheet
    known = {getattr(tokens, name) for name in tokens.__dataclass_fields__ if name != "is_dark"}
    used = {word.strip(";,") for word in sheet.split() if word.startswith("#") and len(word.strip(";,")) == 7}
    assert used <= known, "colours come from the tokens only"

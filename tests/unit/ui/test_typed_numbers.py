"""Numbers that are typed: by a point or the locale's sign, never a thousandfold wrong."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QLocale

from tlstudio.ui.recipe.numbers import read_number


@pytest.fixture(params=["de_DE", "fr_FR", "tr_TR", "ar", "sv_SE", "en_US"])
def locale(request: pytest.FixtureRequest) -> Iterator[QLocale]:
    before = QLocale()
    QLocale.setDefault(QLocale(request.param))
    yield QLocale()
    QLocale.setDefault(before)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(value=st.floats(allow_nan=False, allow_infinity=False))
def test_what_is_written_is_read_again(locale: QLocale, value: float) -> None:
    assert read_number(f"{value!r}") == value
    assert read_number(f"{value!r}".replace(".", locale.decimalPoint())) == value


@pytest.mark.parametrize(("text", "value"), [("0.001", 0.001), (" 1E-3 ", 0.001), (".5", 0.5), ("1.000", 1.0), ("-2.5e+3", -2500.0)])
def test_a_point_is_a_point_everywhere(locale: QLocale, text: str, value: float) -> None:
    assert read_number(text) == value


@pytest.mark.parametrize(("text", "value"), [("0,001", 0.001), ("-0,5", -0.5), ("0,2e-3", 0.0002)])
def test_after_a_lone_zero_a_comma_is_no_mark_between_thousands_in_any_locale(locale: QLocale, text: str, value: float) -> None:
    assert read_number(text) == value


@pytest.mark.parametrize(
    "text",
    ["0,1,2", "0,001.5", "", "fast", "1.000.000", "1.000,5", "1,000.5", "1 000", "1\u202f000", "1_000", "nan", "inf", "1e", "0x1"],
)
def test_thousands_and_words_are_no_numbers(locale: QLocale, text: str) -> None:
    with pytest.raises(ValueError, match="is no number"):
        read_number(text)

"""How a learning rate is written."""


def rate_words(rate: float) -> str:
    """0.0003 as "3e-4", 0.000027 as "2.7e-5"."""
    if rate >= 0.01:
        return f"{rate:g}"
    digits, _, exponent = f"{rate:.1e}".partition("e")
    return f"{digits.removesuffix('.0')}e{int(exponent)}"

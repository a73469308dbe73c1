"""Memory as it is told: one kind of gigabyte everywhere."""


def gigabytes(num_bytes: float) -> str:
    """As exact as anybody wants it: "1.9", "24", "1,200". Of 2^30 bytes, as memory is sold and as systems tell it."""
    value = num_bytes / 2**30
    return f"{value:.1f}" if value < 9.95 else f"{value:,.0f}"

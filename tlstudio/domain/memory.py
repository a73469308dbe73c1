"""Memory as it is told: one kind of gigabyte everywhere."""


def gigabytes(num_bytes: float) -> str:
    """In 10^9 bytes, as exact as anybody wants it: "1.9", "24", "1,200"."""
    value = num_bytes / 1e9
    return f"{value:.1f}" if value < 9.95 else f"{value:,.0f}"

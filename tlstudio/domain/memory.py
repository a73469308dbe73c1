"""Memory and room on a disk as they are told: one kind of gigabyte for each everywhere."""

import math


def gigabytes(num_bytes: float) -> str:
    """As exact as anybody wants it: "1.9", "24", "1,200". Of 2^30 bytes, as memory is sold and as systems tell it."""
    value = num_bytes / 2**30
    return f"{value:.1f}" if value < 9.95 else f"{value:,.0f}"


def room(num_bytes: float) -> str:
    """Room on a disk, as disks are sold: "6 MB", "1.9 GB". Rounded up, because less does not do."""
    mega = math.ceil(num_bytes / 1e6)
    return f"{mega} MB" if mega < 1000 else f"{math.ceil(num_bytes / 1e8) / 10:,.1f} GB"


def in_memory(num_bytes: float) -> str:
    """Memory with its unit, also where it is less than a tenth of a gigabyte: "12 MB", "1.9 GB"."""
    return f"{gigabytes(num_bytes)} GB" if num_bytes >= 0.95 * 2**30 else f"{max(1, round(num_bytes / 2**20))} MB"

"""Pixels and features on their way to the network: read once, kept by content, augmented by keyed randomness."""

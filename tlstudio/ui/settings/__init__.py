"""The settings: each one plain sentence."""

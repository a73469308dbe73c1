"""The Train panel: what to train (recipe card), how it goes (live plots), what came of it (run table).

`viewmodel` holds the state and computes nothing slow; the other files without widgets turn a run's state into curves, rows and
words. Widgets render these and report what a person wants.
"""

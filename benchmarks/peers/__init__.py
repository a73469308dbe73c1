"""The peers of `design`'s speed cases: each trains in an environment and a process of its own, on the same files as TL Studio.

`task` says what is to be done, `environments` makes what a peer needs, `scripts/` are the peers themselves (they import nothing of
TL Studio), `race` runs them and TL Studio in turns, `TUNING.md` is the log of how each peer was tuned.
"""

"""WHAT A USER CAN DO, once: the window and the terminal call these, and nothing below, for anything that changes state.

Plain functions over a `Project`. Each raises `TLStudioError` for what a person can act on, reports long work through
`domain.progress` and stops when asked. Neither Qt nor torch is known here.
"""

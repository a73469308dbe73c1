"""The second front end: the same operations as the window, from a terminal or a script.

One file a command, listed in `table`; a command's file is imported only when it is chosen. Results go to stdout, progress
and errors to stderr; with `--json` stdout is exactly one JSON document.
"""

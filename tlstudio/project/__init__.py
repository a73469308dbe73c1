"""WHERE things are kept: a project's folder, its database, its lock, and the list of recent projects.

One writer: whoever holds the project's lock writes the database; everybody else reads. Every change is one transaction that
is on the disk when the call returns. Runs are folded in from the journals in their folders, which are the truth.
Knows neither Qt nor torch nor any sibling store; `Project` is the only way in for the layers above.
"""

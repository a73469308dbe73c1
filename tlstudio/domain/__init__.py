"""WHAT things are: frozen typed values and pure functions, nothing else.

Everything that crosses a border between layers or processes is defined here: samples, splits, the manifest, recipes,
jobs, journal events and their fold, edit commands, reports. Nothing here opens a file, starts a process or imports a
library heavier than msgspec.
"""

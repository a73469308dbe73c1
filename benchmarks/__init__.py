"""The cases of speed that the program promises, measured on this machine beside what they are compared with, in one run.

`python -m benchmarks [CASE …]` runs them, each in a process of its own, prints a table and writes it with its JSON to build/bench.
"""

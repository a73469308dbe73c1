"""READING users' files: what is in a folder, what its pixels are, and what is wrong with it.

Foreign bytes are decoded by one rule (`decode`), first in a process of its own (`decoder`), where a crash costs one file.
Nothing here knows projects, Qt or torch; tifffile, imagecodecs and apsw are imported only where they are needed.
"""

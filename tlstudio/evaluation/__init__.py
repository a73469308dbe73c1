"""NUMBERS from saved predictions: figures, their intervals, reports and comparisons.

numpy alone, so that the window and the terminal can judge a run without torch; scikit-learn, where a later figure needs
it, is imported inside the function that uses it. Everything is counted by the run's own class table, never by the
project's classes of today. Nothing here writes a file or knows a project.
"""

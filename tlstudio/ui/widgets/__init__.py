"""Small widgets that every panel is built from: each renders what it is given and reports what a person does.

They know the theme and the words, and nothing of projects, runs or panels.
"""

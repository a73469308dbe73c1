"""The Use panel: answers to new images, a whole folder into a table, and a model to take away."""

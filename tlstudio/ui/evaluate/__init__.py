"""The Evaluate panel: a run's figures, its confusion matrix and the images behind each cell."""

"""The Models panel: the catalogue of networks, the weights that are on this computer, and how others get here.

`rows` and `viewmodel` hold what is shown as plain values; the other files render them. Nothing here opens a file: weights are
looked at and imported by `operations.weights` in the background.
"""

"""Live plots. The only importer of pyqtgraph, which is loaded when the first plot is shown.

`Series` holds a curve in bounded memory, `LivePlot` is the widget panels use, `Canvas` is all that touches pyqtgraph.
"""

"""SHOWING. The only importer of Qt.

Widgets render state that lives in plain objects and report what a person wants; they compute nothing and open no file.
Work goes through `background` to `operations`; panels know the workspace and never each other. Torch is not imported here, nor
is anything else that would delay the first paint: panels are imported when they are first shown.
"""

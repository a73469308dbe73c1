"""The one way in which the window reads pictures in a lane: as the JPEG that the program itself has made."""

from PySide6.QtGui import QImage


def from_jpeg(data: bytes | None) -> QImage:
    """The picture; a null one where there are no bytes, or none of a JPEG.

    The format is named, for Qt would ask every plugin otherwise, and that for SVG makes objects and connects them. Python's lock is held
    meanwhile, so the window froze for good where the UI thread let go of such an object at the same moment: that waits for the
    lock while it holds the connections.
    """
    return QImage.fromData(data, "JPEG") if data else QImage()

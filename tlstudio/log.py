"""Named loggers and the one file they write to."""

import logging
import logging.handlers
from pathlib import Path

_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def logger(name: str) -> logging.Logger:
    """The logger of one module: `log = logger(__name__)`."""
    return logging.getLogger(name)


def log_to_file(path: Path) -> None:
    """Send everything from INFO upwards to `path`, rotated at 2 MB. Silent where the folder cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler = logging.handlers.RotatingFileHandler(path, maxBytes=2_000_000, backupCount=3, encoding="utf-8", delay=False)
    except OSError:
        return
    handler.setFormatter(logging.Formatter(_FORMAT))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)

"""TL Studio: transfer learning on a desktop, without code and without the internet."""

__version__ = "0.1.0"

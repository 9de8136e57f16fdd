"""The version of this package, which run files and exports name."""

__version__ = "0.1.0"

"""The generative core: data, features, generators, training, evaluation, report, store."""

from importlib.metadata import version

__all__ = ["__version__"]

__version__ = version("scenara")

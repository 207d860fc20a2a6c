"""One interface for every generator: fit on real data, sample new data, save and load."""

from scenara.shared.generators.base import Generator
from scenara.shared.generators.registry import families, family_class, load, make

__all__ = ["Generator", "families", "family_class", "load", "make"]

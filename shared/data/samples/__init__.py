"""Real sample data sets: what there is, and how to get it.

The names are loaded when they are used, so that the command line stays quick.
"""

from typing import TYPE_CHECKING

from scenara.shared.lazy import lazy_names

if TYPE_CHECKING:
    from scenara.shared.data.samples.cache import cache_folder
    from scenara.shared.data.samples.catalogue import SAMPLES, find_sample
    from scenara.shared.data.samples.entry import Member, Package, Sample, Table
    from scenara.shared.data.samples.fetch import fetch_sample, fetch_samples, load_sample

__all__ = [
    "SAMPLES",
    "Member",
    "Package",
    "Sample",
    "Table",
    "cache_folder",
    "fetch_sample",
    "fetch_samples",
    "find_sample",
    "load_sample",
]

_HOMES = {
    "cache": ["cache_folder"],
    "catalogue": ["SAMPLES", "find_sample"],
    "entry": ["Member", "Package", "Sample", "Table"],
    "fetch": ["fetch_sample", "fetch_samples", "load_sample"],
}

__getattr__ = lazy_names(__name__, _HOMES)

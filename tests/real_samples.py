"""Skip what needs real data that would have to be fetched over the network."""

import re

import pytest

from scenara.shared.data.samples import find_sample
from scenara.shared.data.samples.archive import installed_parts
from scenara.shared.data.samples.cache import is_cached


def need_samples_of(code):
    """Skip the test if a sample that the code loads is neither cached nor installed."""
    for name in re.findall(r'load_sample\("([^"]+)"', code):
        sample = find_sample(name)
        if not is_cached(sample) and installed_parts(sample) is None:
            pytest.skip(f"the sample {name!r} is not in the cache; scenara samples fetch {name}")

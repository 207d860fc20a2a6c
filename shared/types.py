"""The array aliases that signatures share."""

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Array", "FloatArray", "IntArray", "RandomState"]

Array = npt.NDArray[Any]
FloatArray = npt.NDArray[np.floating[Any]]
IntArray = npt.NDArray[np.integer[Any]]
RandomState = int | np.random.Generator | None

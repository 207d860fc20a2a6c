"""The types that a saved encoder may be made of, by name."""

from scenara.shared.data.schema import Column, Schema
from scenara.shared.features.categories import CategoryEncoder, OrdinalEncoder
from scenara.shared.features.identifiers import IdentifierEncoder
from scenara.shared.features.lattice import Lattice
from scenara.shared.features.mixture import MixtureCurve
from scenara.shared.features.numbers import NumberEncoder, NumberScale
from scenara.shared.features.patterns import CharPattern, FreeNumbers, NumberPattern
from scenara.shared.features.power import PowerCurve
from scenara.shared.features.quantile import BinnedCurve, QuantileCurve
from scenara.shared.features.storage import Storage
from scenara.shared.features.times import DateTimeEncoder, TimeScale

__all__ = ["TYPES"]

TYPES: dict[str, type] = {
    cls.__name__: cls
    for cls in (
        BinnedCurve,
        CategoryEncoder,
        CharPattern,
        Column,
        DateTimeEncoder,
        FreeNumbers,
        IdentifierEncoder,
        Lattice,
        MixtureCurve,
        NumberEncoder,
        NumberPattern,
        NumberScale,
        OrdinalEncoder,
        PowerCurve,
        QuantileCurve,
        Schema,
        Storage,
        TimeScale,
    )
}

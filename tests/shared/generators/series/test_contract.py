"""Every family of series generators keeps the contract."""

from contracts import SERIES, SeriesContract

from scenara.shared.generators import families


class TestAutoSeries(SeriesContract):
    family = "series/auto"


class TestAutoregressiveSeries(SeriesContract):
    family = "series/autoregressive"


class TestDiffusionSeries(SeriesContract):
    family = "series/diffusion"


class TestStationaryBootstrap(SeriesContract):
    family = "series/bootstrap"


class TestFilteredHistoricalSimulation(SeriesContract):
    family = "series/fhs"


class TestCopulaSeries(SeriesContract):
    family = "series/copula"


class TestDynamicCorrelation(SeriesContract):
    family = "series/dcc"


class TestGanSeries(SeriesContract):
    family = "series/gan"


class TestGaussianSeries(SeriesContract):
    family = "series/gaussian"


class TestHybridSeries(SeriesContract):
    family = "series/hybrid"


class TestMovingBlockBootstrap(SeriesContract):
    family = "series/moving-block"


class TestStudentSeries(SeriesContract):
    family = "series/student"


class TestVaeSeries(SeriesContract):
    family = "series/vae"


def test_every_registered_family_is_under_the_contract():
    tested = {child.family for child in SeriesContract.__subclasses__()}
    assert tested == set(SERIES) == set(families("series"))

"""The measures of the scorecard: what each one means and where it comes from."""

from dataclasses import dataclass

import pandas as pd

__all__ = ["GROUPS", "MEASURES", "Measure", "measures_table"]


@dataclass(frozen=True)
class Measure:
    """Describe one distance between real and generated returns.

    Args:
        name: Short name, a key of the scorecard.
        group: What kind of property it speaks of.
        meaning: What it compares, in plain words.
        source: Where the property or the statistic was described.
    """

    name: str
    group: str
    meaning: str
    source: str


_CONT = "Cont (2001), Empirical properties of asset returns, Quantitative Finance 1(2)"
_RAMDAS = "Ramdas, Garcia Trillos, Cuturi (2017), On Wasserstein two-sample testing, Entropy 19(2)"
_ACERBI = "Acerbi, Tasche (2002), On the coherence of expected shortfall, J. Bank. Finance 26(7)"
_HILL = "Hill (1975), A simple general approach to inference about the tail, Ann. Stat. 3(5)"
_DING = "Ding, Granger, Engle (1993), A long memory property of returns, J. Empir. Finance 1(1)"
_BOLLERSLEV = "Bollerslev (1986), Generalized autoregressive heteroskedasticity, J. Econometrics 31"
_BOUCHAUD = "Bouchaud, Matacz, Potters (2001), Leverage effect in financial markets, PRL 87(22)"
_MULLER = "Muller et al. (1997), Volatilities of different time resolutions, J. Empir. Finance 4"
_LALOUX = "Laloux et al. (1999), Noise dressing of financial correlation matrices, PRL 83(7)"
_POON = "Poon, Rockinger, Tawn (2004), Extreme value dependence, Rev. Financial Studies 17(2)"
_LONGIN = "Longin, Solnik (2001), Extreme correlation of international markets, J. Finance 56(2)"
_MAGDON = "Magdon-Ismail et al. (2004), On the maximum drawdown, J. Applied Probability 41(1)"
_ANDERSEN = "Andersen et al. (2001), The distribution of realized stock return volatility, JFE 61"
_CORSI = "Corsi et al. (2008), The volatility of realized volatility, Econometric Reviews 27"
_SIGNATURE = "Chevyrev, Kormilitzin (2016), A primer on the signature method, arXiv:1603.03788"
_TAILGAN = "Cont, Cucuringu, Xu, Zhang (2022), Tail-GAN, arXiv:2203.01664"
_TWO_SAMPLE = "Lopez-Paz, Oquab (2017), Revisiting classifier two-sample tests, arXiv:1610.06545"

MEASURES = (
    Measure(
        "w1", "marginal", "Daily returns: distance of the distributions, in deviations", _RAMDAS
    ),
    Measure("tailq", "marginal", "Daily returns: quantiles from 0.5 % to 99.5 %, log ratio", _CONT),
    Measure("es", "marginal", "Mean loss and gain beyond the 1 % and 2.5 % tails", _ACERBI),
    Measure("hill", "marginal", "How slowly both tails die out (Hill index)", _HILL),
    Measure("aggq", "marginal", "Weekly and monthly returns: quantiles in the tails", _CONT),
    Measure("acf_r", "temporal", "Does yesterday's return predict today's (lags 1-5)", _CONT),
    Measure("acf_abs", "temporal", "How long wild days stay wild: memory of |r| to 60 days", _DING),
    Measure("acf_sq", "temporal", "The same for squared returns, lags 1-20", _BOLLERSLEV),
    Measure("lev", "temporal", "Do falls raise the volatility that follows", _BOUCHAUD),
    Measure("zum", "temporal", "Does weekly volatility predict daily volatility", _MULLER),
    Measure("corr", "cross", "Correlation of each pair of assets", _CONT),
    Measure("tdep", "cross", "Do pairs crash and soar on the same days (5 % tails)", _POON),
    Measure("eig", "cross", "Strength of the five strongest common factors", _LALOUX),
    Measure("xvol", "cross", "Does one asset's wild day precede another's (1 and 5 days)", _CONT),
    Measure("crash", "cross", "How many assets fall together on a bad day", _LONGIN),
    Measure(
        "corrdist", "cross", "How the mean correlation varies from quarter to quarter", _LONGIN
    ),
    Measure("mdd", "path", "Worst drawdown of the equal-weighted basket in a window", _MAGDON),
    Measure("mdda", "path", "Worst drawdown of each asset in a window", _MAGDON),
    Measure("rv", "path", "Volatility of the basket from quarter to quarter", _ANDERSEN),
    Measure("vov", "path", "How much its volatility changes from month to month", _CORSI),
    Measure("sig", "path", "Shape of quarterly paths, by signature terms to depth 4", _SIGNATURE),
    Measure("re_stat", "strategy", "Value at risk and shortfall of 22 fixed portfolios", _TAILGAN),
    Measure("re_dyn", "strategy", "The same for five trading rules", _TAILGAN),
    Measure(
        "c2st", "detection", "How well a classifier tells generated quarters apart", _TWO_SAMPLE
    ),
)
"""All measures, in the order in which they are shown."""

GROUPS = tuple(dict.fromkeys(measure.group for measure in MEASURES))
"""The groups of measures, in the order in which they are shown."""


def measures_table() -> pd.DataFrame:
    """Give the table of measures: group, meaning in plain words, source.

    Returns:
        One row a measure, indexed by its name.

    Example:
        >>> measures_table().loc["mdd", "group"]
        'path'
    """
    return pd.DataFrame(MEASURES).set_index("name")

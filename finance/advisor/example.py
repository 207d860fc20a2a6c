"""An example to begin with: a 35-year-old with a child's education and retirement as goals."""

from pathlib import Path
from typing import Final

from scenara.shared.errors import ConfigError

__all__ = ["write_example"]

_CLIENT: Final = """# Edit this file, then: scenara finance advise --client client.toml --out advice
# All amounts are in one currency; goals are in today's money.

holdings = "holdings.csv"        # tax lots and cash, without the emergency cash below
instruments = "instruments.csv"  # what may be bought; asset_class is a column of the market history

[client]
as_of = 2026-11-27       # day of the plan, of the prices and of the holdings
age = 35
currency = "USD"
retirement_age = 67      # saving stops here
life_horizon = 92        # the plan must last until this age

[household]
income_per_year = 78000  # after tax
expenses_per_year = 52000
emergency_cash = 20000   # kept apart, takes no part in the plan
dependants = 1
job_stability = "stable" # secure, stable, variable or uncertain

[[household.debts]]
name = "car loan"
amount = 9000
rate_per_year = 0.05
payment_per_year = 3600

[saving]
per_month = 1100
growth_per_year = 0.02

[[goals]]
name = "education"
amount = 16000           # each year, in today's money
years = 4
age = 49                 # or: date = 2040-11-01
priority = "important"   # essential, important or wish

[[goals]]
name = "retirement"
amount = 40000           # each year, beyond what a state pension pays
years = 25
age = 67
priority = "essential"

[assumptions]
inflation_per_year = 0.025
# Rates on the day of the plan; without them the last ones of the market history are taken:
# cash_rate = 0.036
# aaa_yield = 0.052
# baa_yield = 0.060

[constraints]
maximum_weight = 0.65    # of one instrument
exclude = ["tobacco"]    # tags of instruments that are not wanted
minimum_cash = 1000      # of the holdings

[tax]
long_term = 0.15         # on gains of lots held over a year
short_term = 0.25

[fees]
advice_per_year = 0.0025
trading = 0.001          # of the value traded

# Opinions on markets are optional (Black-Litterman):
# [[views]]
# asset = "us-equity"
# return_per_year = 0.06
# confidence = 0.5

[questionnaire]          # Grable and Lytton (1999), 13 questions
friend_says = "researched"                # avoider, cautious, researched, gambler
game_show = "half_5000"                   # certain_1000, half_5000, quarter_10000, twentieth_100000
job_loss_before_holiday = "modest"        # cancel, modest, as_planned, extend
windfall = "stocks"                       # bank, bonds, stocks
comfort_with_stocks = "some"              # none, some, much
word_risk = "opportunity"                 # loss, uncertainty, opportunity, thrill
# keep_bonds, half_cash_half_hard, all_hard, all_hard_and_borrow:
hard_assets = "half_cash_half_hard"
best_and_worst = "2600_or_-800"           # 200_or_0, 800_or_-200, 2600_or_-800, 4800_or_-2400
sure_gain = "sure_500"                    # sure_500, even_1000
sure_loss = "even_-1000"                  # sure_-500, even_-1000
inheritance = "mixed_fund"                # savings, mixed_fund, 15_stocks, commodities
# shares of low, medium and high risk in per cent: 60_30_10, 30_40_30, 10_40_50
mix = "30_40_30"
gold_mine = "one_month"                   # nothing, one_month, three_months, six_months
"""

_HOLDINGS: Final = """symbol,quantity,purchase_date,cost_per_share
USEQ,130,2021-03-15,160.00
USEQ,40,2024-06-03,230.00
BOND,100,2022-09-01,88.00
SMOK,45,2019-05-20,52.00
CASH,9500,,
"""

_INSTRUMENTS: Final = """symbol,name,asset_class,price,expense_ratio,tags
USEQ,US total market fund,us-equity,285.40,0.0003,fund
USBIG,US large company fund,us-equity,540.10,0.0009,fund
SMVAL,US small value fund,small-value,196.75,0.0007,fund
BOND,High-grade corporate bond fund,aaa-bonds,84.30,0.0006,fund
CRED,Medium-grade corporate bond fund,baa-bonds,51.20,0.0010,fund
TBIL,Treasury bill fund,cash,100.35,0.0009,fund
SMOK,A tobacco company,us-equity,61.90,0,single-stock;tobacco
"""


def write_example(folder: str | Path) -> Path:
    """Write a client's file with its two tables, ready to be edited.

    Args:
        folder: Made where it is not there.

    Returns:
        The client's file.

    Raises:
        ConfigError: One of the files is there already, or can't be written.

    Example:
        >>> import tempfile
        >>> write_example(tempfile.mkdtemp()).name
        'client.toml'
    """
    folder = Path(folder)
    texts = {
        "client.toml": _CLIENT,
        "holdings.csv": _HOLDINGS,
        "instruments.csv": _INSTRUMENTS,
    }
    for name in texts:
        if (folder / name).exists():
            raise ConfigError(f"{folder / name}: is there already; name another folder")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"{folder}: can't be written: {error.strerror}") from error
    return folder / "client.toml"

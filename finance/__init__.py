"""Markets and portfolios: simulate worlds, judge them, backtest decisions in them."""

"""Markets: prices, the stylised-fact scorecard, simulators judged by days they never saw."""

from typing import TYPE_CHECKING

from scenara.shared.lazy import lazy_names

if TYPE_CHECKING:
    from scenara.finance.market.certificate import Certificate, certify
    from scenara.finance.market.certificate_gates import CertificateGate
    from scenara.finance.market.extremes import explosion_share, joint_spike_share
    from scenara.finance.market.facts import Facts, distances, measures_table, stylised_facts
    from scenara.finance.market.prices import (
        check_prices,
        log_returns,
        read_prices,
        simple_returns,
    )
    from scenara.finance.market.protocol import Judgement, MarketProtocol, judge
    from scenara.finance.market.scenarios import PathEvent
    from scenara.finance.market.scorecard import load_floor, noise_floor, score_paths
    from scenara.finance.market.simulator import MarketSimulator

__all__ = [
    "Certificate",
    "CertificateGate",
    "Facts",
    "Judgement",
    "MarketProtocol",
    "MarketSimulator",
    "PathEvent",
    "certify",
    "check_prices",
    "distances",
    "explosion_share",
    "joint_spike_share",
    "judge",
    "load_floor",
    "log_returns",
    "measures_table",
    "noise_floor",
    "read_prices",
    "score_paths",
    "simple_returns",
    "stylised_facts",
]

_HOMES = {
    "certificate": ("Certificate", "certify"),
    "certificate_gates": ("CertificateGate",),
    "extremes": ("explosion_share", "joint_spike_share"),
    "facts": ("Facts", "distances", "measures_table", "stylised_facts"),
    "prices": ("check_prices", "log_returns", "read_prices", "simple_returns"),
    "protocol": ("Judgement", "MarketProtocol", "judge"),
    "scenarios": ("PathEvent",),
    "scorecard": ("load_floor", "noise_floor", "score_paths"),
    "simulator": ("MarketSimulator",),
}

__getattr__ = lazy_names(__name__, _HOMES)

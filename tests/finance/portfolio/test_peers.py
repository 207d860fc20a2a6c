"""Agreement with vectorbt and bt, from numbers that benchmarks/peers.py stored, and live.

Both size orders by the wealth before costs, and vectorbt cuts the last purchase of a trade short by
what the costs took, where the engine here solves for the wealth that is left. That moves a single
path by about costs x turnover x one asset's lead, up or down; the mean over paths agrees, and so
does every path where vectorbt is given our orders instead of our targets.
"""

import json
from pathlib import Path

import numpy as np
import pytest
from benchmarks.peers import bt_final, market, ours, vectorbt_final

STORED = json.loads(Path(__file__).with_name("peers.json").read_text())["final_wealth"]
SAME_ORDERS = "vectorbt, same orders"


@pytest.fixture(scope="module", params=["equal-weight", "minimum-variance"])
def case(request):
    returns = market()
    return STORED[request.param], returns, ours(request.param, returns)


@pytest.mark.parametrize("peer", ["vectorbt", "bt"])
def test_mean_final_wealth_agrees_with_the_peers(case, peer):
    stored, _, mine = case
    final = mine.wealth[: stored[peer]["n_paths"], -1]
    assert final.mean() == pytest.approx(stored[peer]["mean"], rel=1e-5)


def test_every_path_agrees_with_vectorbt_given_the_same_orders(case):
    stored, _, mine = case
    np.testing.assert_allclose(mine.wealth[:5, -1], stored[SAME_ORDERS]["first"], rtol=1e-12)


def test_single_paths_of_equal_weights_agree_with_bt():
    final = ours("equal-weight", market()).wealth[:5, -1]
    np.testing.assert_allclose(final, STORED["equal-weight"]["bt"]["first"], rtol=1e-5)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("peer", ["vectorbt", "bt"])
def test_stored_numbers_are_what_the_installed_peer_finds(case, peer):
    pytest.importorskip(peer)
    stored, returns, mine = case
    final = vectorbt_final(returns, mine)[:2] if peer == "vectorbt" else bt_final(returns[:2], mine)
    np.testing.assert_allclose(final, stored[peer]["first"][:2], rtol=1e-9)


@pytest.mark.filterwarnings("ignore")
def test_the_installed_vectorbt_agrees_on_every_path_given_the_same_orders(case):
    pytest.importorskip("vectorbt")
    _, returns, mine = case
    final = vectorbt_final(returns, mine, amounts=True)
    np.testing.assert_allclose(mine.wealth[:, -1], final, rtol=1e-12)

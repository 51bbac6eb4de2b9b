"""Games that no table has room for: planted terms, samples, and what is found from them."""

import matplotlib
import pandas as pd
import pytest
import torch

import harsanyi as hs
from harsanyi.studies import large_games as games
from harsanyi.studies import many_players as study

matplotlib.use("Agg")


def test_a_planted_game_is_the_sum_of_its_terms():
    terms = games.plant(8, 6, seed=1, orders=(1, 2, 4))
    assert len(terms) == 6 and all(0.5 <= abs(w) <= 2 for w in terms.values())
    assert {len(s) for s in terms} <= {1, 2, 4} and terms == games.plant(8, 6, 1, (1, 2, 4))
    dividends = hs.mobius(games.play(terms)(torch.arange(256)))
    planted = torch.zeros(256, dtype=torch.float64)
    for players, weight in terms.items():
        planted[sum(1 << i for i in players)] = weight
    assert torch.allclose(dividends, planted, atol=1e-12)


def test_a_dividend_is_known_from_its_own_coalitions():
    terms = games.plant(50, 8, seed=6)
    for players, weight in terms.items():
        assert games.dividend(games.play(terms), players) == pytest.approx(weight)
    v = games.noise(1)
    exact = hs.mobius(v(torch.arange(64)))
    assert games.dividend(v, (1, 3, 4)) == pytest.approx(float(exact[0b11010]))


def test_sixty_players_can_be_played():
    terms = games.plant(60, 5, seed=0)
    full = torch.tensor([2**60 - 1, 0])
    assert games.play(terms)(full).tolist() == pytest.approx([sum(terms.values()), 0])
    masks = games.draw(60, 4000, seed=2, presence=0.9)
    size = (masks[:, None] >> torch.arange(60) & 1).sum(1).double()
    assert float(size.mean()) == pytest.approx(54, abs=0.3) and int(masks.min()) >= 0
    for call in (games.plant, games.draw):
        with pytest.raises(ValueError, match="players"):
            call(63, 5, 0)


def test_controls_are_dense():
    v = games.noise(3)(torch.arange(2**12))
    assert float(v.abs().max()) <= 1 and float(v.mean()) == pytest.approx(0, abs=0.05)
    assert float(v.var()) == pytest.approx(1 / 3, abs=0.03)
    spread = hs.mobius(v).square()
    half = hs.core.coalitions.sizes(12) == 6
    assert float(spread[half].mean()) == pytest.approx(2**6 / 3, rel=0.3)  # nothing but noise
    assert not torch.equal(v, games.noise(4)(torch.arange(2**12)))
    assert torch.allclose(games.majority(5)(torch.arange(32)), hs.games.majority(5).v)


def test_what_is_told_is_one_for_the_truth_and_nan_where_nothing_varies():
    terms = games.plant(30, 8, seed=4)
    masks = games.draw(30, 500, seed=5)
    v = games.play(terms)(masks)
    assert study.explained(terms, masks, v) == pytest.approx(1)
    assert study.explained({(): float(v.mean())}, masks, v) == pytest.approx(0)
    constant = study.explained({(): 1.0}, masks, torch.ones(500))
    assert constant != constant


def test_hits_count_planted_coalitions_among_the_strongest():
    truth = {(0,): 1.0, (1, 2): -2.0}
    assert study.hits({(): 9.0, (0,): 0.9, (1, 2): -1.5, (3,): 0.1}, truth) == 1
    assert study.hits({(0,): 0.2, (1, 2): -1.5, (3,): 0.5}, truth) == 0.5
    assert study.hits({}, truth) == 0


def test_any_approximator_that_gives_dividends_will_do():
    from shapiq.approximator import RegressionFSII

    terms = games.plant(6, 5, seed=0)
    found = study.recover(RegressionFSII(n=6, max_order=6), games.play(terms), 64)
    strong = {s: w for s, w in found.terms.items() if s and abs(w) > 0.1}
    assert strong == pytest.approx(terms, abs=1e-3) and found.used <= 64 + 2
    assert study.hits(found.terms, terms) == 1


def test_least_squares_finds_single_players_and_not_teams():
    single = games.plant(20, 8, seed=0, orders=(1,))
    found = study.additive(games.play(single), 20, 200)
    assert {s: found.terms[s] for s in single} == pytest.approx(single) and found.used == 200
    teams = games.play({(0, 1): 1.0})
    frame = study.curve(teams, 20, [200, 2000], study.additive, {(0, 1): 1.0})
    assert frame["hits"].tolist() == [0, 0] and frame["explained"].max() < 0.75
    assert frame["used"].tolist() == [200, 2000] and (frame["terms"] == 21).all()


def test_the_common_generator_is_put_back():
    import numpy as np

    np.random.seed(3)
    before = np.random.random(2)
    np.random.seed(3)
    assert np.random.random() == before[0]
    with study._settled(0):
        np.random.random(7)
    assert np.random.random() == before[1]


def test_curves_are_drawn_for_each_game_and_arrows_where_they_leave():
    from matplotlib import pyplot as plt

    from harsanyi.show.many_players import sample_curves

    rows = [("a", 100, 0.5, 0.2), ("a", 1000, 0.9, -3.0), ("b", 100, -9.0, float("nan"))]
    ax = sample_curves(pd.DataFrame(rows, columns=["game", "used", "explained", "nearly"]))
    assert [t.get_text() for t in ax.figure.findobj(plt.Text) if t.get_text() in "ab"].count("a")
    arrows = [line for line in ax.lines if line.get_marker() == "v" and len(line.get_xdata())]
    assert len(arrows) == 2 and ax.get_xscale() == "log"
    with pytest.raises(ValueError, match="nearly"):
        sample_curves(pd.DataFrame({"game": ["a"], "used": [1], "explained": [1.0]}))
    plt.close("all")

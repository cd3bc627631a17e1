from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessiondoctor.evidence.entry.odds import (
    MODELS,
    Sightings,
    chance_of_moves,
    is_kept,
    log_likelihoods,
    loss_interval,
    posterior,
    power_of,
    processes_that_fit,
    shares_of,
)

NODES = st.sampled_from("ABC")
WALKS = st.lists(st.lists(NODES, min_size=1, max_size=9).map(tuple), max_size=5).map(tuple)
SIGHTINGS = st.builds(Sightings, WALKS, st.lists(NODES, max_size=12).map(tuple), st.integers(0, 5))


def seen(*traces: str, fresh: str = "", pool: int = 0) -> Sightings:
    """`seen("AAA", "BBB", fresh="AB")`: one letter a node."""
    return Sightings(tuple(map(tuple, traces)), tuple(fresh), pool)


@given(SIGHTINGS)
def test_the_posterior_sums_to_one(sightings: Sightings) -> None:
    """And no probability is negative."""
    odds = posterior(sightings)
    assert tuple(odds) == MODELS
    assert math.isclose(math.fsum(odds.values()), 1.0)
    assert all(0 <= value <= 1 for value in odds.values())


@given(SIGHTINGS, st.randoms(use_true_random=False))
def test_the_order_of_clients_does_not_matter(sightings: Sightings, random: object) -> None:
    """Neither that of returning nor that of fresh ones."""
    traces, fresh = list(sightings.traces), list(sightings.fresh)
    for items in (traces, fresh):
        random.shuffle(items)  # type: ignore[attr-defined]
    shuffled = Sightings(tuple(traces), tuple(fresh), sightings.pool)
    assert posterior(shuffled) == pytest.approx(posterior(sightings))


@given(SIGHTINGS)
def test_the_names_of_nodes_do_not_matter(sightings: Sightings) -> None:
    """Only who equals whom."""
    other = dict(zip("ABC", "CAB", strict=True))
    renamed = Sightings(
        tuple(tuple(other[node] for node in trace) for trace in sightings.traces),
        tuple(other[node] for node in sightings.fresh),
        sightings.pool,
    )
    assert posterior(renamed) == pytest.approx(posterior(sightings))


@given(SIGHTINGS, NODES)
def test_a_hop_never_speaks_for_cookie(sightings: Sightings, start: str) -> None:
    """One more request makes `cookie` less likely in itself, and against `none`."""
    after = next(node for node in "ABC" if node != start)
    before = Sightings((*sightings.traces, (start,)), sightings.fresh, 5)
    hopped = Sightings((*sightings.traces, (start, after)), sightings.fresh, 5)
    then, now = log_likelihoods(before), log_likelihoods(hopped)
    assert now["cookie"] < then["cookie"]
    assert now["cookie"] - now["none"] <= then["cookie"] - then["none"] + 1e-9


@given(SIGHTINGS, st.integers(1, 5))
def test_a_stay_always_speaks_for_cookie(sightings: Sightings, stays: int) -> None:
    """Against `none`, that is."""
    before = Sightings((*sightings.traces, ("A",)), sightings.fresh, 5)
    stayed = Sightings((*sightings.traces, ("A",) * (stays + 1)), sightings.fresh, 5)
    then, now = log_likelihoods(before), log_likelihoods(stayed)
    assert now["cookie"] - now["none"] >= then["cookie"] - then["none"] - 1e-9


@pytest.mark.parametrize("sightings", [seen(), seen(pool=3), seen("AAAA", fresh="AA"), seen("A", pool=1)])
def test_nothing_to_tell_apart_is_flat(sightings: Sightings) -> None:
    """No node was named, or there is one only."""
    assert posterior(sightings) == pytest.approx(dict.fromkeys(MODELS, 0.25))


@pytest.mark.parametrize(
    ("sightings", "model", "least"),
    [
        (seen("ABABABAB", "BABABA", fresh="ABAB"), "none", 0.999),
        (seen("AABABBBA", "BBABAA", fresh="ABAB"), "none", 0.999),
        (seen(*["A" * 6, "B" * 6] * 3, fresh="ABAB"), "cookie", 0.9),
        (seen("A" * 8, "A" * 6, "A" * 6, fresh="A" * 12, pool=3), "source", 0.9),
        (seen("ABBBBBBB", "BAAAAA", "ABBBBB", fresh="ABAB"), "other-key", 0.99),
    ],
)
def test_each_model_is_recognised(sightings: Sightings, model: str, least: float) -> None:
    """By what its balancer would show."""
    odds = posterior(sightings)
    assert odds[model] >= least, odds


def test_unequal_shares_are_learned() -> None:
    """Staying on a node that gets nearly everything proves little."""
    even, skewed = seen("A" * 8, fresh="AB" * 6), seen("A" * 8, fresh="A" * 11 + "B")
    assert power_of(posterior(even)) > 0.98
    assert power_of(posterior(skewed)) < 0.7
    assert shares_of(skewed).of("A") == pytest.approx(13 / 15)
    assert shares_of(Sightings(fresh=("A",), pool=3)).of("unseen") == 0.25


def test_the_formula_by_hand() -> None:
    """One client, A B; two nodes: P(firsts) = 1/2, then B has a share of 1/3."""
    logs = log_likelihoods(seen("AB"))
    assert math.exp(logs["none"]) == pytest.approx(1 / 2 * 1 / 3)
    assert math.exp(logs["other-key"]) == pytest.approx(1 / 6)
    assert math.exp(logs["cookie"]) == pytest.approx(1 / 6 / 200, rel=0.03)
    assert math.exp(logs["source"]) == pytest.approx(2 * 1 / 2 * 1 / 200 / 2, rel=0.05)


def test_when_it_is_decided() -> None:
    """Two nodes: three clients that stay suffice, one does not; moves tell soon."""
    assert is_kept(posterior(seen("AAAAA", fresh="AB"))) is None
    assert is_kept(posterior(seen("A" * 8, "B" * 6, "A" * 6, fresh="AB" * 6))) is True
    assert is_kept(posterior(seen("ABABAB", fresh="AB"))) is False


@pytest.mark.parametrize(
    ("moves", "steps", "chance"),
    [(0, 17, 1.0), (1, 1, 1 / 200), (1, 17, 17 / 216), (2, 2, 2 / (200 * 201)), (17, 17, 0.0)],
)
def test_the_chance_of_moves_of_kept_clients(moves: int, steps: int, chance: float) -> None:
    """That of the beta-binomial distribution: for one move or more it is N / (N + 199)."""
    assert chance_of_moves(moves, steps) == pytest.approx(chance, abs=1e-12)


@pytest.mark.parametrize(
    ("lost", "looked", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),  # Newcombe 1998, table I, method 3
        (15, 148, 0.0624, 0.1605),  # likewise
        (0, 20, 0.0000, 0.1611),  # likewise
        (1, 29, 0.0061, 0.1718),  # likewise
        (3, 20, 0.0524, 0.3604),
        (20, 20, 0.8389, 1.0000),
        (0, 0, 0.0, 1.0),
    ],
)
def test_wilsons_interval(lost: int, looked: int, low: float, high: float) -> None:
    """As printed in the literature, to four digits."""
    assert loss_interval(lost, looked) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(0, 200), st.integers(1, 200))
def test_the_interval_holds_the_rate(lost: int, more: int) -> None:
    """It is within 0 and 1, and mirrors that of what was kept."""
    low, high = loss_interval(lost, lost + more)
    assert 0 <= low <= lost / (lost + more) <= high <= 1
    assert loss_interval(more, lost + more) == pytest.approx((1 - high, 1 - low))


def test_no_interval_of_nonsense() -> None:
    """More losses than looks."""
    with pytest.raises(ValueError, match="3 of 2"):
        loss_interval(3, 2)


@pytest.mark.parametrize(
    ("kept", "looked", "fitting", "not_fitting"),
    [
        (4, 8, {2, 3}, {5, 12}),
        (8, 24, {3}, {6, 12}),
        (3, 24, {8}, {2, 3}),
        (7, 8, set(), {3, 4}),  # a loss now and then is nobody's share
    ],
)
def test_processes_that_share_nothing_know_their_share(
    kept: int, looked: int, fitting: set[int], not_fitting: set[int]
) -> None:
    """One of n knows a session; (n - 1) / n of the requests lose it, within what chance allows."""
    fits = set(processes_that_fit(kept, looked))
    assert fitting <= fits
    assert not fits & not_fitting


@pytest.mark.parametrize(("kept", "looked"), [(0, 8), (8, 8), (0, 0)])
def test_what_is_always_or_never_there_fits_no_number(kept: int, looked: int) -> None:
    """Nothing is lost, or nothing was ever kept."""
    assert not processes_that_fit(kept, looked)

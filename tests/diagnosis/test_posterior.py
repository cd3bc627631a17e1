import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sessiondoctor.catalogue.loader import Cause
from sessiondoctor.diagnosis.likelihood import Likelihood, sights
from sessiondoctor.diagnosis.observation import Observation
from sessiondoctor.diagnosis.posterior import SYMPTOM, posterior
from tests.diagnosis.build import cause, observation

CHECKS = ("a", "b", "c", "d")
WORDS = (0.98, 0.8, 0.4, 0.1, 0.01)

likelihoods = st.dictionaries(st.sampled_from(CHECKS), st.sampled_from(WORDS), max_size=4)
catalogues = st.lists(likelihoods, min_size=1, max_size=5).map(
    lambda many: tuple(cause(f"cause-{n}", findings=findings) for n, findings in enumerate(many))
)
observations = st.dictionaries(st.sampled_from(CHECKS), st.booleans(), max_size=4).map(
    lambda seen: tuple(observation(check, failed=failed) for check, failed in seen.items())
)


def test_noisy_or_of_two_causes_and_the_false_alarm() -> None:
    """Each present cause, and the alarm, fails to make the check fail independently."""
    pair = (cause("x", findings={"a": 0.8}), cause("y", findings={"a": 0.4}))
    assert Likelihood().fails("a", 0.01, pair) == pytest.approx(1 - 0.99 * 0.2 * 0.6)


def test_bayes_rule_by_hand_for_one_cause() -> None:
    """One cause, one failed check: odds times likelihood ratio."""
    only = cause("x", prior=0.01, findings={"a": 0.8})
    with_x = 0.01 / 0.99 * (1 - 0.99 * 0.2)
    assert posterior((only,), (observation("a", alarm=0.01),)).of("x") == pytest.approx(with_x / (with_x + 0.01))


def test_a_pass_without_power_says_nothing() -> None:
    """A pass that could not have seen the fault leaves the prior as it was."""
    only = (cause("x", findings={"a": 0.98}),)
    blind = posterior(only, (observation("a", failed=False, power=0.0),))
    assert blind.of("x") == pytest.approx(posterior(only, ()).of("x"))


def test_a_failure_that_chance_explains_says_little() -> None:
    """The greater the chance of a failure without a cause, the less it supports one."""
    only = (cause("x", findings={"a": 0.98}),)
    by_alarm = [posterior(only, (observation("a", alarm=alarm),)).of("x") for alarm in (0.01, 0.2, 1.0)]
    assert by_alarm == sorted(by_alarm, reverse=True)
    assert by_alarm[-1] == pytest.approx(posterior(only, ()).of("x"))


def in_two_ways(prior: float = 0.01) -> Cause:
    """A cause that makes `a` fail, or else `b`."""
    ways = ({"a": 0.98}, {"b": 0.98})
    return cause("x", prior=prior, findings={"a": 0.98, "b": 0.98}, ways=ways)


def test_a_way_that_nothing_here_can_show_takes_no_probability_from_the_others() -> None:
    """What only a drill shows is no reason to believe a scan less."""
    ways = ({"a": 0.98}, {"of-a-drill": 0.98})
    both = cause("x", findings={"a": 0.98, "of-a-drill": 0.98}, ways=ways)
    seen = (observation("a"),)
    assert posterior((both,), seen).of("x") == pytest.approx(
        posterior((cause("x", findings={"a": 0.98}),), seen).of("x")
    )


def test_a_cause_may_show_itself_in_another_way() -> None:
    """What passes in the way that is seen does not speak against it, and it is weighed in that way."""
    seen = (observation("a", failed=False), observation("b", alarm=0.001))
    one_way = posterior((cause("x", prior=0.01, findings={"a": 0.98, "b": 0.98}),), seen).of("x")
    two = in_two_ways()
    believed = posterior((two,), seen)
    assert believed.of("x") > 0.8
    assert one_way < 0.2
    assert believed.as_seen(two).findings == {"b": 0.98}


def test_the_ways_of_a_cause_share_its_prior_and_exclude_each_other() -> None:
    """Unobserved, it is as probable as a cause with one way; no hypothesis has it twice."""
    believed = posterior((in_two_ways(0.01), cause("y")), ())
    assert believed.of("x") == pytest.approx(posterior((cause("x", prior=0.01), cause("y")), ()).of("x"), rel=0.01)
    assert all(len({c.id for c in hypothesis}) == len(hypothesis) for hypothesis, _ in believed.hypotheses)


def test_a_cause_with_one_way_is_seen_as_it_is() -> None:
    """Also where nothing is known of it."""
    only = cause("x", findings={"a": 0.98})
    assert posterior((only,), ()).as_seen(only) is only
    assert posterior((), ()).as_seen(only) is only


def fact(check: str, *, failed: bool = True) -> Observation:
    """One of several checks that see the fact `gone`."""
    return Observation(check, failed=failed, alarm=0.002, power=1.0, loss=True, fact="gone")


def test_a_fact_counts_once_however_many_checks_see_it() -> None:
    """Five checks are surer of it than one, and that is all: no more bits than the page has for the fact."""
    likelihood = Likelihood()
    often, never = (cause("often", findings={"gone": 0.8}),), (cause("never", findings={"gone": 0.01}),)
    one, five = sights([fact("a")])[0], sights([fact(check) for check in "abcde"])[0]
    ratio = {seen: likelihood.of(seen, often) / likelihood.of(seen, never) for seen in (one, five)}
    assert 0.8 / 0.01 >= ratio[five] > ratio[one]


def test_a_check_of_a_fact_may_fail_for_a_reason_of_its_own() -> None:
    """A page that names the check beside the fact explains that the others pass."""
    (seen,) = sights([fact("form"), fact("login", failed=False), fact("cart", failed=False)])
    own = (cause("own", findings={"gone": 0.01, "form": 0.98}),)
    shared = (cause("shared", findings={"gone": 0.98}),)
    assert Likelihood().of(seen, own) > 0.9
    assert Likelihood().of(seen, shared) < 0.05


def test_silence_is_ignorance_not_never() -> None:
    """A failing check that a page forgot speaks less against it than one that the page rules out."""
    pages = {"says": {"a": 0.98}, "silent": {"b": 0.98}, "never": {"a": 0.01, "b": 0.98}}
    causes = tuple(cause(name, findings=findings) for name, findings in pages.items())
    believed = posterior(causes, (observation("a"), observation("b"))).causes()
    assert believed["silent"] > believed["never"]
    alone = posterior(causes, (observation("a"),)).causes()
    assert alone["says"] > 3 * alone["silent"] > 3 * alone["never"]


def test_a_symptom_multiplies_the_odds() -> None:
    """A declared symptom moves the prior by its factor."""
    only = (cause("x", prior=0.01, symptoms=("state-lost",)),)
    p = posterior(only, (), ("state-lost",)).of("x")
    assert p / (1 - p) == pytest.approx(SYMPTOM * 0.01 / 0.99)


def test_two_causes_are_found_together() -> None:
    """Two losses that no single cause explains are explained by two."""
    causes = (cause("x", 0.1, findings={"a": 0.98, "b": 0.01}), cause("y", 0.1, findings={"a": 0.01, "b": 0.98}))
    found = posterior(causes, (observation("a"), observation("b")))
    assert min(found.of("x"), found.of("y")) > 0.4
    assert tuple(c.id for c in found.hypotheses[0][0]) == ("x", "y")


def test_a_third_cause_only_where_two_leave_a_loss() -> None:
    """Three separate losses need three causes; two do not try three."""
    never = dict.fromkeys("abc", 0.01)
    causes = tuple(cause(name, 0.1, findings={**never, check: 0.98}) for name, check in zip("xyz", "abc", strict=True))
    three = posterior(causes, tuple(observation(check) for check in "abc"))
    two = posterior(causes, tuple(observation(check) for check in "ab"))
    assert len(three.hypotheses[0][0]) == 3
    assert all(len(hypothesis) < 3 for hypothesis, _ in two.hypotheses)


@given(catalogues, observations)
def test_probabilities_sum_to_one(causes: tuple[Cause, ...], seen: tuple[Observation, ...]) -> None:
    """They are a distribution over hypotheses."""
    assert math.fsum(p for _, p in posterior(causes, seen).hypotheses) == pytest.approx(1.0)


@given(catalogues, observations)
def test_order_does_not_matter(causes: tuple[Cause, ...], seen: tuple[Observation, ...]) -> None:
    """Neither that of the findings nor that of the catalogue."""
    first = posterior(causes, seen).causes()
    for order in itertools.islice(itertools.permutations(seen), 6):
        again = posterior(tuple(reversed(causes)), order).causes()
        assert again == pytest.approx(first)


@given(catalogues, observations)
def test_an_unobserved_check_changes_nothing(causes: tuple[Cause, ...], seen: tuple[Observation, ...]) -> None:
    """A check that every page names and nobody could answer is as if it did not exist."""
    more = tuple(cause(c.id, findings={**c.findings, "unobserved": 0.98}) for c in causes)
    assert posterior(more, seen).causes() == pytest.approx(posterior(causes, seen).causes())


@given(catalogues, observations, st.sampled_from(WORDS[:2]))
def test_support_never_lowers_the_cause_that_alone_explains_it(
    causes: tuple[Cause, ...], seen: tuple[Observation, ...], word: float
) -> None:
    """One more failed check that only this cause accounts for raises it, or leaves it."""
    alone = cause("alone", findings={"e": word})
    before = posterior((*causes, alone), seen).of("alone")
    after = posterior((*causes, alone), (*seen, observation("e"))).of("alone")
    assert after >= before - 1e-9


@given(catalogues)
def test_likelihoods_are_probabilities(causes: tuple[Cause, ...]) -> None:
    """Failing and passing together are certain where the power is full."""
    for check in CHECKS:
        (fails,), (passes,) = (sights([observation(check, failed=failed)]) for failed in (True, False))
        likelihood = Likelihood.among(causes)
        assert likelihood.of(fails, causes) + likelihood.of(passes, causes) == pytest.approx(1.0)

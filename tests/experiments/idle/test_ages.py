from __future__ import annotations

import itertools
import math

import pytest

from sessiondoctor.experiments.idle.ages import (
    PRECISION,
    Reading,
    Span,
    between,
    first_loss,
    is_settled,
    known_as,
    rungs,
    span_of,
)


def readings(**ages: str) -> list[Reading]:
    """`readings(kept="1 2", lost="3")`."""
    marks = {"kept": True, "lost": False, "unknown": None}
    return [Reading(float(age), marks[mark]) for mark, many in ages.items() for age in many.split()]


def test_ages_grow_by_the_same_factor() -> None:
    """From a second to the oldest; a few only where few may be made."""
    ages = rungs(1800, 100)
    factors = {round(later / earlier, 6) for earlier, later in itertools.pairwise(ages)}
    assert (ages[0], round(ages[-1])) == (1.0, 1800)
    assert len(factors) == 1
    assert len(ages) == 20
    assert len(rungs(1800, 6)) == 6
    assert rungs(0.5, 10) == (0.5,)


@pytest.mark.parametrize(
    ("seen", "span"),
    [
        (readings(kept="1 2 3", lost="4 5"), Span("ends", 3, 4)),
        (readings(kept="1 2 3", unknown="4"), Span("lasts", 3)),
        (readings(lost="1 2"), Span("ends", 0, 1)),
        (readings(kept="1 5", lost="3"), Span("unclear", 5, 3)),
        (readings(unknown="1"), Span("unknown", 0, math.inf)),
    ],
)
def test_what_readings_say(seen: list[Reading], span: Span) -> None:
    """An older one that is kept while a younger one is lost: it is not age that decides."""
    assert span_of(seen) == span


def test_the_ages_in_between_are_near_enough() -> None:
    """Whatever one of them says, the rest of the span is within the precision."""
    span = Span("ends", 31.6, 46.4)
    ages = (span.kept_s, *between(span, 12), span.lost_s)
    assert all(later / earlier <= PRECISION for earlier, later in itertools.pairwise(ages))
    assert between(Span("ends", 40, 41), 12) == ()
    assert between(Span("lasts", 40), 12) == ()
    assert len(between(Span("ends", 1, 100), 12)) == 12


def test_visitors_that_are_kept_by_chance_do_not_count() -> None:
    """After the end every second one is led home; as many before the first loss may be so by chance, too."""
    seen = readings(kept="10 11 12 13 14 15 16 17 18 19 20 26 28", lost="25 27 29")
    span = first_loss(seen)
    assert (span.kind, span.lost_s) == ("ends", 25)
    assert 12 <= span.kept_s < 20
    assert first_loss(readings(kept="1 2")) == Span("lasts", 2)


def test_a_span_is_settled_when_all_younger_ones_are_read() -> None:
    """Else one of them may still be lost."""
    seen = readings(kept="1 2", lost="4")
    assert is_settled(seen, [8.0], span_of(seen))
    assert not is_settled(seen, [3.0], span_of(seen))
    assert not is_settled(readings(kept="1"), [], Span("lasts", 1))


def test_documented_defaults() -> None:
    """Only where the span is narrow."""
    assert known_as(Span("ends", 1780, 1840)).startswith("30 minutes")
    assert known_as(Span("ends", 1000, 2000)) == ""
    assert known_as(Span("ends", 38, 39)) == ""

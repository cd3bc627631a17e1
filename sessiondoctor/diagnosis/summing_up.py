"""The answer in one sentence, and what the candidates have in common where it cannot be told yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sessiondoctor.api import FACTS
from sessiondoctor.diagnosis.observation import blocking
from sessiondoctor.model import STATED, Outcome, Status

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sessiondoctor.catalogue.loader import Cause
    from sessiondoctor.diagnosis.posterior import Posterior
    from sessiondoctor.model import Diagnosis
    from sessiondoctor.pipeline.judge import Judged

FAMILIES = {
    "affinity": "nothing keeps a client on the node that knows its session",
    "edge": "the session cookie does not come back as it was set",
    "keys": "a node does not accept what another node has signed or encrypted",
    "store": "the store does not give a node the session that was put there",
    "replication": "the nodes do not pass their sessions on to each other",
    "serialization": "a node cannot read what another node has stored",
    "time": "clocks or lifetimes end the session too soon",
    "app": "the application itself ends the session, or splits it",
    "network": "clients reach different places, or their connections are cut",
}
"""What the causes of a family do, each in its way."""
UNTOLD = "State is lost; the cause cannot be told yet"
HEADLINES = {
    Outcome.FAULT_FOUND: "State is lost, and no known cause accounts for it",
    Outcome.NO_FAULT_FOUND: "No fault found",
    Outcome.NOT_ENOUGH_ACCESS: "Not enough access to tell",
}
_ACCOUNTS = 0.35
_NEVER_SURE = 0.99


@dataclass(frozen=True, slots=True)
class Summary:
    """Two sentences of the report; `in_common` is empty where a cause is stated, or there is no candidate."""

    headline: str
    in_common: str = ""


def of(
    verdict: Outcome,
    diagnosis: Sequence[Diagnosis],
    judged: Iterable[Judged],
    believed: Posterior,
    causes: Sequence[Cause],
) -> Summary:
    """What the whole comes to. `causes` are those of the diagnosis."""
    judged = tuple(judged)
    stated = [one for one in diagnosis if one.probability >= STATED]
    if stated:
        return Summary(f"Fault found: {stated[0].title}")
    if diagnosis:
        return Summary(UNTOLD, _in_common(causes, judged, believed))
    unread = blocking(judged)
    if unread and verdict is Outcome.NOT_ENOUGH_ACCESS:
        return Summary(unread[0].finding.summary)
    return Summary(HEADLINES[verdict])


def _in_common(causes: Sequence[Cause], judged: Sequence[Judged], believed: Posterior) -> str:
    """The family, where it is likelier than not; else the loss that each candidate accounts for."""
    families = {cause.family: believed.of_family(cause.family) for cause in causes}
    likeliest = max(families, key=lambda family: families[family])
    if len(families) == 1 or families[likeliest] >= STATED:
        return f"{FAMILIES[likeliest]} (family {likeliest}, {min(families[likeliest], _NEVER_SURE) * 100:.0f} %)"
    return next((text for fact, text in FACTS.items() if _all_expect(causes, fact=fact)), "") or next(
        (one.finding.summary for one in judged if _is_loss(one) and _all_expect(causes, one.check.id)), ""
    )


def _is_loss(one: Judged) -> bool:
    return one.finding.status is Status.FAIL and one.check.role == "loss"


def _all_expect(causes: Sequence[Cause], check: str = "", fact: str = "") -> bool:
    return all(cause.expects(check, fact) >= _ACCOUNTS for cause in causes)

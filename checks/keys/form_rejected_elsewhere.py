"""Does a node accept a form that another node made?"""

from collections.abc import Iterable

from sessiondoctor.api import (
    Confidence,
    Fine,
    Forms,
    FormTry,
    Inconclusive,
    Problem,
    Severity,
    Topology,
    Verdicts,
    Visits,
    check,
)

SERVER_ERROR = 500
OF_THE_SESSION = {400, 403, 419, 440}  # what a site says of a form is mostly said with 200, or 422
OUTLIER_AMONG = 3
STATES = {"accepted": "kept", "rejected": "lost", "error": "error", "unknown": "unknown"}


@check(severity=Severity.HIGH, role="loss", shows="session-unknown-elsewhere")
def form_rejected_elsewhere(forms: Forms, visits: Visits | None, topology: Topology) -> Verdicts:
    """A form that one node made is rejected by another.

    Opens the declared form on each node and sends it to each, directly and through the public entry. It counts only
    where nodes accept their own forms, or where the entry alone was asked and led each form to another node, as a
    balancer does that gives two nodes turns: then the status is one of a session's. Where mode is sticky, or nothing is
    declared and the balancer keeps each client on its node, only what comes through the public entry counts.
    """
    sticky = _is_sticky(visits, topology)
    direct = () if sticky else forms.direct
    every = (*direct, *forms.through_entry)
    if not forms.direct and forms.through_entry and all(map(_is_strange, forms.through_entry)):
        text = f"no form is accepted by another node than the one that made it: {_pairs(forms.through_entry)}"
        yield Problem(text, confidence=Confidence.TENTATIVE)
        return
    if not any(one.state == "accepted" for one in (*forms.direct, *forms.through_entry)):
        raise Inconclusive(_why_none(every))
    seen = {"matrix": _matrix(direct)} if direct else {}
    refused = [*_refused(direct, _own(direct)), *_refused(forms.through_entry)]
    sent_on = [one for one in every if _moved(one) and one.state == "accepted"]
    if refused:
        yield Problem(
            f"forms are rejected by another node: {_pairs(refused)}", where=_outlier(direct, refused), seen=seen
        )
    elif any(one.state == "rejected" for one in forms.through_entry):
        count = sum(one.state == "rejected" for one in forms.through_entry)
        text = f"{count} of {len(forms.through_entry)} fresh forms are rejected at the public entry"
        yield Problem(text, seen=seen, confidence=Confidence.TENTATIVE)
    elif sent_on:
        yield Fine(f"{len(sent_on)} forms are accepted by another node than the one that made them", seen=seen)
    elif sticky:
        yield Fine("forms are accepted at the public entry", power=0.0)
    else:
        raise Inconclusive("every form was sent to the node that made it; declare nodes with url")


def _is_sticky(visits: Visits | None, topology: Topology) -> bool:
    return topology.mode() == "sticky" or (topology.site.mode == "auto" and visits is not None and visits.binds)


def _is_strange(one: FormTry) -> bool:
    """Whether another node than the one that made it rejected a form, with a status of sessions."""
    return _moved(one) and one.state == "rejected" and one.status in OF_THE_SESSION


def _pairs(tries: Iterable[FormTry]) -> str:
    return ", ".join(sorted({f"{one.opened_on} -> {one.sent_to}" for one in tries})[:6])


def _moved(one: FormTry) -> bool:
    return bool(one.opened_on and one.sent_to) and one.opened_on != one.sent_to


def _own(direct: tuple[FormTry, ...]) -> set[str]:
    """The nodes that accept their own forms."""
    return {one.sent_to for one in direct if one.opened_on == one.sent_to and one.state == "accepted"}


def _refused(tries: tuple[FormTry, ...], sound: set[str] | None = None) -> list[FormTry]:
    """Forms that another node did not take; with `sound`, only between these nodes."""
    bad = [one for one in tries if _moved(one) and (one.state == "rejected" or one.status >= SERVER_ERROR)]
    return [one for one in bad if sound is None or {one.opened_on, one.sent_to} <= sound]


def _outlier(direct: tuple[FormTry, ...], refused: list[FormTry]) -> tuple[str, ...]:
    """The one node that all refusals have in common, among three or more."""
    nodes = _own(direct)
    common = [node for node in sorted(nodes) if all(node in {one.opened_on, one.sent_to} for one in refused)]
    return tuple(common) if len(common) == 1 and len(nodes) >= OUTLIER_AMONG else ()


def _matrix(direct: tuple[FormTry, ...]) -> dict[str, object]:
    """The tries as a picture: rows opened on, columns sent to."""
    nodes = list(dict.fromkeys(one.opened_on for one in direct))
    states = {(one.opened_on, one.sent_to): STATES[one.state] for one in direct}
    return {"nodes": nodes, "rows": [[states.get((i, j), "unknown") for j in nodes] for i in nodes]}


def _why_none(tries: tuple[FormTry, ...]) -> str:
    trouble = next((one.trouble for one in tries if one.trouble), "")
    refused = sorted({one.status for one in tries if one.state == "rejected"})
    said = trouble or f"status {', '.join(map(str, refused))}"
    return f"no form is accepted at all ({said}); correct site.flow.form if it is declared wrongly"

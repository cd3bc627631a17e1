"""The steps of one flow on two nodes: what one of them began, and the other was sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

StepState = Literal["accepted", "refused", "error", "unknown"]


@dataclass(frozen=True, slots=True)
class StepTest:
    """One flow whose first steps went to one node, and the others to another.

    Attributes:
        begun_on: where the first steps were answered; it takes the whole flow when all steps go there.
        sent_to: where the step in question was sent.
        step: method and path of that step.
        state: whether it went through there as it does on the first node.
        status: of its final response.
        refusal: what the refusal said, one line of the page without secrets; empty if it went through.
    """

    begun_on: str
    sent_to: str
    step: str
    state: StepState
    status: int = 0
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class StepTests:
    """All of them.

    Attributes:
        whole: nodes on which the whole flow works.
    """

    whole: tuple[str, ...] = ()
    tests: tuple[StepTest, ...] = ()

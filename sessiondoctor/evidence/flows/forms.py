"""Forms with a CSRF token: opened on one node, sent to another."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FormState = Literal["accepted", "rejected", "error", "unknown"]


@dataclass(frozen=True, slots=True)
class FormTry:
    """A form that was opened and then sent.

    Attributes:
        opened_on: the node that made the form, as named in the topology, else as the marker says; empty if unknown.
        sent_to: the node that took it.
        state: what the node that took it said.
        status: of the response to the sent form.
        session_kept: whether the session's state was still there after it; None if that was not asked.
        renewed: whether sending it replaced the session id.
        trouble: why there was no usable answer; empty otherwise.
    """

    opened_on: str
    sent_to: str
    state: FormState
    status: int = 0
    session_kept: bool | None = None
    renewed: bool = False
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Forms:
    """All tries.

    Attributes:
        through_entry: by clients of the public entry.
        direct: opened on each node and sent to each, without the load balancer; empty without node URLs.
        tokens_shared: how many new clients were shown a token that another new client was shown, too: a cached form.
        cached: whether a response that holds the form says that a shared cache may keep it.
    """

    through_entry: tuple[FormTry, ...]
    direct: tuple[FormTry, ...] = ()
    tokens_shared: int = 0
    cached: bool = False

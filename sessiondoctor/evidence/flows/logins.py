"""What logging in does to a session: its id before and after, and who knows it right afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sessiondoctor.evidence.entry.visits import Trace

LoginState = Literal["in", "out", "error", "unknown"]


@dataclass(frozen=True, slots=True)
class Recognition:
    """Whether one node, asked directly, takes the client for logged in.

    Attributes:
        at_once: right after the login, with the cookies that it gave.
        later: once more after about a second; heals if the id or the state came late.
    """

    node: str
    at_once: LoginState
    later: LoginState = "unknown"
    status: int = 0


@dataclass(frozen=True, slots=True)
class Login:
    """One run of the declared login through the public entry.

    Attributes:
        before: token of the session id that the client sent with the first step of the login that posts something
            (with the last step, if none does); empty without one, or if the login did not come to its end.
        after: token of the session id that the login gave it, whatever a page after it did; empty likewise.
        steps: the steps of the login in order, each with its final response; the site was opened before.
        looks: the requests of `logged_in` through the public entry, right after; `kept` means logged in.
        nodes: what each node says, asked directly; empty without node URLs, `unknown` without `logged_in`.
        trouble: why the login did not come to its end; empty otherwise.
    """

    before: str
    after: str
    steps: Trace
    looks: Trace
    nodes: tuple[Recognition, ...] = ()
    trouble: str = ""

    @property
    def rotated(self) -> bool | None:
        """Whether the login changed the session id; None if there was none before or after."""
        return self.before != self.after if self.before and self.after else None


@dataclass(frozen=True, slots=True)
class Logins:
    """All runs: of a new visitor, then of one who has taken the steps of `write` before.

    `comparable` is False where equal sessions have unequal cookies (encrypted or client-side ones).
    """

    runs: tuple[Login, ...]
    comparable: bool = True

    @property
    def clients(self) -> dict[str, Trace]:
        """What every client did, by the name that a report gives it."""
        return {f"login {n}": Trace(run.steps.exchanges + run.looks.exchanges) for n, run in enumerate(self.runs, 1)}

    def client(self, run: Login) -> str:
        """The name of the client that made this login."""
        return f"login {self.runs.index(run) + 1}"

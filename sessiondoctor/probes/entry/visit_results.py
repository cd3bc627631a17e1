"""What the clients of the public entry recorded."""

from __future__ import annotations

from dataclasses import dataclass

from sessiondoctor.probes.browser.results import Answer
from sessiondoctor.probes.responses.interpreter import ClientTrace, TimedResult


@dataclass(frozen=True, slots=True)
class VisitResults:
    """All that the clients recorded."""

    landing: tuple[Answer, ...]
    returning: tuple[ClientTrace, ...]
    fresh: tuple[TimedResult, ...] = ()
    raw: tuple[ClientTrace, ...] = ()
    without_affinity: tuple[ClientTrace, ...] = ()
    frozen: tuple[ClientTrace, ...] = ()
    kept_alive: tuple[ClientTrace, ...] = ()
    rereads: tuple[tuple[ClientTrace, TimedResult], ...] = ()
    new_clients: tuple[TimedResult, ...] = ()
    login: bool = False

    @property
    def tracks(self) -> tuple[ClientTrace, ...]:
        """Those of all clients that made more than one visit."""
        return (*self.returning, *self.raw, *self.without_affinity, *self.frozen, *self.kept_alive)

    @property
    def firsts(self) -> tuple[TimedResult, ...]:
        """The first visit of each client that came with an empty jar and sends back what a browser does."""
        if self.login:
            return self.fresh
        return (*self.fresh, *(track.made for track in self.returning))

    @property
    def browsing(self) -> tuple[Answer, ...]:
        """The responses to clients that send back what a browser does, in the order of the visits."""
        records = [*self.fresh, *self.new_clients, *(record for track in self.returning for record in track.records)]
        ordered = sorted(records, key=lambda record: record.at_s)
        return (*self.landing, *(answer for record in ordered for answer in record.turn.answers))

    @property
    def answers(self) -> tuple[Answer, ...]:
        """All responses."""
        tracks = (*self.raw, *self.without_affinity, *self.frozen, *self.kept_alive)
        others = (answer for track in tracks for answer in track.answers)
        again = (answer for _, record in self.rereads for answer in record.turn.answers)
        return (*self.browsing, *others, *again)

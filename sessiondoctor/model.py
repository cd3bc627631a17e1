"""What a scan says: findings, causes, diagnosis, report. Frozen data, no behaviour beyond reading it.

The shapes of `Finding`, `Diagnosis`, `Advice`, `NextStep`, `Strip`, `ClockTable`, `SiteSeen` and `Report` are those of
the JSON report, schema `sessiondoctor-report/1`: a change here is a change of that schema.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from sessiondoctor.evidence.location import Location

SCHEMA = "sessiondoctor-report/1"
HERE = "this machine"
STATED = 0.5
"""From this probability on a cause is the answer; below, it is a candidate."""


class Status(StrEnum):
    """A check's answer for one subject. Only `PASS` says that something was looked at and found right."""

    PASS = "pass"  # noqa: S105 - not a password
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    NOT_APPLICABLE = "not-applicable"
    ERROR = "error"
    SKIPPED = "skipped"


class Severity(StrEnum):
    """The impact on users' sessions, worst first."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    @property
    def rank(self) -> int:
        """0 for the worst; sorts findings and compares with `--fail-on`."""
        return list(Severity).index(self)


class Confidence(StrEnum):
    """The strength of the evidence behind a finding."""

    CERTAIN = "certain"
    FIRM = "firm"
    TENTATIVE = "tentative"


class Outcome(StrEnum):
    """The overall answer of a scan; the last two are results, not failures to find one."""

    FAULT_FOUND = "fault-found"
    NO_FAULT_FOUND = "no-fault-found"
    NOT_ENOUGH_ACCESS = "not-enough-access"


@dataclass(frozen=True, slots=True)
class Finding:
    """A check's answer for one subject.

    Attributes:
        check: kebab-case id of the check.
        family: affinity, edge, keys, store, replication, serialization, time, app or network.
        subject: name of the node, balancer, store ... as in the topology; `site` for the whole.
        summary: one sentence, present tense, no secrets.
        seen: JSON-shaped facts the answer rests on. Three keys are pictures that every renderer knows:
            `client` (one of the report's `requests`), `matrix` (rows of cells), `histogram` (title, bars).
        reason: why it is inconclusive, not-applicable, in error or skipped; empty otherwise.
        fingerprint: stable between runs: no line, time, address or session id goes in.
    """

    check: str
    family: str
    status: Status
    severity: Severity
    confidence: Confidence
    subject: str
    summary: str
    seen: dict[str, Any] = field(default_factory=dict)
    reason: str = ""
    at: Location | None = None
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Because:
    """One finding that speaks for or against a cause; `weight` in bits, positive in both lists.

    `at`: the line of a file that it rests on, if there is one.
    """

    check: str
    subject: str
    summary: str
    weight: float
    at: Location | None = None


@dataclass(frozen=True, slots=True)
class Solution:
    """How to end it, for the user's stack."""

    summary: str
    stack: str
    steps: tuple[str, ...]
    alternatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """A root cause, stated or a candidate; `probability` is 0..1.

    `requires`: whether each thing that it cannot be without is there: `yes` or `unknown`.
    """

    cause: str
    family: str
    title: str
    severity: Severity
    probability: float
    where: tuple[str, ...]
    because: tuple[Because, ...]
    against: tuple[Because, ...]
    explains: tuple[str, ...]
    solution: Solution
    verify: str
    requires: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A cause that stays possible without being the answer; reports of earlier versions have no title."""

    cause: str
    probability: float
    title: str = ""


@dataclass(frozen=True, slots=True)
class Advice:
    """Hygiene or a risk: true, worth doing, not the reason for the loss. `at`: the line of a file that shows it."""

    cause: str
    title: str
    severity: Severity
    where: tuple[str, ...]
    solution: Solution
    verify: str
    at: Location | None = None


@dataclass(frozen=True, slots=True)
class NextStep:
    """An unanswered check that would tell most, and what to do to get its answer.

    `paste`: lines for the topology file, or a command; empty where words have to do.
    """

    check: str
    gain_bits: float
    how: str
    paste: str = ""


@dataclass(frozen=True, slots=True)
class ClientRequest:
    """One request of a client.

    Attributes:
        node: who answered; empty if unknown. `named_by` is how that is known.
        state: kept, lost or unknown: whether what the client wrote is still there. The first request writes.
        status: of the response; 0 if there was none, `trouble` says why.
        session: token of the session id that the client holds after it; empty if none.
        renewed: the response replaced that id by another.
        at_s: seconds since the first visit.
        dropped: cookies of the response that a browser does not keep or send back, as `name: reason`.
    """

    node: str = ""
    state: str = "unknown"
    status: int = 0
    session: str = ""
    renewed: bool = False
    at_s: float = 0.0
    named_by: str = ""
    trouble: str = ""
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ClientHistory:
    """What happened to one client, request by request; `client` in a finding's `seen` names one.

    Attributes:
        client: its kind, and its number where there are several: `returning 1`, `fresh`, `without affinity cookie 2`,
            `frozen`, `raw`, `kept alive`, `login 1`, `through` and the other entry point that it came back to.
        summary: its course in one line.
        requests: in order; none where the summary has to do.
    """

    client: str
    summary: str
    requests: tuple[ClientRequest, ...] = ()


def kind_of(client: str) -> str:
    """The kind of a client: its name without its number, or without the entry point."""
    return "through" if client.startswith("through ") else client.rstrip("0123456789").strip()


ClockKind = Literal["node", "balancer", "store", "time-server", "here"]


@dataclass(frozen=True, slots=True)
class ClockOffset:
    """How far one clock is ahead of the reference; the truth lies within +-`uncertainty_s` of `offset_s`.

    Attributes:
        subject: its name in the topology, host:port of a time server, or `this machine`.
        source: what told the time: http-date, redis-time, memcached-time, ntp, affinity-cookie, session-cookie or
            token; empty for this machine itself.
    """

    subject: str
    kind: ClockKind
    source: str
    offset_s: float
    uncertainty_s: float


@dataclass(frozen=True, slots=True)
class ClockTable:
    """All clocks, relative to the `reference`: a declared time server (host:port), or `this machine`.

    A subject stands once, as it was read best; again only where another reading of it contradicts that one.
    """

    reference: str
    offsets: tuple[ClockOffset, ...]


@dataclass(frozen=True, slots=True)
class LogSummary:
    """What one access log shows: sessions, and the nodes that they met."""

    file: str
    format: str
    lines: int
    unread_lines: int
    sessions: int
    sessions_on_several_nodes: int
    sessions_with_several_addresses: int
    requests_on_several_nodes: int
    nodes: dict[str, int] = field(default_factory=dict)


PartRole = Literal["site", "balancer", "node", "store"]


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the site, as it was declared or seen; the report draws them.

    Attributes:
        kind: the product, such as haproxy or redis; empty where unknown.
        sends_to: names of the parts that it sends requests to.
        line: where the topology file declares it; 0 if it does not.
    """

    name: str
    role: PartRole
    kind: str = ""
    sends_to: tuple[str, ...] = ()
    line: int = 0


@dataclass(frozen=True, slots=True)
class Accepted:
    """What an earlier report, given as `--baseline`, has already; it does not change the exit code.

    Attributes:
        report: the file, as the user named it.
        causes: ids of stated causes.
        fingerprints: those of failed findings.
    """

    report: str
    causes: tuple[str, ...] = ()
    fingerprints: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SiteSeen:
    """What a site looks like, and by what its sessions were followed where no flow is declared.

    Attributes:
        product: the name of the product's page; empty if none was recognised.
        title: what people call it, with its version where that is told.
        certainty: 0..1.
        because: what it was recognised by.
        says: where its sessions live, and what all its nodes need the same.
        followed_by: what shows whether a session is kept.
        why_not: why nothing does.
    """

    product: str = ""
    title: str = ""
    certainty: float = 0.0
    because: tuple[str, ...] = ()
    says: str = ""
    followed_by: str = ""
    why_not: str = ""


@dataclass(frozen=True, slots=True)
class Tool:
    """Which program wrote the report."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class Report:
    """Everything one scan has to say.

    Attributes:
        diagnosis: the causes that are more likely than not; else, where state was lost, three candidates at most, each
            with a probability below 0.5.
        requests: those of the clients at the public entry.
        clocks: those that were read, two at least.
        headline: the answer in one sentence; empty in older reports.
        logs: access logs that were read.
        in_common: what the candidates have in common; empty where the cause is stated.
        asked: the checks that were asked for by name or family, where nothing else was; then nothing is diagnosed.
        scanned_url: where the target redirected to, if that was scanned in its place.
        parts: of the site, from its entry to its stores.
        counts: ids of causes and fingerprints of findings that make the exit code 1; None in older reports.
        accepted: what the baseline has already; None without a baseline.
        site: what it looks like; None if nobody looked, or it looks like nothing known.
        limits: what cut a count short or slowed the scan down, a sentence each.
    """

    schema: str
    tool: Tool
    target: str
    started_at: str
    duration_s: float
    complete: bool
    exit_code: int
    verdict: Outcome
    diagnosis: tuple[Diagnosis, ...]
    differential: tuple[Candidate, ...]
    advice: tuple[Advice, ...]
    findings: tuple[Finding, ...]
    next_steps: tuple[NextStep, ...]
    requests: tuple[ClientHistory, ...] = ()
    clocks: ClockTable | None = None
    headline: str = ""
    in_common: str = ""
    asked: tuple[str, ...] = ()
    logs: tuple[LogSummary, ...] = ()
    scanned_url: str = ""
    parts: tuple[Part, ...] = ()
    counts: tuple[str, ...] | None = None
    accepted: Accepted | None = None
    site: SiteSeen | None = None
    limits: tuple[str, ...] = ()

    @property
    def stated(self) -> tuple[Diagnosis, ...]:
        """The causes that are stated as the answer."""
        return tuple(one for one in self.diagnosis if one.probability >= STATED)

    @property
    def candidates(self) -> tuple[Diagnosis, ...]:
        """Where none is: those that it may be."""
        return () if self.stated else self.diagnosis

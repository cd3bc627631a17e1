"""The replay matrix: a session made on one node, read on every other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from sessiondoctor.evidence.network.clocks import Reading
from sessiondoctor.evidence.responses.cookie import Cookie

if TYPE_CHECKING:
    from collections.abc import Iterable

CellState = Literal["kept", "lost", "error", "unknown"]
IdFate = Literal["same", "rewritten", "renewed", "dropped", "unknown"]
Reach = Literal["direct", "steered"]
_NO_ANSWER = {0, 429}


@dataclass(frozen=True, slots=True)
class NodeVisit:
    """What one node said when asked directly, or through a balancer that was led to it.

    Attributes:
        refused: the node refused or reset the connection: an observation, not "could not look".
        trouble: any other reason why there is no usable answer; empty if there is one.
        headers: version-like response headers (server, x-powered-by, x-version ...), lower-case names.
        cookies: first Set-Cookie of each name on write.
        header_bytes: size of the response's headers; 0 if not asked directly.
        session: token of the id of the session made here; empty if none was issued.
        cookies_if_http: names of the cookies set when the request does not say `X-Forwarded-Proto: https`.
        cookies_if_https: names of the cookies set when it does; both are None if that was not asked.
        signed_by: nodes whose declared secret verifies the session cookie that this node set; None where no secret
            is declared, or the cookie is not signed in a way that can be verified.
        unverified: what is missing here to verify it by the declared secrets; empty if nothing is.
        bare_name: its session cookie's name, with the address that it was asked at taken out.
        page_keys: ids of the Data Protection keys in its page and its cookies.
        clock: the node's clock by the time that it wrote into its session cookie; None where it writes none.
    """

    node: str
    status: int = 0
    refused: bool = False
    trouble: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    cookies: tuple[Cookie, ...] = ()
    session: str = ""
    header_bytes: int = 0
    cookies_if_http: tuple[str, ...] | None = None
    cookies_if_https: tuple[str, ...] | None = None
    signed_by: tuple[str, ...] | None = None
    unverified: str = ""
    clock: Reading | None = None
    bare_name: str = ""
    page_keys: tuple[str, ...] = ()

    @property
    def session_cookie(self) -> Cookie | None:
        """The session cookie this node set, if any."""
        return next((cookie for cookie in self.cookies if cookie.role == "session"), None)


@dataclass(frozen=True, slots=True)
class Cell:
    """A session made on `created_on`, then read (and written) on `read_on`.

    Attributes:
        state: whether `read_on` shows the state.
        id_fate: what `read_on` did to the session id: the same, rewritten (same base, other route), renewed
            (another base), dropped (a deletion).
        back: the state on `created_on` afterwards with the original cookie; `lost` here and in `back_newest`
            means a destructive miss.
        back_newest: likewise with the newest cookie.
        status: HTTP status of the read on `read_on`.
        seen: state in each round, oldest first, each of another session.
    """

    created_on: str
    read_on: str
    state: CellState
    id_fate: IdFate = "unknown"
    back: CellState = "unknown"
    back_newest: CellState = "unknown"
    status: int = 0
    trouble: str = ""
    seen: tuple[CellState, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether one session was kept and another lost: a race, a lag, eviction, or a choice by the session's id."""
        return {"kept", "lost"} <= set(self.seen)


@dataclass(frozen=True, slots=True)
class Replay:
    """The matrix.

    `flow` says whether state itself was followed; without it only ids are, and `kept` never occurs on another
    node (an unchanged id proves nothing).

    Attributes:
        way: how the nodes were reached: at their own URLs, or through the load balancer by its affinity cookies or
            routes. Steered, a cell is `unknown` unless its node answered, as far as that can be seen; no visit is
            `refused`, and a node that was not met is not in `nodes`.
    """

    nodes: tuple[str, ...]
    visits: tuple[NodeVisit, ...]
    cells: tuple[Cell, ...]
    flow: bool
    rounds: int = 1
    way: Reach = "direct"

    @property
    def is_empty(self) -> bool:
        """Whether no node gave an answer to judge by: none at all, or Too Many Requests."""
        seen = any(cell.state in {"kept", "lost"} for cell in self.cells)
        return not seen and all(visit.status in _NO_ANSWER for visit in self.visits)

    def cell(self, created_on: str, read_on: str) -> Cell | None:
        """The cell of a pair, if it was asked."""
        return next((c for c in self.cells if (c.created_on, c.read_on) == (created_on, read_on)), None)

    def unless_kept(self, pairs: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
        """Those pairs of maker and reader of which the reader was not seen to know the maker's sessions."""
        cells = ((pair, self.cell(*pair)) for pair in pairs)
        return tuple(pair for pair, cell in cells if cell is None or cell.state != "kept")

    def visit(self, node: str) -> NodeVisit | None:
        """What `node` said."""
        return next((visit for visit in self.visits if visit.node == node), None)

    def matrix(self) -> dict[str, Any]:
        """The cells as a picture: rows made on, columns read on (`sessiondoctor.report.pictures`)."""
        rows = [[cell.state if (cell := self.cell(i, j)) else "unknown" for j in self.nodes] for i in self.nodes]
        return {"nodes": list(self.nodes), "rows": rows}

    @property
    def answered(self) -> tuple[Cell, ...]:
        """The cells of nodes that answered: what a node does not answer says nothing about sessions."""
        silent = {visit.node for visit in self.visits if visit.refused or visit.trouble}
        return tuple(cell for cell in self.cells if not {cell.created_on, cell.read_on} & silent)

    @property
    def own(self) -> tuple[Cell, ...]:
        """The diagonal: read where it was made."""
        return tuple(cell for cell in self.answered if cell.created_on == cell.read_on)

    @property
    def other(self) -> tuple[Cell, ...]:
        """Off the diagonal: read elsewhere."""
        return tuple(cell for cell in self.answered if cell.created_on != cell.read_on)

    @property
    def outlier(self) -> str:
        """The one node whose row and column are lost while the rest agree (three nodes or more); empty if none."""
        bad = {(cell.created_on, cell.read_on) for cell in self.other if cell.state in {"lost", "error"}}
        nodes = {cell.created_on for cell in self.answered} | {cell.read_on for cell in self.answered}
        if not bad or len(nodes) < 3:  # with two nodes neither is the odd one
            return ""
        common = [node for node in self.nodes if all(node in pair for pair in bad)]
        return common[0] if len(common) == 1 else ""  # of a single pair neither is the odd one

"""All that is known of a site when causes are weighed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from sessiondoctor.evidence.configs.files import Configs
from sessiondoctor.evidence.entry.entry_points import EntryPoints
from sessiondoctor.evidence.entry.visits import Visits
from sessiondoctor.evidence.gathered import Gathered
from sessiondoctor.evidence.nodes.replay import Replay
from sessiondoctor.products.page import Product
from sessiondoctor.topology.model import Topology

if TYPE_CHECKING:
    from sessiondoctor.evidence.responses.cookie import Cookie
    from sessiondoctor.topology.steps import Step


E = TypeVar("E")

_TRAVELLING = frozenset({"external", "replicated", "client-side"})


@dataclass(frozen=True, slots=True)
class Scene:
    """All that is known of a site.

    `hints`: what the application and the products in front of it are, as far as that is known; the first is the stack.
    `product`: what is known of the application, if it is a known product.
    """

    topology: Topology
    gathered: Gathered
    hints: tuple[str, ...] = ()
    product: Product | None = None

    @property
    def stack(self) -> str:
        """What the application runs on; empty where it is neither declared nor recognised."""
        return self.hints[0] if self.hints else ""

    def all(self, kind: type[E]) -> tuple[E, ...]:
        """Every piece of evidence of a kind."""
        return tuple(piece.value for piece in self.gathered.of(kind) if piece.value is not None)

    @property
    def modes(self) -> frozenset[str]:
        """How state may be meant to be shared.

        As declared. Where nobody says it, a node that knows another one's session shows that sessions are meant to
        travel: nothing has to keep a client on its node then, though other nodes may not know the session.
        """
        mode = self.topology.mode()
        return _TRAVELLING if mode == "unknown" and self._sessions_travel else frozenset({mode})

    @property
    def _sessions_travel(self) -> bool:
        """Whether a node was seen to know a session that another one had made."""
        matrix = any(cell.state == "kept" for replay in self._matrices for cell in replay.other)
        visits = self.visits
        kept, lost = (visits.pairs("kept"), visits.pairs("lost")) if visits else (set(), set())
        return matrix or (bool(kept and lost) and kept.isdisjoint(lost))

    @property
    def sessions_known_everywhere(self) -> bool:
        """Whether each of two or more nodes that were asked knows every other one's sessions."""
        asked = {cell.read_on for replay in self._matrices for cell in replay.other}
        kept = all(cell.state == "kept" for replay in self._matrices for cell in replay.cells)
        return kept and len(asked) >= max(len(self.topology.nodes), 2)

    @property
    def _matrices(self) -> tuple[Replay, ...]:
        """State followed from node to node, each asked at its own URL."""
        return tuple(replay for replay in self.all(Replay) if replay.flow and replay.way == "direct")

    @property
    def configs(self) -> Configs:
        """What configuration files say; empty where there are none."""
        return next(iter(self.all(Configs)), Configs())

    @property
    def visits(self) -> Visits | None:
        """What clients saw at the public entry."""
        return next(iter(self.all(Visits)), None)

    @property
    def entry_unseen(self) -> bool:
        """Whether the visits at the public entry were planned and could not be made: nodes alone give no all-clear."""
        return any(piece.value is None and not piece.absent for piece in self.gathered.of(Visits))

    @property
    def cookies(self) -> tuple[Cookie, ...]:
        """Every cookie that the site or a node set."""
        of_site = [cookie for visits in self.all(Visits) for cookie in visits.cookies]
        of_nodes = [cookie for replay in self.all(Replay) for visit in replay.visits for cookie in visit.cookies]
        return (*of_site, *of_nodes)

    @property
    def session_cookies(self) -> tuple[Cookie, ...]:
        """Those of them that hold a session or its id."""
        return tuple(cookie for cookie in self.cookies if cookie.role == "session")

    @property
    def nodes(self) -> frozenset[str]:
        """The names of all nodes that are declared, or answered."""
        declared = {node.name for node in self.topology.nodes}
        of_site = {name for visits in self.all(Visits) for name in visits.nodes}
        tests = (test for points in self.all(EntryPoints) for test in points.entry_tests)
        elsewhere = {one.node for test in tests for one in (test.made, *test.there, *test.back) if one.node}
        return frozenset(declared | of_site | elsewhere)

    @property
    def steps(self) -> tuple[Step, ...]:
        """Every step of the declared flow."""
        flow = self.topology.site.flow
        return (*flow.login, *flow.logged_in, *flow.write, *flow.read, *flow.form, *flow.grow)

    @property
    def urls(self) -> tuple[str, ...]:
        """Every URL of the site that was declared or that it led to."""
        site = self.topology.site
        seen = [url for visits in self.all(Visits) for url in (visits.url, *visits.redirected_to)]
        leads = [test.leads_to for points in self.all(EntryPoints) for test in points.entry_tests]
        return (site.url, *site.urls, *seen, *leads)

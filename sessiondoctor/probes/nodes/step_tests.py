"""The steps of a flow on two nodes: a form or a login that one of them began is sent to the other."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from html import unescape
from typing import TYPE_CHECKING

from sessiondoctor.context import Context
from sessiondoctor.evidence.nodes.step_tests import StepState, StepTest, StepTests
from sessiondoctor.probes.browser.accounts import Accounts
from sessiondoctor.probes.browser.budget import Spent
from sessiondoctor.probes.browser.flow import named
from sessiondoctor.probes.browser.recipe import Recipe, leads_to_login, read_state
from sessiondoctor.probes.browser.targets import REDIRECTED
from sessiondoctor.probes.contract import Absent, Probe
from sessiondoctor.probes.flows.visitors import Bounds, Callers, timeout_of
from sessiondoctor.probes.nodes.replay import asked, target
from sessiondoctor.topology.steps import Step
from sessiondoctor.wire.address import split_url

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.context import Options
    from sessiondoctor.probes.browser.client import Client
    from sessiondoctor.probes.browser.results import FlowResult, StepResult
    from sessiondoctor.topology.model import Node, Topology
    from sessiondoctor.topology.steps import Flow

_READING = {"GET", "HEAD"}
_LONGEST = 120
_HEADING = re.compile(r"(?is)<(title|h1)\b[^>]{0,200}>(.{1,400}?)</\1>")
_PASSWORD = re.compile(r"(?i)<input\b[^>]{0,400}\btype\s*=\s*[\"']?password")
_TAG = re.compile(r"(?s)<[^>]{0,400}>")
_HINT = "declare the whole way of a form in site.flow: the step that opens it, and the one that sends it"


def plan(topology: Topology, options: Options) -> Iterator[Probe | Absent]:
    """One probe, if a flow has steps that two nodes can be asked apart."""
    nodes, cut = asked(topology)[:2], cut_of(topology.site.flow)
    if len(nodes) < 2 or not cut:
        yield Absent(StepTests, "site", "no form or login has a step of its own that opens it", _HINT)
        return
    yield Probe(
        evidence=StepTests,
        subject="site",
        describe=f"{named(cut.later[0])} of a flow that another node began, sent to each of {len(nodes)} nodes",
        contacts=bounds_of(topology).contacts(topology),
        ask=_ask,
        timeout_s=timeout_of(options),
    )


@dataclass(frozen=True, slots=True)
class Cut:
    """A flow in two parts.

    Attributes:
        login: these are steps of a login, which is not to be repeated often.
        read: what shows that it worked.
    """

    earlier: tuple[Step, ...]
    later: tuple[Step, ...]
    login: bool
    read: tuple[Step, ...]


def cut_of(flow: Flow) -> Cut | None:
    """The login, else the write, cut before the first step that sends what an earlier one opened; None without one."""
    for steps, login, read in ((flow.login, True, flow.logged_in), (flow.write, False, flow.read)):
        at = next((n for n, step in enumerate(steps) if n and step.method not in _READING), 0)
        if at:
            return Cut(tuple(steps[:at]), tuple(steps[at:]), login, tuple(read))
        if flow.login:
            return None  # a write needs the login first, and that has no step that could be sent elsewhere
    return None


def bounds_of(topology: Topology) -> Bounds:
    """The most requests: the whole flow on one node, then in two parts in both directions."""
    cut, nodes = cut_of(topology.site.flow), asked(topology)[:2]
    direct: Counter[str] = Counter()
    if cut:
        once = len(cut.earlier) + len(cut.later) + len(cut.read)
        for node in nodes:
            direct[target(node).authority] += REDIRECTED * 2 * once
    return Bounds(0, direct)


async def _ask(context: Context) -> StepTests:
    cut, nodes = cut_of(context.topology.site.flow), asked(context.topology)[:2]
    assert cut
    tester = _Tester(context, Callers.within(bounds_of(context.topology), context), cut)
    pairs = ((nodes[0], nodes[1]), (nodes[1], nodes[0]))
    whole, tests = [], []
    for begun_on, sent_to in pairs[:1] if cut.login else pairs:
        if not await tester.works_on(begun_on):
            continue
        whole.append(begun_on.name)
        if test := await tester.test(begun_on, sent_to):
            tests.append(test)
    return StepTests(tuple(whole), tuple(tests))


@dataclass(frozen=True, slots=True)
class _Tester:
    """Runs the parts."""

    context: Context
    callers: Callers
    cut: Cut

    async def works_on(self, node: Node) -> bool:
        """Whether one node takes all steps."""
        client = self.callers.at_node(node)
        try:
            if self.cut.login:
                done = await Accounts.of(self.context).enter(client, node.name)
            else:
                done = await client.steps((*self.cut.earlier, *self.cut.later))
            return done.ok and await self._shows(client)
        except Spent:
            return False

    async def test(self, begun_on: Node, sent_to: Node) -> StepTest | None:
        """The same steps, the later ones on another node; None if they may not be tried, or were not begun."""
        opener = self.callers.at_node(begun_on)
        sender = self.callers.sent_on(opener, sent_to)
        try:
            if self.cut.login:
                sent = await Accounts.of(self.context).counted(opener, sent_to.name, lambda: self._send(opener, sender))
            else:
                sent = await self._send(opener, sender)
            if sent is None or len(sent.results) <= len(self.cut.earlier):
                return None
            shown = sent.ok and await self._shows(sender)
        except Spent:
            return None
        return _told(begun_on, sent_to, self.cut, sent, shown=shown)

    async def _send(self, opener: Client, sender: Client) -> FlowResult:
        """The earlier steps, and if these went through the later ones at the other node, as if its page was opened."""
        opened = await opener.steps(self.cut.earlier)
        if not opened.ok:
            return opened
        if opener.page:
            url, there = split_url(opener.page.url), split_url(sender.target.url).origin
            sender.page = replace(opener.page, url=f"{there}{url.path}")
        return opened.then(await sender.steps(self.cut.later))

    async def _shows(self, client: Client) -> bool:
        """Whether what the steps were to bring about is there."""
        if not self.cut.read:
            return True
        recipe = Recipe(self.cut.later, self.cut.read)
        return read_state(recipe, await client.steps(self.cut.read)).state == "kept"


def _told(begun_on: Node, sent_to: Node, cut: Cut, sent: FlowResult, *, shown: bool) -> StepTest:
    """One test as evidence: the step that was not taken, else the first that another node was sent."""
    number = len(cut.earlier) if sent.ok else len(sent.results) - 1
    step = (*cut.earlier, *cut.later)[number]
    result = sent.results[number]
    state: StepState = "accepted" if shown else "unknown" if result.why == "unreachable" else "refused"
    refusal = _refusal(result, ok=sent.ok) if state == "refused" else ""
    return StepTest(begun_on.name, sent_to.name, named(step), state, result.status, refusal)


def _refusal(result: StepResult, *, ok: bool) -> str:
    """What the node said, in one line; of a page that looks like any other what is wrong with it."""
    response = result.answers[-1].response
    if leads_to_login(result) or (result.status < 400 and _PASSWORD.search(response.text)):
        return "the login page again"
    if result.why == "elsewhere":
        return "one redirect after the other"
    if ok:
        return "the next page does not know it"
    found = _HEADING.search(response.text)
    text = found[2] if found else response.text[: 4 * _LONGEST]
    words = " ".join(unescape(_TAG.sub(" ", text)).split())
    return "".join(filter(str.isprintable, words))[:_LONGEST] or result.trouble

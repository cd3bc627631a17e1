"""Before anything is measured: which product answers, and what shows whether a session is kept.

Where no flow is declared, one is looked for that needs no account and changes nothing that somebody else could see:
that of the product's page; a hidden token of a form that belongs to the session; the session's cookie, which a server
replaces when it does not know the session. Each is tried before it is believed: it must have shown the state at least
once, and it must not show it to whoever lacks the session's cookie, or has one that no server has made.
"""

from __future__ import annotations

import asyncio
import re
import secrets
import string
from dataclasses import dataclass, field, replace
from html import unescape
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, urljoin, urlsplit

from sessiondoctor.context import Context
from sessiondoctor.errors import TopologyError
from sessiondoctor.evidence.entry.acquaintance import Acquaintance
from sessiondoctor.formats.jar import Jar
from sessiondoctor.probes.browser.budget import Budget, Spent
from sessiondoctor.probes.browser.client import Client
from sessiondoctor.probes.browser.flow import named
from sessiondoctor.probes.browser.html import attribute, tree_of
from sessiondoctor.probes.browser.page_form import forms_of
from sessiondoctor.probes.browser.recipe import Recipe, read_state
from sessiondoctor.probes.browser.targets import entry
from sessiondoctor.probes.responses.cookie_roles import roles_of
from sessiondoctor.products.flow import flow_of
from sessiondoctor.products.recognition import Page, recognise
from sessiondoctor.topology.steps import Extract, Flow, Step
from sessiondoctor.wire.address import split_url

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Sequence

    from sessiondoctor.formats.jar import StoredCookie
    from sessiondoctor.probes.browser.results import Answer, FlowResult
    from sessiondoctor.probes.responses.cookie_roles import Roles
    from sessiondoctor.products.page import Product
    from sessiondoctor.products.recognition import Likeness
    from sessiondoctor.wire.message import Response

MOST_REQUESTS: Final = 60
"""Of all that is sent to get to know a site, redirects included."""

_A_SECOND = 1.1
_LOOKS = 4  # a balancer that chooses between two nodes at random leads none of so many back home once in 16 times
_MOST_LOOKS = 8
_MOST_TOKENS = 2
_MOST_PAGE = 256 * 1024  # characters
_NAME = re.compile(r"[\w.:\[\]-]{1,100}")
_TOKEN = re.compile(r"(?=.*[0-9])[A-Za-z0-9+/=_.:|$-]{8,4096}")
_LONG_PART = re.compile(r"[A-Za-z0-9]{8,}")
# A link, or a script that leads on, with a session's id in its URL: `in.jsp?jsessionid=0a1b`, `cart;jsessionid=0A1B`.
_IN_URL = re.compile(
    r"""(?i)\b(?:href|action)\s*=\s*["']([^"'<>\s]{0,300}[;?&]"""
    r"""(jsessionid|phpsessid|sessionid|session_id|sid)=)[\w.-]{12,128}"""
)
_LOGIN = re.compile(r"(?i)\b(log|sign)[-_ ]?(in|on)\b|\b(login|signin|logon|anmelden)\b")
_METAS = ("csrf-token", "_csrf", "csrf_token")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A flow that may show whether a session is kept, and how to say it."""

    flow: Flow
    told: str
    forged: bool = False


async def acquaint(context: Context, products: Iterable[Product], seconds: float) -> tuple[Acquaintance, Flow]:
    """What the site looks like, and the flow to follow its sessions by; an empty one where none is needed or found."""
    meeting = _Meeting(context, Budget(MOST_REQUESTS, seconds))
    try:
        return await meeting.meet(tuple(products))
    except Spent:
        return replace(meeting.seen, why_not="the time for a first look was used up"), Flow()


@dataclass(slots=True)
class _Meeting:
    """The first visits. `seen` is what is known so far."""

    context: Context
    budget: Budget
    seen: Acquaintance = field(default_factory=Acquaintance)

    async def meet(self, products: tuple[Product, ...]) -> tuple[Acquaintance, Flow]:
        """Open the site, recognise it, look for a flow."""
        landing = await self._client().open()
        if landing.response is None:
            return self.seen, Flow()
        named_by_user = self.context.topology.site.product
        products = tuple(one for one in products if not named_by_user or one.id == named_by_user)
        likeness = recognise(products, map(_page, landing.answers))
        product = likeness.product if likeness else next(iter(products), None) if named_by_user else None
        self.seen = _told(likeness, product)
        if is_declared(self.context.topology.site.flow):
            return self.seen, Flow()
        async for candidate in self._candidates(landing, product):
            if await self._shows_state(candidate):
                return replace(self.seen, followed_by=candidate.told), candidate.flow
        why = "no page shows without an account whether a session is kept"
        return replace(self.seen, why_not=why), Flow()

    async def _candidates(self, landing: FlowResult, product: Product | None) -> AsyncIterator[Candidate]:
        """Flows of the product, of the landing page, of the login page that it links to."""
        socket = self.context.topology.site.flow.websocket.path
        for candidate in (*_of_product(product), *self._of_page(Step(), landing)):
            # A declared socket is followed by a probe of its own: its loss is one fact, and is told once.
            if not socket or not any(step.path.startswith(socket) for step in candidate.flow.write):
                yield candidate
        path = _login_link(landing.response, self.context.topology.site.url) if landing.response else ""
        if path:
            step = Step(path=path)
            for candidate in self._of_page(step, await self._client().steps((step,))):
                yield candidate

    def _of_page(self, step: Step, turn: FlowResult) -> Iterator[Candidate]:
        response = turn.response
        session, cookie = self._session(turn), self._cookie(turn)
        if response is None or response.status >= 500:
            return
        if not cookie:
            yield from _in_urls(step, response, self.context.topology.site.url)
            return
        step = replace(step, status=response.status) if response.status >= 400 else step
        path = urlsplit(response.url).path
        for name, how in _tokens(response, _values(turn)) if session else ():
            write, read = replace(step, extract={"token": how}), replace(step, same={"token": how})
            yield Candidate(Flow(write=(write,), read=(read,)), f"the token `{name}` in the page {path}")
        whose = "does not know the session" if session else "has not signed it"
        told = f"the cookie {cookie}, which {path} replaces where it {whose}"
        yield Candidate(Flow(write=(step,), read=(replace(step, keeps=cookie),)), told, forged=True)

    def _session(self, turn: FlowResult) -> str:
        """The session cookie that was set and that a browser keeps."""
        session = roles_of(turn.settings, self.context.topology).session
        return session if session in _kept(turn) else ""

    def _cookie(self, turn: FlowResult) -> str:
        """The same; where no session was begun the CSRF cookie, which is signed with a session's key by some."""
        roles = roles_of(turn.settings, self.context.topology)
        csrf = next((name for name in _kept(turn) if roles.role_of(name) == "csrf"), "")
        return self._session(turn) or ("" if roles.session else csrf)

    async def _shows_state(self, candidate: Candidate) -> bool:
        """Whether the flow can tell a session that is kept from one that is not."""
        flow, client = candidate.flow, self._client()
        recipe = Recipe(flow.write, flow.read)
        written = await client.steps(flow.write)
        if not written.ok:
            return False
        jar, states, roles = client.jar.copy(), list[str](), roles_of(written.settings, self.context.topology)
        looks = min(_MOST_LOOKS, max(_LOOKS, len(self.context.topology.nodes) + 1))
        for number in range(looks):
            client.jar = jar.copy()
            if candidate.forged and number == looks - 1:
                await asyncio.sleep(_A_SECOND)  # a cookie that is sealed anew has the time in it, in seconds
            turn = await client.steps(flow.read)
            states.append(read_state(recipe, turn).settled(works=True).state)
            if candidate.forged and states[-1] == "kept" and _sealed_anew(turn, roles):
                return False
            if _comes_back(states):
                break
        if not _tells(states):
            return False
        client.jar = self._without_session(jar, written, forged=candidate.forged)
        if not self._cookie(written):  # what carries the session is in the steps themselves, such as the `sid` of a URL
            others = {name: _redrawn(value) for name, value in client.values.items()} if candidate.forged else {}
            client.values, client.sought = others, client.values
        return read_state(recipe, await client.steps(flow.read)).settled(works=True).state == "lost"

    def _without_session(self, jar: Jar, written: FlowResult, *, forged: bool) -> Jar:
        """The cookies of somebody who has no session, or one that no server has made."""
        session = self._cookie(written)
        others = tuple(cookie for cookie in jar.all() if cookie.name != session)
        made_up = tuple(_forged(cookie) for cookie in jar.all() if cookie.name == session and forged)
        return Jar((*others, *made_up))

    def _client(self) -> Client:
        return Client.of(self.context, entry(self.context.topology), Jar(), budget=self.budget)


def _kept(turn: FlowResult) -> list[str]:
    """Names of the cookies that were set and that a browser keeps."""
    return [one.cookie.name for one in turn.settings if not one.refused and not one.deletes]


def _sealed_anew(turn: FlowResult, roles: Roles) -> bool:
    """Whether a cookie that holds the state is set again although the server knows the session."""
    return roles.made_by.holds_state and any(roles.is_session(setting) for setting in turn.settings)


def is_declared(flow: Flow) -> bool:
    """Whether the user has said how state is seen, or how somebody logs in."""
    return bool(flow.login or flow.write or flow.read or flow.logged_in)


def _told(likeness: Likeness | None, product: Product | None) -> Acquaintance:
    if product is None:
        return Acquaintance()
    if likeness is None:
        return Acquaintance(product.id, product.title, certainty=1.0, because=("the topology says so",))
    certainty = round(likeness.certainty, 2)
    return Acquaintance(product.id, product.title, likeness.version, certainty, likeness.because)


def _of_product(product: Product | None) -> tuple[Candidate, ...]:
    """The flow of the product's page."""
    if product is None or not product.flow:
        return ()
    try:
        flow = flow_of(product)
    except TopologyError:  # of a user's page: `explain` says it
        return ()
    requests = ", ".join(named(step) for step in (*flow.write, *flow.read))
    return (Candidate(flow, f"the default flow of {product.title}: {requests}"),)


def _page(answer: Answer) -> Page:
    response = answer.response
    return Page(
        path=split_url(response.url).path,
        headers={name.lower(): value for name, value in response.headers},
        cookies=tuple(setting.cookie.name for setting in answer.settings),
        text=response.text,
    )


def _values(turn: FlowResult) -> frozenset[str]:
    """What cookies were set to, as it is and as scripts read it."""
    values = [setting.cookie.value for setting in turn.settings]
    return frozenset([*values, *map(unquote, values)])


def _tokens(response: Response, cookies: frozenset[str]) -> Iterator[tuple[str, Extract]]:
    """Hidden fields and meta elements whose value may be a token of the session.

    One that a cookie has as well is only compared with that cookie (double submit): no node keeps anything for it.
    """
    hidden = dict.fromkeys(
        name
        for form in forms_of(response)
        for name, value in form.fields
        if name not in form.shown and _NAME.fullmatch(name) and _TOKEN.fullmatch(value) and value not in cookies
    )
    found = [(name, Extract(css=f'input[name="{name}"]')) for name in hidden]
    tree = tree_of(response.text) if "<meta" in response.text else None
    for name in _METAS if tree else ():
        node = tree.css_first(f'meta[name="{name}"]') if tree else None
        if node and _TOKEN.fullmatch(attribute(node, "content") or ""):
            found.append((name, Extract(css=f'meta[name="{name}"]')))
    yield from found[:_MOST_TOKENS]


def _in_urls(step: Step, response: Response, url: str) -> Iterator[Candidate]:
    """A page that a URL with the session's id leads to: its own links have the same id, or that of a new session."""
    found = _IN_URL.search(response.text[:_MOST_PAGE])
    path = _path_below(urljoin(response.url, unescape(found[1])), response, url) if found else ""
    if not found or not path:
        return
    name = found[2]
    session = Extract(regex=rf"[;?&]{name}=([\w.-]{{12,128}})")
    write = replace(step, extract={"session": session})
    read = Step(path=f"{path}{{session}}", same={"session": session})
    told = f"the session's id `{name}` in the URL of {re.split('[?;]', path)[0]}"
    yield Candidate(Flow(write=(write,), read=(read,)), told, forged=True)


def _login_link(response: Response, url: str) -> str:
    """The path, below the site's URL, of the first link to a login page of the same site; empty if there is none."""
    tree = tree_of(response.text) if "href" in response.text else None
    for link in tree.css("a[href]")[:500] if tree else ():
        path = _path_below(urljoin(response.url, attribute(link, "href") or ""), response, url)
        if _LOGIN.search(f"{path} {link.text()[:100]}" if path else ""):
            return path
    return ""


def _path_below(link: str, response: Response, url: str) -> str:
    """The path and query of a link, below the site's URL; empty if it leads elsewhere."""
    target, base = urlsplit(link), split_url(url).path.partition("?")[0].rstrip("/") + "/"
    if target.netloc != urlsplit(response.url).netloc or not target.path.startswith(base):
        return ""
    return "/" + target.path.removeprefix(base) + (f"?{target.query}" if target.query else "")


def _comes_back(states: Sequence[str]) -> bool:
    """Whether a state was lost and seen again: it is there, and not where every request goes."""
    return "lost" in states and "kept" in states[states.index("lost") :]


def _tells(states: Sequence[str]) -> bool:
    """Whether looks show a state: all, or one after another that did not; else it may just change by itself."""
    return set(states) == {"kept"} or _comes_back(states)


def _forged(cookie: StoredCookie) -> StoredCookie:
    """The same cookie with a value of the same form, which no server has made.

    Short parts stay, which tell its version or kind; long ones are made of the letters that they have.
    """
    return replace(cookie, value=_LONG_PART.sub(lambda part: _redrawn(part[0]), cookie.value))


def _redrawn(text: str) -> str:
    kinds = (string.digits, string.ascii_lowercase, string.ascii_uppercase)
    used = ["".join(letter for letter in kind if letter in text) for kind in kinds]
    return "".join(secrets.choice(next(kind for kind in used if letter in kind)) for letter in text)

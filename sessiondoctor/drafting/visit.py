"""One visit to a site: a client with a browser's rules opens its page, and pages that it links to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from sessiondoctor.errors import Unavailable, UsageError
from sessiondoctor.formats.jar import Jar
from sessiondoctor.probes.browser.budget import Budget
from sessiondoctor.probes.browser.client import Client
from sessiondoctor.probes.browser.html import attribute, tree_of
from sessiondoctor.probes.browser.page_form import PageForm, forms_of
from sessiondoctor.probes.browser.target import Target
from sessiondoctor.probes.browser.targets import site_trust
from sessiondoctor.probes.responses.cookie_roles import roles_of, stack_of
from sessiondoctor.wire.address import split_url
from sessiondoctor.wire.message import Request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.probes.browser.results import Answer
    from sessiondoctor.redact import Redactor
    from sessiondoctor.topology.model import Topology
    from sessiondoctor.wire.client import Wire
    from sessiondoctor.wire.message import Response

PAGES = 4
"""Pages opened at most: the URL's own, and of those it links to the ones that keep something of a visitor."""
_REQUESTS = 16
_SECONDS = 30.0
_MOST_LINKS = 500
LOGIN = re.compile(r"(?i)\b(log|sign)[-_]?(in|on)\b|\blogin|\banmeld")
STATE = re.compile(r"(?i)\b(cart|basket|bag|trolley|wishlist|warenkorb|panier|carrito|notes?|todos?)\b")
_PATH = re.compile(r"/[^\s{}\\]{0,300}")
_LEAVES = re.compile(r"(?i)(log|sign)[-_]?(out|off)|delete|remove|unsubscribe")


@dataclass(frozen=True, slots=True)
class Page:
    """One page with its forms; `path` is below the site's URL, empty where it is elsewhere."""

    path: str
    forms: tuple[PageForm, ...]


@dataclass(frozen=True, slots=True)
class Visit:
    """What the visit showed; no value of a cookie or a token.

    Attributes:
        url: where the site's page is in the end.
        trouble: why there was no page.
        session_cookie, session_product: its name and who makes such cookies, as far as known.
        affinity_cookies: names and products.
        product: the name of its page; `product_because` says by what it was recognised.
        followed_by: what a scan follows sessions by where no flow is declared, in words.
    """

    url: str
    status: int = 0
    trouble: str = ""
    stack: str = ""
    stack_because: str = ""
    session_cookie: str = ""
    session_product: str = ""
    affinity_cookies: tuple[tuple[str, str], ...] = ()
    pages: tuple[Page, ...] = ()
    product: str = ""
    product_because: str = ""
    followed_by: str = ""


async def visit(topology: Topology, wire: Wire, redactor: Redactor) -> Visit:
    """Opens the site and up to three of the pages that it links to; sends no form."""
    url = topology.site.url
    target = Target(url, tuple(topology.site.headers.items()), site_trust(topology.site))
    client = Client(wire, target, Jar(), redactor, budget=Budget(_REQUESTS, _SECONDS))
    try:
        answers = list(await client.fetch(Request(url)))
    except Unavailable as error:
        return Visit(url, trouble=error.reason)
    pages = [_page(answers[-1].response, url)]
    for link in list(_links(answers[-1].response))[: PAGES - 1]:
        more = await _opened(client, link)
        answers += more
        pages += [_page(more[-1].response, url)] if more else []
    return _summed_up(topology, answers, tuple(pages))


async def _opened(client: Client, url: str) -> tuple[Answer, ...]:
    """A page that is linked to; nothing where it is not to be had."""
    try:
        return await client.fetch(Request(url))
    except (Unavailable, UsageError):
        return ()


def _links(response: Response) -> Iterator[str]:
    """Pages of this site for somebody who logs in or buys, in the order of the page, each once."""
    tree = tree_of(response.text) if "href" in response.text else None
    here, seen = split_url(response.url).origin, set[str]()
    for anchor in tree.css("a[href]")[:_MOST_LINKS] if tree else ():
        url = urljoin(response.url, attribute(anchor, "href") or "").partition("#")[0]
        try:
            there = split_url(url)
        except UsageError:
            continue
        path = there.path
        wanted = (LOGIN.search(path) or STATE.search(path)) and not _LEAVES.search(path) and "?" not in path
        if wanted and there.origin == here and url not in seen:
            seen.add(url)
            yield url


def _page(response: Response, base: str) -> Page:
    return Page(path_below(response.url, base), forms_of(response))


def path_below(url: str, base: str) -> str:
    """The path of a URL below another one, as a flow has it: `/cart`; empty if it is not below it."""
    try:
        here, there = split_url(base), split_url(url)
    except UsageError:
        return ""
    folder = here.path.partition("?")[0].rstrip("/") + "/"
    path = there.path.partition("?")[0]
    below = path == folder.rstrip("/") or path.startswith(folder)
    rest = "/" + path[len(folder) :]
    usable = here.origin.host == there.origin.host and below and _PATH.fullmatch(rest)
    return rest if usable else ""


def _summed_up(topology: Topology, answers: list[Answer], pages: tuple[Page, ...]) -> Visit:
    first = next((one for one in answers), None)
    settings = [setting for answer in answers for setting in answer.settings]
    roles = roles_of(settings, topology)
    stack, because = stack_of(answers, roles)
    return Visit(
        url=topology.site.url,
        status=first.response.status if first else 0,
        stack=stack,
        stack_because=because,
        session_cookie=roles.session,
        session_product=roles.made_by.product if roles.made_by.product != "unknown" else "",
        affinity_cookies=tuple((name, made_by.product) for name, made_by in roles.affinity),
        pages=pages,
    )

"""What a topology holds that no output may show, and what it uses as a name, so that every output may."""

from __future__ import annotations

import base64
import binascii
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sessiondoctor.topology.model import Topology
    from sessiondoctor.topology.steps import Flow, Step

Named = tuple[str, str]
"""The name under which a value is sent, as far as it has one, and the value."""

_LOGIN = re.compile(r"[a-z0-9+.-]+:(?://)?([^/?#]*)@", re.IGNORECASE)
_BRACES = re.compile(r"\{\w+\}")
_OPEN = re.compile(r"(?i)host|x-forwarded-.*|forwarded|accept.*|user-agent|content-type|origin|referer|cache-control")
"""Headers that say nothing confidential."""


def secrets_of(topology: Topology, environ: Mapping[str, str]) -> Iterator[Named]:
    """Every value that came from the environment, every value of a declared header and field, every password.

    Of headers also what is inside: the values of cookies, the password of HTTP Basic authentication.
    """
    yield from (("", secret.reveal()) for secret in topology.environment)
    yield from (("", environ.get(node.secret_env, "")) for node in topology.nodes if node.secret_env)
    for headers in (topology.site.headers, *(node.headers for node in topology.nodes)):
        yield from _of_headers(headers)
    for step in _steps(topology.site.flow):
        yield from _of_step(step)
    for account in topology.site.flow.accounts:
        yield from account.items()
    for url in _web_urls(topology):
        yield from _of_query(url)
    for url in _login_urls(topology):
        yield from _of_login(url)


def public_words(topology: Topology) -> frozenset[str]:
    """Names, hosts, routes, cookies and files: a report cannot do without them."""
    words = {topology.file, topology.dns.name, *topology.time.servers, *topology.dns.resolvers, *topology.site.sources}
    words |= {topology.site.session_cookie, *topology.site.resolve, *topology.site.config}
    words.update(*topology.site.resolve.values())
    for balancer in topology.load_balancers:
        words |= {balancer.name, balancer.affinity_cookie, *balancer.config, *balancer.logs}
    for node in topology.nodes:
        words |= {node.name, node.service, node.route, node.member, node.ntp, node.keys, node.key_ring}
        words |= {node.secret_env, *node.config, *node.logs}
        words |= {value for name, value in node.headers.items() if _OPEN.fullmatch(name)}
    for store in topology.stores:
        words |= {store.name, store.table, store.keys, *store.config}
    for url in (*_web_urls(topology), *_login_urls(topology)):
        words |= _places(url)
    words |= {step.path.partition("?")[0] for step in _steps(topology.site.flow)}
    return frozenset(words - {""})


def places_of(topology: Topology) -> Iterator[str]:
    """Every URL, host and address that it declares; URLs with their logins: for whoever takes names out."""
    yield from _web_urls(topology)
    yield from _login_urls(topology)
    yield from (topology.dns.name, *topology.dns.resolvers, *topology.time.servers, *topology.site.sources)
    yield from topology.site.resolve
    for node in topology.nodes:
        yield from (node.member, node.ntp)
        yield from (value for name, value in node.headers.items() if name.lower() in {"host", "x-forwarded-host"})


def names_of_nodes(topology: Topology) -> frozenset[str]:
    """The cookies of which the user says that their values name nodes."""
    how = topology.site.flow.node
    return frozenset({how.cookie if how else ""} - {""})


def _of_headers(headers: Mapping[str, str]) -> Iterator[Named]:
    for name, value in headers.items():
        if _OPEN.fullmatch(name) or _BRACES.search(value):
            continue
        yield name, value
        yield from ((name, part) for part in re.split(r"[;,\s]+", value) if part)
        yield from (pair for pair in _pairs(value))
        yield from ((name, password) for password in _basic(value))


def _pairs(value: str) -> Iterator[Named]:
    """The `name=value` pairs of a header such as Cookie."""
    for part in value.split(";"):
        name, sign, inside = part.strip().partition("=")
        if sign and inside:
            yield name, inside.strip('"')


def _basic(value: str) -> Iterator[str]:
    scheme, _, coded = value.partition(" ")
    if scheme.lower() != "basic":
        return
    try:
        login = base64.b64decode(coded.strip(), validate=True).decode()
    except (binascii.Error, ValueError):
        return
    yield login
    yield login.partition(":")[2]


def _steps(flow: Flow) -> Iterator[Step]:
    for steps in (flow.login, flow.logged_in, flow.write, flow.read, flow.form, flow.grow, flow.logout):
        yield from steps
    if flow.increment:
        yield flow.increment


def _of_step(step: Step) -> Iterator[Named]:
    yield from _of_headers(step.headers)
    yield from _of_query(step.path)
    for fields in ({} if step.auto else step.form, step.fields, step.query, step.json):
        yield from _texts("", fields)


def _texts(name: str, value: Any) -> Iterator[Named]:
    """All texts of a form, a query or a JSON document that no brace fills."""
    if isinstance(value, str):
        yield from [(name, value)] if not _BRACES.search(value) else []
    elif isinstance(value, dict):
        for key, inside in value.items():
            yield from _texts(key, inside)
    elif isinstance(value, list):
        for inside in value:
            yield from _texts(name, inside)


def _web_urls(topology: Topology) -> Iterator[str]:
    site = topology.site
    yield from (site.url, topology.asked_url, *site.urls, *(each.from_ for each in site.cross_site))
    yield from (balancer.url for balancer in topology.load_balancers)
    for node in topology.nodes:
        yield from (node.url, node.jwks)


def _login_urls(topology: Topology) -> Iterator[str]:
    """URLs that may hold user and password."""
    yield topology.site.proxy.reveal()
    yield from (balancer.stats.reveal() for balancer in topology.load_balancers)
    yield from (node.store_url.reveal() for node in topology.nodes)
    yield from (node.management.url.reveal() for node in topology.nodes if node.management)
    for store in topology.stores:
        yield from (url.reveal() for url in (*store.url, *store.replicas))


def _of_query(url: str) -> Iterator[Named]:
    return ((name, value) for name, value in parse_qsl(url.partition("?")[2]) if not _BRACES.search(value))


def _of_login(url: str) -> Iterator[Named]:
    found = _LOGIN.match(url)
    user, colon, password = found[1].partition(":") if found else ("", "", "")
    yield from (("", text) for text in _both(password if colon else user))
    yield from (pair for pair in _of_query(url) if re.search(r"(?i)pass|secret|token|key", pair[0]))


def _both(text: str) -> Iterable[str]:
    return (text, unquote(text))


def _places(url: str) -> set[str]:
    """Scheme and hosts of a URL, with and without their ports, and its path."""
    authority = re.split(r"[/?#]", url.partition("://")[2], maxsplit=1)[0].rpartition("@")[2]
    hosts = {host for host in authority.split(",") if host}
    try:
        path = urlsplit(url).path if "://" in url else url.partition(":")[2].partition("?")[0]
    except ValueError:
        path = ""
    bare = {re.sub(r":[0-9]*$", "", host).strip("[]") for host in hosts}
    return {*hosts, *bare, path.strip("/"), path}

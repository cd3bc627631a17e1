"""The topology file: sections with comments that say where each value comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sessiondoctor.drafting.flow import flow_lines
from sessiondoctor.drafting.lines import Line, flow_map, listed, quoted, text_of
from sessiondoctor.drafting.parts import Components, Told

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sessiondoctor.drafting.parts import BalancerPart, NodePart, StorePart
    from sessiondoctor.drafting.visit import Visit

EXAMPLE = "https://www.example.com/"
_SYMPTOMS = "logged-out-at-random, logged-out-after-idle, login-loop, csrf-error"


def written(found: Components, visit: Visit | None, environ: Mapping[str, str]) -> str:
    """The whole file. `environ`: of `${NAME}` only what is set there stands outside of comments."""
    return text_of(_lines(found, visit, environ))


def _lines(found: Components, visit: Visit | None, environ: Mapping[str, str]) -> Iterator[Line]:
    yield Line(
        "# A first description of the site. What each key means: docs/topology.md, `sessiondoctor schema topology`."
    )
    yield Line(
        "# Look over what is marked with TODO and what is a guess; `sessiondoctor scan --plan` shows what a scan asks."
    )
    yield Line("version: 1")
    yield Line(f"# symptoms: []   TODO: what users report, such as {_SYMPTOMS}")
    yield from _site(found, visit)
    yield from _balancers(found, visit)
    yield from _nodes(found, visit)
    yield from _stores(found, environ)
    yield Line("# time: {servers: [ntp.example.com]}   TODO: a clock to compare all others with")
    for file in found.unread:
        yield Line(f"# {file}: not recognised, and left out")


def _site(found: Components, visit: Visit | None) -> Iterator[Line]:
    site = found.site
    yield Line("site:")
    url = visit.url if visit else site.url.value
    why = (
        ""
        if visit
        else f"{site.url.by}; TODO: is it the URL that users open?"
        if url
        else "TODO: the URL that users open"
    )
    yield Line(f"url: {quoted(url or EXAMPLE)}", why, 1)
    if visit and visit.trouble:
        yield Line(f"# there was no page to look at: {visit.trouble}", depth=1)
    if visit and visit.product:
        yield Line(f"product: {quoted(visit.product)}", visit.product_because, 1)
    stack = site.stack or (Told(visit.stack, visit.stack_because) if visit else site.stack)
    yield from _said("stack", stack, "recognised in a scan, if the site shows it")
    cookie = site.session_cookie or _cookie(visit)
    yield from _said("session_cookie", cookie, "recognised in a scan, if the site sets it")
    yield from _said("mode", site.mode, "how nodes share sessions: sticky, replicated, external, client-side")
    yield from _said("idle_timeout", site.idle_timeout, "how long a session lives without a request, such as 30m")
    if site.config:
        yield Line(f"config: {listed(site.config)}", "files that are nobody's in particular", 1)
    yield from flow_lines(visit)


def _cookie(visit: Visit | None) -> Told:
    if not visit or not visit.session_cookie:
        return Told()
    maker = f", as {visit.session_product} makes them" if visit.session_product else ""
    return Told(visit.session_cookie, f"set at the visit{maker}")


def _said(key: str, told: Told, missing: str, depth: int = 1) -> Iterator[Line]:
    """A key with its value, or as a comment what it is for."""
    if told:
        yield Line(f"{key}: {quoted(told.value)}", told.by, depth)
    else:
        yield Line(f"# {key}:", f"TODO: {missing}", depth)


def _balancers(found: Components, visit: Visit | None) -> Iterator[Line]:
    seen = next(iter(visit.affinity_cookies), None) if visit else None
    if not found.balancers and not seen:
        yield Line("# load_balancers:", "TODO: what stands in front of the nodes")
        yield Line('#   - {name: edge, kind: haproxy, config: [haproxy.cfg], stats: "http://10.0.0.5:8404/stats"}')
        return
    yield Line("load_balancers:")
    for balancer in found.balancers:
        yield from _balancer(balancer)
    if not found.balancers and seen:
        yield Line("- name: edge", depth=1)
        yield Line("kind: other", f"TODO; its cookie is one of {seen[1]}" if seen[1] != "unknown" else "TODO", 2)
        yield Line(f"affinity_cookie: {quoted(seen[0])}", "set at the visit", 2)


def _balancer(balancer: BalancerPart) -> Iterator[Line]:
    yield Line(f"- name: {quoted(balancer.name)}", depth=1)
    yield Line(f"kind: {balancer.kind}", depth=2)
    if balancer.affinity_cookie:
        yield Line(f"affinity_cookie: {quoted(balancer.affinity_cookie.value)}", balancer.affinity_cookie.by, 2)
    if balancer.config:
        yield Line(f"config: {listed(balancer.config)}", depth=2)
    if balancer.kind in {"haproxy", "apache", "mod_jk", "traefik", "caddy", "envoy"}:
        yield Line("# stats:", "TODO: where it shows the state of its servers", 2)
    yield Line("# logs:", "TODO: access logs", 2)


def _nodes(found: Components, visit: Visit | None) -> Iterator[Line]:
    if not found.nodes:
        yield Line("# nodes:", "TODO: each node's own URL, past the balancer; it decides between most causes")
        yield Line('#   - {name: app1, url: "http://10.0.0.1:8080/"}')
        return
    yield Line("nodes:")
    url = visit.url if visit else found.site.url.value
    places = {node.store_place.value for node in found.nodes if node.store_place}
    for node in found.nodes:
        yield from _node(node, found, url, differ=len(places) > 1)


def _node(node: NodePart, found: Components, site: str, *, differ: bool) -> Iterator[Line]:
    yield Line(f"- name: {quoted(node.name)}", depth=1)
    yield from _address(node, site)
    if node.route:
        yield Line(f"route: {quoted(node.route.value)}", node.route.by, 2)
    store = _store_of(node, found.stores)
    if store:
        yield Line(f"store: {quoted(store)}", depth=2)
    if differ and node.store_place:
        yield Line(f"store_url: {quoted(node.store_place.value)}", f"{node.store_place.by}; nodes differ in it", 2)
    if node.config:
        yield Line(f"config: {listed(node.config)}", depth=2)


def _address(node: NodePart, site: str) -> Iterator[Line]:
    if not node.address:
        yield Line("# url:", "TODO: the node itself, past the balancer", 2)
        return
    path = urlsplit(site).path.rstrip("/") + "/" if site else "/"
    url = f"{'https' if node.tls else 'http'}://{node.address.value}{path}"
    if not node.reachable:
        yield Line(f"# url: {quoted(url)}", f"{node.address.by}; TODO: a URL that is known here", 2)
        return
    yield Line(f"url: {quoted(url)}", node.address.by, 2)
    if site.startswith("https://") and not node.tls:
        headers = {"Host": urlsplit(site).netloc, "X-Forwarded-Proto": "https"}
        yield Line(f"headers: {flow_map(headers)}", "a guess: what the balancer sends to it", 2)


def _store_of(node: NodePart, stores: tuple[StorePart, ...]) -> str:
    """The store that a node uses: the one that its files name, else the only one."""
    named = (store.name for store in stores if node.store_place and store.url.value == node.store_place.value)
    return next(named, stores[0].name if len(stores) == 1 else "")


def _stores(found: Components, environ: Mapping[str, str]) -> Iterator[Line]:
    if not found.stores:
        yield Line("# stores:", "TODO: where sessions live outside of the nodes, if they do")
        yield Line('#   - {name: sessions, kind: redis, url: "redis://:${REDIS_PASSWORD}@10.0.0.9:6379/0"}')
        return
    yield Line("stores:")
    for store in found.stores:
        yield Line(f"- name: {quoted(store.name)}", depth=1)
        yield Line(f"kind: {store.kind}", depth=2)
        yield from _store_url(store, environ)
        if store.keys:
            yield Line(f"keys: {quoted(store.keys.value)}", store.keys.by, 2)
        if store.config:
            yield Line(f"config: {listed(store.config)}", depth=2)


def _store_url(store: StorePart, environ: Mapping[str, str]) -> Iterator[Line]:
    if not store.url:
        yield Line("# url:", "TODO: where it is; without it nobody asks the store", 2)
        return
    scheme, _, rest = store.url.value.partition("://")
    secret = f'"{scheme}://:${{{store.password}}}@{rest}"'
    if not store.reachable:
        shown = secret if store.password else quoted(store.url.value)
        yield Line(f"# url: {shown}", f"{store.url.by}; TODO: an address that is known here", 2)
    elif store.password and rest and environ.get(store.password):
        yield Line(f"url: {secret}", f"{store.url.by}; the password is in the environment", 2)
    else:
        yield Line(f"url: {quoted(store.url.value)}", store.url.by, 2)
        if store.password and rest:
            yield Line(f"# url: {secret}", f"TODO: export {store.password}, then take this line for the one above", 2)

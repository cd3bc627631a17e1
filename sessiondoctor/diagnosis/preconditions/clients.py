"""What clients use: schemes, cookies, tokens, logins, forms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.diagnosis.preconditions.word import Answer, of_stack, word, yes_if
from sessiondoctor.evidence.access_logs import AccessLog
from sessiondoctor.evidence.configs.application import LOGIN_ELSEWHERE
from sessiondoctor.evidence.entry.cross_site import CrossSiteVisits
from sessiondoctor.evidence.flows.forms import Forms
from sessiondoctor.evidence.flows.logins import Logins
from sessiondoctor.evidence.flows.updates import Updates
from sessiondoctor.evidence.keys.key_rings import KeyRings
from sessiondoctor.evidence.keys.key_sets import KeySets
from sessiondoctor.evidence.keys.tokens import Tokens
from sessiondoctor.evidence.nodes.replay import Replay

if TYPE_CHECKING:
    from sessiondoctor.diagnosis.scene import Scene


@word
def https(scene: Scene) -> Answer:
    """Users come by https, or something in front of the nodes says that they do."""
    declared = [*scene.topology.site.headers.items()]
    declared += [item for node in scene.topology.nodes for item in node.headers.items()]
    forwarded = any(name.lower() == "x-forwarded-proto" and value.lower() == "https" for name, value in declared)
    ends_tls = any(proxy.tls for proxy in scene.configs.proxies)
    if forwarded or ends_tls or any(url.startswith("https:") for url in scene.urls):
        return "yes"
    return "no" if scene.visits else "unknown"


@word
def secure_or_withheld_cookie(scene: Scene) -> Answer:
    """A session cookie is marked Secure, or no session cookie was handed out at all."""
    cookies = scene.session_cookies
    if any(one.cookie.secure for one in scene.configs.session_cookies):
        return "yes"
    if not cookies:
        return "unknown"
    held_back = any(
        not visit.session_cookie and not visit.trouble and not visit.refused
        for replay in scene.all(Replay)
        for visit in replay.visits
    )
    return "yes" if held_back or any(cookie.secure for cookie in cookies) else "no"


@word
def session(scene: Scene) -> Answer:
    """A session is handed out: in a cookie, a header or the URL."""
    site, visits = scene.topology.site, scene.visits
    carried = (scene.session_cookies, site.session_cookie, visits and visits.carrier in {"header", "url"})
    logged = any(log.sessions for log in scene.all(AccessLog))
    return yes_if((*carried, header_session(scene) == "yes", logged))


@word
def session_cookie(scene: Scene) -> Answer:
    """The session travels in a cookie."""
    if scene.visits and scene.visits.carrier == "url":
        return "no"
    if scene.session_cookies or scene.topology.site.session_cookie:
        return "yes"
    return "no" if header_session(scene) == "yes" else "unknown"


@word
def header_session(scene: Scene) -> Answer:
    """The session travels in a header that the client sends back."""
    if scene.visits and scene.visits.carrier == "header":
        return "yes"
    socket = scene.topology.site.flow.websocket
    sent = {name.lower() for step in scene.steps for name in step.headers}
    if sent & {"x-auth-token", "mcp-session-id"} or _bearer(scene) or (socket.path and socket.spoken == "mcp"):
        return "yes"
    return "no" if scene.session_cookies else "unknown"


@word
def browser_refuses_cookie(scene: Scene) -> Answer:
    """A browser drops a session cookie of this site, or holds it back."""
    cookies = scene.session_cookies
    if not cookies:
        return "unknown"
    return "yes" if any(cookie.unsent for cookie in cookies) else "no"


@word
def login(scene: Scene) -> Answer:
    """Users log in."""
    return yes_if((scene.topology.site.flow.login, scene.topology.site.flow.logged_in, scene.all(Logins)))


@word
def form(scene: Scene) -> Answer:
    """A page has a form with a token of its own."""
    extracts = any(step.extract for step in scene.topology.site.flow.login)
    return yes_if((scene.topology.site.flow.form, scene.all(Forms), extracts))


@word
def cross_site(scene: Scene) -> Answer:
    """Users come back from another site."""
    elsewhere = any(one.name == LOGIN_ELSEWHERE for one in scene.configs.settings)
    by_post = scene.visits and scene.visits.awaited_by_post
    return yes_if((scene.topology.site.cross_site, scene.all(CrossSiteVisits), by_post, elsewhere))


@word
def websocket(scene: Scene) -> Answer:
    """The application holds connections open."""
    socket = scene.topology.site.flow.websocket
    if socket.path and socket.spoken == "mcp":
        return "no"
    return yes_if((socket.path, *(one for one in scene.configs.settings if one.name.startswith("socket.io"))))


@word
def several_hosts_or_schemes(scene: Scene) -> Answer:
    """The site has a second host or scheme, or a cookie that only the other scheme may carry."""
    origins = {tuple(url.split("/", 3)[:3]) for url in scene.urls if "://" in url}
    if len(origins) >= 2:
        return "yes"
    plain = bool(scene.visits) and not any(url.startswith("https:") for url in scene.urls)
    return "yes" if plain and any(cookie.secure for cookie in scene.session_cookies) else "unknown"


@word
def parallel_updates(scene: Scene) -> Answer:
    """Parallel requests change one session, and what came of that can be counted."""
    return yes_if((scene.topology.site.flow.increment, scene.all(Updates)))


@word
def signed_session(scene: Scene) -> Answer:
    """The session cookie, or what is in the session, is signed by a key of the application."""
    cookies = scene.session_cookies
    told = any(secret.use in {"session", "cookie-encryption"} for secret in scene.configs.secrets)
    signed = told or any(cookie.signed or cookie.holds_state for cookie in cookies)
    if signed or scene.stack in {"django", "rails", "laravel"}:
        return "yes"
    known = [cookie for cookie in cookies if cookie.product != "unknown"]
    return "no" if known and len(known) == len(cookies) else "unknown"


@word
def token(scene: Scene) -> Answer:
    """Users carry a JSON Web Token, in a cookie or as a bearer, or the site issues them."""
    jwks = any(node.jwks for node in scene.topology.nodes)
    issued = bool(scene.all(Tokens)) or bool(scene.all(KeySets))
    if jwks or issued or _bearer(scene) or any(cookie.product == "jwt" for cookie in scene.session_cookies):
        return "yes"
    return "no" if scene.session_cookies else "unknown"


def _bearer(scene: Scene) -> bool:
    """Whether a step of the flow sends a bearer token (RFC 6750)."""
    return any(value.lower().startswith("bearer ") for step in scene.steps for value in step.headers.values())


@word
def data_protection(scene: Scene) -> Answer:
    """Something is protected by ASP.NET Core Data Protection."""
    if scene.all(KeyRings) or any(cookie.key_id for cookie in scene.cookies):
        return "yes"
    if any(cookie.product.startswith("aspnetcore") for cookie in scene.cookies):
        return "yes"
    return "no" if scene.session_cookies else of_stack(scene, {"aspnetcore"})


@word
def machine_key(scene: Scene) -> Answer:
    """The application runs on ASP.NET, whose machineKey protects tickets and view state."""
    told = scene.configs.secrets
    if any(cookie.product == "aspnet" for cookie in scene.cookies) or any(one.stack == "aspnet" for one in told):
        return "yes"
    return "no" if told else of_stack(scene, {"aspnet"})

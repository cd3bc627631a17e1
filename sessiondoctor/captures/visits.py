"""Captures as visits of the public entry: the same evidence as a scan's, so that the same checks judge it.

Who sent which request is told by the cookies: a request that carries a cookie which an earlier response set comes from
the same client. What a browser does with the cookies is worked out by its rules, whatever the recorded client did.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sessiondoctor.captures.moments import moment_of
from sessiondoctor.captures.recorded import NOWHERE, Recorded
from sessiondoctor.errors import UsageError
from sessiondoctor.evidence.entry.visits import Visits
from sessiondoctor.formats import refusals
from sessiondoctor.formats.jar import Jar, StoredCookie
from sessiondoctor.formats.set_cookie import read_set_cookie
from sessiondoctor.probes.browser.recipe import Recipe
from sessiondoctor.probes.browser.results import Answer, FlowResult, Setting, StepResult
from sessiondoctor.probes.entry.visits import awaited_by_post, shown, telling
from sessiondoctor.probes.responses.cookie_reader import Reader
from sessiondoctor.probes.responses.cookie_roles import Roles, stack_of
from sessiondoctor.probes.responses.interpreter import Answers, ClientTrace, Interpreter, TimedResult
from sessiondoctor.wire.address import split_url
from sessiondoctor.wire.message import Response
from sessiondoctor.wire.redirect import redirected_to
from sessiondoctor.wire.sign_in import begins_sign_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sessiondoctor.redact import Redactor
    from sessiondoctor.topology.model import Topology

_MOST_COOKIES = 500
_USER = re.compile(r"^(https?://)[^/?#]*@", re.IGNORECASE)
_NOTHING = Recipe((), ())


@dataclass(slots=True)
class _Visitor:
    """One recorded client: its jar as a browser would keep it, and its answers."""

    name: str
    jar: Jar = field(default_factory=Jar)
    pairs: set[str] = field(default_factory=set)
    answers: list[Answer] = field(default_factory=list)

    def take(self, exchange: Recorded, now: float) -> None:
        """One more exchange of this client."""
        sent = tuple(_sent(pair, exchange, now) for pair in _pairs(exchange.cookie_header))
        settings = tuple(self._stored(value, exchange, now) for value in exchange.all("set-cookie")[:_MOST_COOKIES])
        self.pairs |= {cookie.pair for cookie in sent}
        self.pairs |= {f"{one.cookie.name}={one.cookie.value}" for one in settings if not one.deletes}
        self.answers.append(Answer(exchange.method, _response(exchange, now), sent, settings, self.jar.all()))

    def _stored(self, header: str, exchange: Recorded, now: float) -> Setting:
        cookie = read_set_cookie(header)
        refused = self.jar.store(cookie, exchange.url, now).reason
        return Setting(cookie, exchange.url, refused, now, refused == refusals.EXPIRED)


def visits_of(exchanges: Sequence[Recorded], topology: Topology, redactor: Redactor) -> Visits | None:
    """What clients of the site saw; None if no response says anything about cookies."""
    exchanges = [_addressed(one) for one in exchanges]
    site = _site(exchanges)
    visitors = _visitors([exchange for exchange in exchanges if _host(exchange.url) == site])
    tracks = [_track(visitor) for visitor in visitors]
    answers = tuple(answer for visitor in visitors for answer in visitor.answers)
    settings = [setting for answer in answers for setting in answer.settings]
    if not settings:
        return None
    reader = Reader(topology, redactor)
    interpreter = Interpreter.of(_NOTHING, reader, topology, tracks, Answers(answers, answers))
    landing = _landing(answers)
    cookies = reader.first_of_each(settings, answers[-1].response.url, interpreter.roles)
    stack, because = stack_of(answers, interpreter.roles)
    return Visits(
        url=shown(landing.url),
        status=landing.status,
        tls=landing.url.startswith("https:"),
        redirected_to=tuple(dict.fromkeys(_leads_to(answers))),
        headers=telling(landing),
        stack=stack,
        stack_because=because,
        cookies=cookies,
        returning=tuple(interpreter.trace(track) for track in tracks if track.looks),
        fresh=tuple(interpreter.first(track.made) for track in tracks if not track.looks),
        affinity_cookies=tuple(one.name for one in cookies if one.role == "affinity" or one.route),
        awaited_by_post=awaited_by_post(answers),
        doubled=_doubled(answers),
        fresh_with_affinity=_bound(tracks, interpreter.roles),
        pool=len(topology.nodes),
        captured=True,
    )


def _leads_to(answers: Iterable[Answer]) -> Iterator[str]:
    """Where redirects led, but for those to a login at another site."""
    targets = (redirected_to(one.response) for one in answers)
    yield from (_place(to) for to in targets if to and not begins_sign_in(to))


def _landing(answers: Sequence[Answer]) -> Response:
    """The first response that leads nowhere else."""
    return next((one.response for one in answers if not redirected_to(one.response)), answers[0].response)


def _bound(tracks: Sequence[ClientTrace], roles: Roles) -> int:
    """How many clients were bound to a node; one that was handed nothing at all is no exception.

    A recorded client does not begin with the request that makes a session, as those of a scan do.
    """
    given = [[setting for answer in track.answers for setting in answer.settings] for track in tracks]
    bound = sum(_is_bound(settings, roles) for settings in given)
    return bound + sum(not settings for settings in given) if bound else 0


def _is_bound(settings: Iterable[Setting], roles: Roles) -> bool:
    """Whether a first response bound the client to a node: by a cookie for that, or a route in the session's."""
    given = [setting.cookie for setting in settings if not setting.deletes]
    return any(roles.role_of(one.name) == "affinity" or roles.route(one.value) for one in given)


def _visitors(exchanges: Iterable[Recorded]) -> list[_Visitor]:
    visitors: list[_Visitor] = []
    for exchange in exchanges:
        pairs = set(_pairs(exchange.cookie_header))
        same = (one for one in visitors if exchange.client == one.name and (exchange.client or pairs & one.pairs))
        visitor = next(same, None)
        if visitor is None:
            visitor = _Visitor(exchange.client)
            visitors.append(visitor)
        visitor.take(exchange, moment_of(exchange))
    return visitors


def _track(visitor: _Visitor) -> ClientTrace:
    first = visitor.answers[0].response.answered_at
    records = [
        TimedResult(
            max(0.0, answer.response.answered_at - first), FlowResult((StepResult(ok=True, answers=(answer,)),))
        )
        for answer in visitor.answers
    ]
    return ClientTrace(records[0], tuple(records[1:]))


def _site(exchanges: Iterable[Recorded]) -> str:
    """The host that sets most cookies, else the one asked most: a capture of a browser has other hosts, too.

    Of a node asked past its proxy and of the site, the site: it is the one with TLS.
    """
    exchanges = tuple(exchanges)
    votes = Counter(_host(one.url) for one in exchanges for _ in one.all("set-cookie"))
    votes = votes or Counter(_host(one.url) for one in exchanges)
    with_tls = {_host(one.url) for one in exchanges if one.url.startswith("https:")}
    return max(votes, key=lambda host: (votes[host], host in with_tls), default=NOWHERE)


def _addressed(exchange: Recorded) -> Recorded:
    """With a URL that is one: without the user's name, and of an unknown site where a paste has spoilt it."""
    url = _USER.sub(r"\1", exchange.url)
    try:
        split_url(url)
    except UsageError:
        url = f"https://{NOWHERE}/"
    return replace(exchange, url=url)


def _host(url: str) -> str:
    return split_url(url).origin.host


def _place(url: str) -> str:
    origin = split_url(url).origin
    return f"{origin.scheme}://{origin.authority}"


def _pairs(header: str) -> tuple[str, ...]:
    return tuple(pair.strip() for pair in header.split(";")[:_MOST_COOKIES] if pair.strip())


def _sent(pair: str, exchange: Recorded, now: float) -> StoredCookie:
    """A cookie of a request, of which nothing but name and value is known."""
    name, equals, value = pair.partition("=")
    named = (name, value) if equals else ("", name)
    return StoredCookie(
        *named, domain=_host(exchange.url), host_only=True, path="/", secure=False,
        http_only=False, same_site="", expires_at=None, created_at=now, stored_at=now,
    )  # fmt: skip


def _response(exchange: Recorded, now: float) -> Response:
    return Response(
        url=exchange.url, status=exchange.status, headers=exchange.headers, body=exchange.body, truncated=False,
        http_version="1.1", address=exchange.address, reused=False, sent_at=now, answered_at=now, elapsed_s=0.0,
    )  # fmt: skip


def _doubled(answers: Iterable[Answer]) -> tuple[str, ...]:
    counts = (Counter(cookie.name for cookie in answer.sent) for answer in answers)
    return tuple(dict.fromkeys(name for count in counts for name in count if count[name] > 1))

"""What clients at the public entry see: returning, fresh, unbound ones, and one without a browser's rules."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sessiondoctor.errors import Unavailable
from sessiondoctor.evidence.entry.visits import Reread, Trace, Visits
from sessiondoctor.evidence.flows.rehearsal import Rehearsal
from sessiondoctor.probes.balancers.counters import counting_balancer
from sessiondoctor.probes.balancers.status import contacts_of
from sessiondoctor.probes.browser.carrier import carrier_of
from sessiondoctor.probes.browser.recipe import SERVER_ERROR, Recipe, read_state, recipe_of
from sessiondoctor.probes.browser.strangers import shows_writer, writes_own
from sessiondoctor.probes.browser.targets import entry
from sessiondoctor.probes.contract import Probe
from sessiondoctor.probes.entry.visit_results import VisitResults
from sessiondoctor.probes.entry.visit_runner import VisitRunner
from sessiondoctor.probes.entry.visit_sizes import bound_of, readings_of, seconds_of, sizes_of
from sessiondoctor.probes.responses.cookie_roles import Roles, stack_of
from sessiondoctor.probes.responses.interpreter import Answers, ClientTrace, Interpreter, TimedResult
from sessiondoctor.probes.responses.page_keys import page_keys
from sessiondoctor.probes.responses.signed_dates import balancer_clocks
from sessiondoctor.wire.address import split_url
from sessiondoctor.wire.redirect import redirected_to
from sessiondoctor.wire.sign_in import answers_by_post, begins_sign_in

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sessiondoctor.context import Context, Options
    from sessiondoctor.evidence.responses.cookie import Cookie
    from sessiondoctor.formats.jar import Carrier
    from sessiondoctor.probes.browser.results import Answer, FlowResult
    from sessiondoctor.probes.contract import Absent
    from sessiondoctor.topology.model import Topology
    from sessiondoctor.topology.steps import Flow
    from sessiondoctor.wire.message import Response

__all__ = ["entry", "plan"]

_HEADERS = (
    "server", "via", "age", "cache-control", "vary", "x-cache", "cf-cache-status", "x-powered-by",
    "strict-transport-security",
)  # fmt: skip
_OF_CACHES = {"age", "cache-control", "vary", "x-cache", "cf-cache-status"}
_CACHE_HITS = ("x-cache", "cf-cache-status", "x-cache-status")
_LONGEST_HEADER = 200
_MOST_REDIRECTS = 20
# A session id in the path: a servlet's ;jsessionid=..., ASP.NET's (S(...)).
_ID_IN_PATH = re.compile(r";[^/]*|\([A-Z]\([^)]*\)\)/?")


def plan(topology: Topology, options: Options) -> Iterator[Probe | Absent]:
    """One probe, which has the site for itself."""
    target, sizes = entry(topology), sizes_of(options.requests, login=bool(topology.site.flow.login))
    contacts = Counter(
        dict.fromkeys(
            sorted({target.authority, *target.entry_points}), bound_of(recipe_of(topology.site.flow), sizes, target)
        )
    )
    counting = counting_balancer(topology)
    if counting:
        contacts.update({place: times * readings_of(sizes) for place, times in contacts_of(counting).items()})
    yield Probe(
        evidence=Visits,
        subject="site",
        describe=f"{len(sizes.chains)} returning and {sizes.fresh} fresh clients through {target.authority}",
        contacts=dict(contacts),
        ask=_ask,
        needs=(Rehearsal,),
        holds=target.authority,
        timeout_s=seconds_of(options) + 2 * options.timeout_s,
    )


async def _ask(context: Context) -> Visits:
    """All visits; where the flow works on one node and never through the entry, those of clients without it."""
    survey = VisitRunner(context)
    try:
        return await _visited(survey)
    except Unavailable:
        opening = _before_the_refusal(await context.need(Rehearsal), context.topology.site.flow)
        if opening is None:
            raise
    return await _visited(VisitRunner(context, opening, survey.budget))


async def _visited(survey: VisitRunner) -> Visits:
    seen = await survey.run()
    return _Report(survey, seen, replace(_interpreter(survey, seen), read_url=survey.read_url)).visits()


def _before_the_refusal(rehearsal: Rehearsal, flow: Flow) -> Recipe | None:
    """The pages that a client of the entry was given before its flow was refused; None if the flow works nowhere.

    They hand out the cookies of the session and the balancer, although nothing can be put into the session.
    """
    usual = next((run for run in rehearsal.runs if run.way == "site"), None)
    if usual is None or usual.works or not rehearsal.works:
        return None
    pairs = zip(flow.login or flow.write, usual.steps, strict=False)
    fine = itertools.takewhile(lambda pair: pair[0].method == "GET" and not pair[1].trouble, pairs)
    return Recipe(tuple(step for step, _ in fine), ())


def _interpreter(survey: VisitRunner, seen: VisitResults) -> Interpreter:
    answers = Answers(seen.browsing, seen.answers)
    return Interpreter.of(survey.recipe, survey.reader, survey.context.topology, seen.tracks, answers)


@dataclass(frozen=True, slots=True)
class _Report:
    """From records to evidence."""

    survey: VisitRunner
    seen: VisitResults
    interpreter: Interpreter

    @property
    def roles(self) -> Roles:
        """Which cookies do what."""
        return self.interpreter.roles

    def visits(self) -> Visits:
        """The evidence.

        Raises:
            Unavailable: the declared flow never worked, and no fault of the site was seen in that.
        """
        returning = self._walks(self.seen.returning)
        self._insist_on_a_working_flow(returning)
        last, cookies = self.seen.landing[-1].response, self._cookies()
        stack, because = stack_of(self.seen.browsing, self.roles)
        return Visits(
            url=shown(last.url),
            status=last.status,
            tls=last.url.startswith("https:"),
            address=last.address,
            redirected_to=_redirects(self.seen),
            headers=self._headers(),
            stack=stack,
            stack_because=because,
            flow=self.survey.recipe.declared,
            cookies=cookies,
            returning=returning,
            raw=next(iter(self._walks(self.seen.raw)), None),
            fresh=tuple(map(self.interpreter.first, self.seen.fresh)),
            without_affinity=self._walks(self.seen.without_affinity),
            frozen=next(iter(self._walks(self.seen.frozen)), None),
            leaked=self._leaked(),
            strangers_set=self._strangers_set(),
            rereads=tuple(self._reread(track, record) for track, record in self.seen.rereads),
            affinity_cookies=tuple(one.name for one in cookies if one.role == "affinity" or one.route),
            fresh_with_affinity=sum(self._has_affinity(record.turn) for record in self.seen.firsts),
            shared_sessions=self._shared(),
            cached_reads=sum(map(_from_cache, self._looks())),
            awaited_by_post=awaited_by_post(self.seen.answers),
            doubled=_doubled(self.seen.browsing),
            kept_alive=next(iter(self._walks(self.seen.kept_alive)), None),
            carrier=self._carrier(),
            login=self.survey.recipe.login,
            page_keys=page_keys(self.seen.answers),
            pool=len(self.survey.context.topology.nodes),
            clocks=balancer_clocks(self.seen.answers, self.roles, self.survey.context.topology),
        )

    def _walks(self, tracks: Iterable[ClientTrace]) -> tuple[Trace, ...]:
        return tuple(map(self.interpreter.trace, tracks))

    def _cookies(self) -> tuple[Cookie, ...]:
        settings = (setting for answer in self.seen.browsing for setting in answer.settings)
        return self.survey.reader.first_of_each(settings, self.survey.read_url, self.roles)

    def _carrier(self) -> Carrier:
        """What carries the session: cookies, where one of them does."""
        handed = [one for answer in self.seen.answers for one in answer.settings if self.roles.is_session(one)]
        return carrier_of(self.survey.context.topology, [one.carrier for one in handed])

    def _insist_on_a_working_flow(self, returning: tuple[Trace, ...]) -> None:
        """Without one successful write nothing can be said about state.

        A server's own error is a finding, though, and so is a cookie that a browser does not keep or send back.
        """
        turns = [track.made.turn for track in self.seen.returning]
        if not self.survey.recipe.write or any(turn.ok for turn in turns) or any(trace.lost for trace in returning):
            return
        dropped = {text.partition(":")[0] for trace in returning for one in trace.exchanges for text in one.dropped}
        if any(self.roles.role_of(name) in {"session", "csrf"} for name in dropped):
            return
        if all(_blames_the_flow(turn) for turn in turns):
            hint = "correct site.flow: its login and write must work in a browser without any cookie"
            raise Unavailable(f"site.flow does not work: {turns[0].trouble}", hint=hint)

    def _headers(self) -> dict[str, str]:
        """The telling headers of the landing page; what caches say, of the page that hands out the session cookie."""
        told = telling(self.seen.landing[-1].response)
        handing = [answer for answer in self.seen.browsing if self.roles.handed_out(answer.settings)]
        page = next((answer for answer in handing if answer.method == "GET"), next(iter(handing), None))
        if page is None:
            return told
        kept = {name: value for name, value in told.items() if name not in _OF_CACHES}
        return kept | {name: value for name, value in telling(page.response).items() if name in _OF_CACHES}

    def _reread(self, track: ClientTrace, record: TimedResult) -> Reread:
        last, again = self.interpreter.look(track.looks[-1]), self.interpreter.look(record)
        age_s = round(record.at_s - track.made.at_s, 1)
        return Reread(last.session, age_s, again.state, node_then=last.node, node_now=again.node)

    def _has_affinity(self, turn: FlowResult) -> bool:
        """Whether a first visit was bound to a node: by a cookie for that, or a route in the session's."""
        given = [setting.cookie for setting in turn.settings if not setting.deletes]
        roles = (self.roles.role_of(cookie.name) for cookie in given)
        pairs = zip(given, roles, strict=True)
        return any(r == "affinity" or (r == "session" and self.roles.route(c.value) != "") for c, r in pairs)

    def _leaked(self) -> bool | None:
        """Whether a new client was shown what another client wrote; None where that cannot be told."""
        recipe, headers = self.survey.recipe, self.survey.target.headers
        readings = (read_state(recipe, record.turn).settled(works=True) for record in self.seen.new_clients)
        states = {reading.state for reading in readings}
        if "kept" in states:
            return True if shows_writer(recipe.read, headers) else None
        return False if "lost" in states else None

    def _strangers_set(self) -> bool | None:
        """Whether new clients who look are given a session cookie, or have it deleted."""
        new_clients = self.seen.new_clients
        given = (setting.cookie.name for record in new_clients for setting in record.turn.settings)
        return any(self.roles.role_of(name) == "session" for name in given) if new_clients else None

    def _shared(self) -> int:
        """How many clients held a session that another client held, too.

        Cookies that hold the state are alike where the state is: that of one account, written in one second, too. They
        count only where each client writes its own, and not what a node hands out that has lost it.
        """
        recipe = self.survey.recipe
        if self.roles.made_by.holds_state and not writes_own(recipe.write):
            return 0
        tracks = self.seen.returning if self.survey.recipe.login else self.seen.tracks
        clients = [track.records for track in tracks]
        clients += [(record,) for record in (*self.seen.fresh, *self.seen.new_clients)]
        held = [{token for record in records if (token := self.interpreter.session(record))} for records in clients]
        if self.roles.made_by.holds_state:
            written = self._written()
            held = [tokens & written for tokens in held]
        owners = Counter(token for tokens in held for token in tokens)
        return sum(any(owners[token] > 1 for token in tokens) for tokens in held)

    def _written(self) -> set[str]:
        """The sessions that hold what a client wrote."""
        looks = (record for track in self.seen.tracks for record in track.looks)
        kept = (record for record in looks if self.interpreter.look(record).state == "kept")
        made = (track.made for track in self.seen.tracks)
        return {self.interpreter.session(record) for record in (*made, *kept)}

    def _looks(self) -> Iterator[Response]:
        """The final responses to all looks of clients that had made a session."""
        looks = (record.turn.response for track in self.seen.tracks for record in track.looks)
        return (response for response in looks if response)


def _blames_the_flow(turn: FlowResult) -> bool:
    """Whether a making failed by what the topology declares: a wrong path, form, expectation or selector."""
    why = turn.results[-1].why
    return why in {"status", "expectation", "extract"} and turn.status < SERVER_ERROR


def telling(response: Response) -> dict[str, str]:
    """The headers of a response that tell something, by lower-case name."""
    found = {name: ", ".join(response.all(name)) for name in _HEADERS}
    return {name: "".join(filter(str.isprintable, text))[:_LONGEST_HEADER] for name, text in found.items() if text}


def _from_cache(response: Response) -> bool:
    """Whether a shared cache says that it gave this response: Age (RFC 9111, 5.1), or the usual HIT headers."""
    said = " ".join(response.header(name) for name in _CACHE_HITS).lower()
    return "hit" in said.split() or response.header("age").strip() not in {"", "0"}


def shown(url: str) -> str:
    """A URL without query and without a session id in its path."""
    target = split_url(url)
    return f"{target.origin}{_ID_IN_PATH.sub('', target.path.partition('?')[0])}"


def _redirects(seen: VisitResults) -> tuple[str, ...]:
    """Where the landing page redirected to; then where else any page did, each place once."""
    landing = [place for answer in seen.landing if (place := _redirect(answer))]
    others = dict.fromkeys(place for answer in seen.answers if (place := _redirect(answer)))
    known = {*landing, *(_place(answer.response.url) for answer in seen.landing)}
    return (*landing, *(place for place in others if place not in known))[:_MOST_REDIRECTS]


def _doubled(answers: Iterable[Answer]) -> tuple[str, ...]:
    """Names that one request carried more than once."""
    counts = (Counter(cookie.name for cookie in answer.sent) for answer in answers)
    return tuple(dict.fromkeys(name for count in counts for name in count if count[name] > 1))


def _redirect(answer: Answer) -> str:
    target = redirected_to(answer.response)
    return _place(target) if target and not begins_sign_in(target) else ""


def awaited_by_post(answers: Iterable[Answer]) -> tuple[str, ...]:
    """Names of cookies that were set on the way to a login elsewhere which answers by POST."""
    leading = (answer for answer in answers if answers_by_post(redirected_to(answer.response)))
    return tuple(dict.fromkeys(one.cookie.name for answer in leading for one in answer.settings if not one.deletes))


def _place(url: str) -> str:
    origin = split_url(url).origin
    return f"{origin.scheme}://{origin.authority}"

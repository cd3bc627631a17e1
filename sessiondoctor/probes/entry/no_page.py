"""What a site answers where a page was expected, as a sentence about its URL and what to do about it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sessiondoctor.evidence.flows.rehearsal import NoPage
from sessiondoctor.wire.address import place, split_url
from sessiondoctor.wire.redirect import redirected_to

if TYPE_CHECKING:
    from sessiondoctor.evidence.flows.rehearsal import Obstacle
    from sessiondoctor.probes.browser.results import FlowResult
    from sessiondoctor.wire.message import Response

_FAILED: Final = 400
_SERVER_ERROR: Final = 500
_CHALLENGES: Final = 10
_LONGEST: Final = 20
_GATEWAY: Final = frozenset({502, 503, 504})
_BY_STATUS: Final[dict[int, tuple[Obstacle, str]]] = {
    401: ("unauthorized", "add credentials (-u)"),
    403: ("forbidden", "is this address allowed, and are headers or cookies missing (-H)?"),
    404: ("not-found", "is the path right?"),
    407: ("unauthorized", "add the proxy's credentials (--proxy)"),
    410: ("not-found", "is the path right?"),
    429: ("too-many", "slower, --rate"),
}


def why_no_page(url: str, landing: FlowResult) -> NoPage | None:
    """What the first answer was, if it was no page."""
    shown = _shown(url)
    if landing.response is None:
        return _silent(shown, landing)
    elsewhere = redirected_to(landing.response)
    if elsewhere:
        return _led_elsewhere(shown, elsewhere, landing)
    if landing.status < _FAILED:
        return None
    return replace(_failed(shown, landing.status), schemes=_schemes(landing.response))


def _led_elsewhere(shown: str, elsewhere: str, landing: FlowResult) -> NoPage:
    if landing.response and place(elsewhere) == place(landing.response.url):
        times = len(landing.answers) - 1
        return NoPage("redirect", f"{shown}: more than {times} redirects in a row", "a browser gives up as well")
    return NoPage("redirect", f"{shown} redirects to {_shown(elsewhere)}", "scan that URL")


def _schemes(response: Response) -> tuple[str, ...]:
    """The first word of each challenge (RFC 9110, section 11.6.1), each once."""
    challenges = (value.split(None, 1)[:1] for value in response.all("www-authenticate")[:_CHALLENGES])
    return tuple(dict.fromkeys(word.rstrip(",")[:_LONGEST] for words in challenges for word in words))


def _failed(shown: str, status: int) -> NoPage:
    if status in _GATEWAY:
        return NoPage("unavailable", f"{shown} answers {status} from the balancer", "no node takes its requests")
    if status >= _SERVER_ERROR:
        return NoPage("server-error", f"{shown} answered {status} to every client without a cookie", "see its log")
    obstacle, advice = _BY_STATUS.get(status, ("refused-request", ""))
    return NoPage(obstacle, f"{shown} answered {status} to every request", advice)


def _silent(shown: str, landing: FlowResult) -> NoPage:
    trouble = landing.trouble
    match landing.network:
        case "refused":
            return NoPage(
                "connection-refused", f"{shown}: connection refused", "is the port right, and does it listen?"
            )
        case "client-certificate":
            return NoPage("client-certificate", f"{shown} asks for a client certificate", "--cert and --key")
        case "unknown-authority":
            return NoPage("unknown-authority", f"{shown}: {trouble.partition(': ')[2] or trouble}", "--cacert, or -k")
    return NoPage("no-answer", trouble or f"{shown} did not answer")


def _shown(url: str) -> str:
    """A URL without its query and fragment."""
    target = split_url(url)
    return f"{target.origin}{target.path.partition('?')[0]}"

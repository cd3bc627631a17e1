"""Settings of affinity that are misspelt: near to a word that exists, and not one themselves."""

from __future__ import annotations

import difflib
import re
from typing import TYPE_CHECKING

from sessiondoctor.evidence.configs.balancing import Mistake

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sessiondoctor.configs.source import Text
    from sessiondoctor.configs.yaml import Node
    from sessiondoctor.evidence.configs.balancing import About
    from sessiondoctor.evidence.configs.fact import Fact

_NEAR = 0.82
WORDS = {
    "ingress-nginx": (
        "affinity",
        "affinity-mode",
        "affinity-canary-behavior",
        "session-cookie-name",
        "session-cookie-path",
        "session-cookie-domain",
        "session-cookie-secure",
        "session-cookie-samesite",
        "session-cookie-expires",
        "session-cookie-max-age",
        "session-cookie-hash",
        "session-cookie-change-on-failure",
        "upstream-hash-by",
        "session-cookie-conditional-samesite-none",
        "upstream-hash-by-subset",
        "upstream-hash-by-subset-size",
    ),
    "nginx-vendor": ("sticky-cookie-services", "lb-method"),
    "haproxy": ("cookie-persistence", "cookie-persistence-no-dynamic", "load-balance"),
    "haproxy-ingress": (
        "affinity",
        "session-cookie-name",
        "session-cookie-strategy",
        "session-cookie-dynamic",
        "session-cookie-keywords",
        "session-cookie-preserve",
        "session-cookie-same-site",
        "session-cookie-shared",
        "session-cookie-value-strategy",
        "session-cookie-domain",
    ),
    "azure": ("cookie-based-affinity", "cookie-based-affinity-distinct-name"),
    "aws-alb": ("target-group-attributes", "target-type"),
}
TARGET_GROUP = (
    "stickiness.enabled",
    "stickiness.type",
    "stickiness.lb_cookie.duration_seconds",
    "stickiness.app_cookie.cookie_name",
    "stickiness.app_cookie.duration_seconds",
    "slow_start.duration_seconds",
    "deregistration_delay.timeout_seconds",
    "load_balancing.algorithm.type",
    "load_balancing.cross_zone.enabled",
    "load_balancing.algorithm.anomaly_mitigation",
    "preserve_client_ip.enabled",
    "proxy_protocol_v2.enabled",
    "deregistration_delay.connection_termination.enabled",
    "lambda.multi_value_headers.enabled",
)
_VALUES = {("ingress-nginx", "affinity"): ("cookie",), ("ingress-nginx", "affinity-mode"): ("balanced", "persistent")}


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that a misspelt one must mean; empty for a known word, or if none is near."""
    known = tuple(known)
    if word in known:
        return ""
    return next(iter(difflib.get_close_matches(word, known, 1, _NEAR)), "")


def mistakes(text: Text, notes: Mapping[str, Mapping[str, Node]]) -> Iterator[Fact]:
    """Annotations and target-group attributes that no controller reads, and values it does not know."""
    for controller, found in notes.items():
        for word, node in found.items():
            at = text.at(node.line, node.column)
            if meant := nearest(word, WORDS.get(controller, ())):
                yield Mistake(at=at, word=word, meant=meant, about="affinity")
            allowed = _VALUES.get((controller, word), ())
            value = node.text()
            if allowed and value and value not in allowed and "TEMPLATED" not in value:
                yield Mistake(
                    at=at,
                    word=f"{word}: {value[:40]}",
                    meant=" or ".join(allowed),
                    why="unknown-value",
                    about="affinity",
                )
            if word == "target-group-attributes":
                yield from _attributes(text, node)


def _attributes(text: Text, node: Node) -> Iterator[Fact]:
    for key in re.findall(r"([A-Za-z_][\w.]{2,80})=", node.text()):
        if meant := attribute(key):
            about: About = "affinity" if meant.startswith("stickiness") else ""
            yield Mistake(at=text.at(node.line, node.column), word=key, meant=meant, about=about)


def attribute(key: str) -> str:
    """The attribute that is meant: as a whole, or by its parts, so that two slips in one name are still known."""
    if found := nearest(key, TARGET_GROUP):
        return found
    if key in TARGET_GROUP:
        return ""
    scores = {known: difflib.SequenceMatcher(None, key, known).ratio() for known in TARGET_GROUP}
    best = max(scores, key=lambda known: scores[known])
    return best if scores[best] >= 0.7 else ""  # attributes are long and unlike one another

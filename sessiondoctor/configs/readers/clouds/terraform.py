"""Terraform and OpenTofu: target groups, backend services and gateways of AWS, Google Cloud and Azure.

Read by blocks and assignments. python-hcl2, the kept parser, was tried and left: it took 2.6 s for 140 lines, where a
file may take one second, and refuses a block without its end. Expressions are not evaluated: a value that is one is not
known.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessiondoctor.configs.blocks import Directive
from sessiondoctor.configs.blocks import read as parse
from sessiondoctor.configs.readers.clouds.cloudfront import COOKIES_IN_KEY
from sessiondoctor.configs.values import boolean, seconds, whole
from sessiondoctor.evidence.configs.application import Setting
from sessiondoctor.evidence.configs.balancing import Affinity, Drain, Rule
from sessiondoctor.evidence.configs.deployment import Workload
from sessiondoctor.evidence.configs.fact import CookieRule
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.configs.source import Text
    from sessiondoctor.evidence.configs.fact import Fact

TITLE = "Terraform (load balancers of AWS, Google Cloud, Azure)"
_BLOCK = regex(
    r"^\s*(?:resource\s+\"\w+\"\s+\"[\w-]+\"|(?:module|variable|provider|output|data)\s+\"\w+\"|terraform)\s.*\{",
    re.MULTILINE,
)


def score(name: str, head: str) -> int:
    """Blocks of resources."""
    return 88 if _BLOCK.search(head) and (name.endswith((".tf", ".tofu")) or 'resource "' in head) else 0


def read(text: Text) -> Iterator[Fact]:
    """The facts of resources that balance or serve."""
    for one in parse(text.text, by_lines=True).walk():
        if one.name == "resource" and len(one.args) > 1:
            yield from _resource(one, one.args[0], one.args[1], text)


def _value(one: Directive | None, name: str) -> str:
    """The value of `name = value`; empty if it is an expression."""
    found = one.first(name) if one else None
    words = found.args[1:] if found and found.args[:1] == ["="] else []
    return words[0] if len(words) == 1 and not re.match(r"(?:var|local|module|data|each|count)\.", words[0]) else ""


def _resource(one: Directive, kind: str, name: str, text: Text) -> Iterator[Fact]:
    if kind in {"aws_lb_target_group", "aws_alb_target_group"}:
        yield from _target_group(one, name, text)
    elif kind in {"google_compute_backend_service", "google_compute_region_backend_service"}:
        yield from _google(one, name, text)
    elif kind == "aws_cloudfront_cache_policy":
        yield from _cache_policy(one, name, text)
    elif kind == "azurerm_application_gateway":
        for settings in one.all("backend_http_settings"):
            yield from _azure(settings, text)
    elif kind in {"aws_lb_listener_rule", "aws_lb_listener", "aws_alb_listener_rule"}:
        yield from _forward(one, name, text)
    elif kind in {"aws_ecs_service", "aws_autoscaling_group"}:
        count = one.first("desired_count", "max_size") or one
        number = whole(_value(one, "desired_count") or _value(one, "max_size"))
        yield Workload(at=text.at(count.line, count.column), name=name, kind=kind, replicas=number)


def _target_group(one: Directive, name: str, text: Text) -> Iterator[Fact]:
    block = one.first("stickiness")
    if block and boolean(_value(block, "enabled") or "true") is not None:
        kept = boolean(_value(block, "enabled") or "true")
        kind = _value(block, "type") or "lb_cookie"
        life = seconds(_value(block, "cookie_duration")) or 86400.0
        cookie = _value(block, "cookie_name") or "AWSALB"
        by_address = kind == "source_ip"
        yield Affinity(
            at=text.at(block.line, block.column),
            pool=name,
            directive=f"stickiness: {kind}",
            product="aws-alb",
            key=cookie,
            by="nothing"
            if not kept
            else "address"
            if by_address
            else "app-cookie"
            if kind == "app_cookie"
            else "cookie",
            how="name" if kept else "",
            cookie=None if by_address else CookieRule(name=cookie, life_s=life),
            life_s=life if kept and not by_address else None,
        )
    yield from _drain(one, "deregistration_delay", name, text)


def _drain(one: Directive, setting: str, name: str, text: Text) -> Iterator[Fact]:
    found = one.first(setting)
    if found and (delay := seconds(_value(one, setting))) is not None:
        yield Drain(at=text.at(found.line, found.column), subject=name, seconds=delay, setting=setting)


def _google(one: Directive, name: str, text: Text) -> Iterator[Fact]:
    kind, place = _value(one, "session_affinity"), one.first("session_affinity")
    if place and kind.startswith(("GENERATED_COOKIE", "CLIENT_IP", "HTTP_COOKIE")):
        cookie = "COOKIE" in kind
        life = seconds(_value(one, "affinity_cookie_ttl_sec")) or None
        yield Affinity(
            at=text.at(place.line, place.column),
            pool=name,
            by="cookie" if cookie else "address",
            how="hash",
            key="GCLB" if cookie else "",
            cookie=CookieRule(name="GCLB", life_s=life) if cookie else None,
            life_s=life,
            directive=f"session_affinity: {kind}",
            product="gclb",
        )
    yield from _drain(one, "connection_draining_timeout_sec", name, text)


def _cache_policy(one: Directive, name: str, text: Text) -> Iterator[Fact]:
    """Which cookies are in the key of a policy of CloudFront, see `cloudfront`."""
    keys = one.first("parameters_in_cache_key_and_forwarded_to_origin")
    cookies = keys.first("cookies_config") if keys else None
    place = cookies.first("cookie_behavior") if cookies else None
    longest = seconds(_value(one, "max_ttl"))
    if place and longest != 0:
        told = _value(cookies, "cookie_behavior")
        yield Setting(at=text.at(place.line, place.column), name=COOKIES_IN_KEY, value=told, scope=name)


def _azure(settings: Directive, text: Text) -> Iterator[Fact]:
    place = settings.first("cookie_based_affinity")
    if place and _value(settings, "cookie_based_affinity") == "Enabled":
        name = _value(settings, "affinity_cookie_name") or "ApplicationGatewayAffinity"
        yield Affinity(
            at=text.at(place.line, place.column),
            pool=_value(settings, "name"),
            by="cookie",
            how="name",
            key=name,
            cookie=CookieRule(name=name),
            directive="cookie_based_affinity",
            product="azure",
        )


def _forward(one: Directive, name: str, text: Text) -> Iterator[Fact]:
    """A listener that divides requests among target groups."""
    for block in (inner for inner in one.walk() if inner.name == "forward" and inner.children is not None):
        groups = [
            (_value(group, "arn"), seconds(_value(group, "weight")) or 0.0) for group in block.all("target_group")
        ]
        if len(groups) > 1:
            sticky = boolean(_value(block.first("stickiness"), "enabled")) is True
            targets = tuple((arn or f"{name} {number}", weight) for number, (arn, weight) in enumerate(groups, 1))
            yield Rule(at=text.at(block.line, block.column), kind="weight", scope=name, targets=targets, sticky=sticky)

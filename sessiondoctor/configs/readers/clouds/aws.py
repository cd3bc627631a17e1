"""AWS: CloudFormation target groups, and what `aws elbv2 describe-target-group-attributes` prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.configs.manifests.spelling import attribute
from sessiondoctor.configs.values import boolean, seconds
from sessiondoctor.configs.yaml import documents
from sessiondoctor.evidence.configs.balancing import Affinity, Drain, Mistake
from sessiondoctor.evidence.configs.fact import CookieRule
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.configs.source import Text
    from sessiondoctor.configs.yaml import Node
    from sessiondoctor.evidence.configs.fact import Fact

TITLE = "AWS CloudFormation and elbv2 target groups (YAML, JSON)"
_WORDS = regex(
    r"AWS::ElasticLoadBalancingV2::TargetGroup|[\"']?TargetGroupAttributes[\"']?[ \t]*:|stickiness\.enabled[\"']"
)
_ATTRIBUTE = regex(r"[\"']?Key[\"']?[ \t]*:[ \t]*[\"']?(?:stickiness\.|deregistration_delay)")


def score(_name: str, head: str) -> int:
    """Target groups with attributes as keys and values."""
    return 84 if _WORDS.search(head) or _ATTRIBUTE.search(head) else 0


def read(text: Text) -> Iterator[Fact]:
    """The facts of each list of attributes."""
    for root in documents(text.text):
        found = False
        for key, node in root.walk():
            if key in {"TargetGroupAttributes", "Attributes"} and isinstance(node.value, list):
                found = True
                yield from _group(list(node.each()), text)
        if not found and isinstance(root.value, list):
            yield from _group(list(root.each()), text)


def _group(entries: list[Node], text: Text) -> Iterator[Fact]:
    told = {entry.text("Key"): (entry.text("Value"), entry) for entry in entries if entry.text("Key")}
    for key, (_, entry) in told.items():
        if meant := attribute(key):
            yield Mistake(at=text.at(entry.line, entry.column), word=key, meant=meant,
                          about="affinity" if meant.startswith("stickiness") else "")  # fmt: skip
    if "stickiness.enabled" in told:
        value, entry = told["stickiness.enabled"]
        kept = boolean(value) is True
        kind = told.get("stickiness.type", ("lb_cookie", entry))[0]
        life = seconds(told.get(f"stickiness.{kind}.duration_seconds", ("86400", entry))[0])
        name = told.get("stickiness.app_cookie.cookie_name", ("AWSALB", entry))[0]
        yield Affinity(
            at=text.at(entry.line, entry.column),
            by="cookie" if kept and kind != "app_cookie" else "app-cookie" if kept else "nothing",
            how="name" if kept else "",
            key=name,
            cookie=CookieRule(name=name, life_s=life),
            life_s=life if kept else None,
            directive=f"stickiness.enabled={value}",
            product="aws-alb",
        )
    if "deregistration_delay.timeout_seconds" in told:
        value, entry = told["deregistration_delay.timeout_seconds"]
        yield Drain(
            at=text.at(entry.line, entry.column), seconds=seconds(value), setting="deregistration_delay.timeout_seconds"
        )

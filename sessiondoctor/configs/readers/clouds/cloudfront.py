"""CloudFront cache policies: CloudFormation, `aws cloudfront get-cache-policy`, CDK and tools that are built on it.

What is kept under a key that has no cookie in it is handed to everybody, with the Set-Cookie that came with it, unless
the origin forbids to keep it. That is right for what is everybody's, and wrong for pages with sessions:
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/controlling-the-cache-key.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sessiondoctor.configs.values import seconds
from sessiondoctor.configs.yaml import documents
from sessiondoctor.evidence.configs.application import Setting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.configs.source import Text
    from sessiondoctor.configs.yaml import Node
    from sessiondoctor.evidence.configs.fact import Fact

COOKIES_IN_KEY: Final = "cache-key/cookies"
"""The setting of a policy: which cookies are in its key; its scope is the policy's name."""

TITLE = "CloudFront cache policies (YAML, JSON)"
_KEY = re.compile(r"(?i)[\"']?parametersInCacheKey(?:AndForwardedToOrigin)?[\"']?[ \t]*:")


def score(_name: str, head: str) -> int:
    """The one key that only such policies have."""
    return 86 if _KEY.search(head) else 0


def read(text: Text) -> Iterator[Fact]:
    """Which cookies are in the key of each policy that keeps anything."""
    for root in documents(text.text):
        for _, policy in ((None, root), *root.walk()):
            yield from _policy(policy, text)


def _policy(policy: Node, text: Text) -> Iterator[Fact]:
    told = {key.lower(): node for key, node in _pairs(policy)}
    parameters = next((node for key, node in told.items() if key.startswith("parametersincachekey")), None)
    if parameters is None:
        return
    inside = {key.lower(): node for key, node in _pairs(parameters)}
    cookies = inside.get("cookies") or inside.get("cookiesconfig")
    kept = seconds(str(told["maxttl"].value)) if "maxttl" in told else None
    if cookies is not None and kept != 0:
        yield Setting(at=text.at(cookies.line, cookies.column), name=COOKIES_IN_KEY, value=_behaviour(cookies))


def _behaviour(cookies: Node) -> str:
    """`none` itself, or in the words of the API."""
    if isinstance(cookies.value, str):
        return cookies.value.lower()
    inside = {key.lower(): node for key, node in _pairs(cookies)}
    return str(inside["cookiebehavior"].value).lower() if "cookiebehavior" in inside else ""


def _pairs(node: Node) -> Iterator[tuple[str, Node]]:
    if isinstance(node.value, dict):
        yield from node.value.items()

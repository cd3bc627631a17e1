"""Reads a cause's page: the fix for a stack, the commands that prove it."""

from __future__ import annotations

import re
import shlex
from dataclasses import replace
from itertools import pairwise
from typing import TYPE_CHECKING

from sessiondoctor.model import Solution

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sessiondoctor.catalogue.loader import Cause
    from sessiondoctor.products.page import Product, Setting
    from sessiondoctor.topology.model import Topology

_ANY = "any stack"
_UNSHARED = {"lb-no-affinity", "node-local-store", "ephemeral-compute-state", "affinity-cookie-not-issued"}
_ITEM = re.compile(r"^(?:\d+\.|[-*]) ", re.MULTILINE)
_COMMAND = re.compile(r"^\s*sessiondoctor .*$", re.MULTILINE)
# The words of the topology beside the words of the pages' headings.
_HEADINGS = {
    "aspnetcore": "asp.net core",
    "aspnet": "asp.net",
    "k8s-ingress": "kubernetes ingress",
    "aws-alb": "aws alb",
    "aws-clb": "aws clb",
    "gclb": "google cloud load balancing",
    "spring": "spring",
    "mod_jk": "mod_jk",
}


def sections(page: str, level: int = 2) -> dict[str, str]:
    """The page's sections by lower-case heading, in order; headings inside code fences are code."""
    found: dict[str, list[str]] = {}
    lines = found.setdefault("", [])
    fenced = False
    for line in page.splitlines():
        fenced ^= line.lstrip().startswith("```")
        if not fenced and line.startswith("#" * level + " "):
            lines = found.setdefault(line[level + 1 :].strip().lower(), [])
        else:
            lines.append(line)
    return {heading: "\n".join(text).strip() for heading, text in found.items()}


def solution_of(cause: Cause, stacks: Sequence[str]) -> Solution:
    """The fix for the first of these stacks, balancers and stores that the page speaks of, after what all need."""
    parts = sections(cause.page)
    fixes = sections(parts.get("fix", ""), level=3)
    chosen = [heading for heading in (_heading(fixes, word) for word in stacks) if heading]
    texts = [fixes.get(_ANY, ""), *(fixes[heading] for heading in dict.fromkeys(chosen))]
    steps = tuple(step for text in texts for step in items(text))
    return Solution(
        summary=" ".join(fixes.get("", "").split()),
        stack=stacks[0] if stacks and chosen else "any",
        steps=steps,
        alternatives=(*(() if steps else _each_stack(cause.page, fixes)), *items(parts.get("alternatives", ""))),
    )


def with_product(solution: Solution, cause: Cause, product: Product | None) -> Solution:
    """The fix with what the product itself needs first: the settings that this cause is about, or a shared place."""
    if product is None:
        return solution
    steps = [_said(product, setting) for setting in product.equal if cause.id in setting.causes]
    if cause.id in _UNSHARED and product.state.shared:
        steps.append(f"{product.title}: {product.state.shared}")
    return replace(solution, stack=product.id, steps=(*steps, *solution.steps)) if steps else solution


def _said(product: Product, setting: Setting) -> str:
    variable = f" (environment variable `{setting.env}`)" if setting.env else ""
    return f"{product.title}: give every node the same `{setting.name}`{variable}: {setting.told}"


def verify_of(cause: Cause, topology: Topology) -> str:
    """The page's sessiondoctor command, for the user's own target."""
    target = topology.target or "sessiondoctor.yaml"
    found = _COMMAND.search(sections(cause.page).get("prove the fix", ""))
    if not found:
        return f"sessiondoctor scan {shlex.quote(target)}"
    return found[0].strip().replace("sessiondoctor.yaml", shlex.quote(target))


def items(text: str) -> Iterable[str]:
    """The items of a Markdown list, each with its code; text before the first item is not one."""
    starts = [match.start() for match in _ITEM.finditer(text)]
    for start, end in pairwise([*starts, len(text)]):
        yield _dedented(_ITEM.sub("", text[start:end], count=1))


def _heading(fixes: dict[str, str], word: str) -> str:
    wanted = _HEADINGS.get(word, word)
    exact = [heading for heading in fixes if heading == wanted]
    return next(iter(exact or [h for h in fixes if wanted in re.split(r"[ ,/]+", h) or h.startswith(wanted)]), "")


def _each_stack(page: str, fixes: dict[str, str]) -> Iterable[str]:
    """Where nobody knows the stack, the fixes of the page's stacks: one of them is needed, not one after the other."""
    for title in re.findall(r"^### (.+)$", page, re.MULTILINE):
        steps = list(items(fixes.get(title.strip().lower(), "")))
        numbered = (f"{number}. {step}" if len(steps) > 1 else step for number, step in enumerate(steps, 1))
        yield f"{title.strip()}: {chr(10).join(numbered)}"


def _dedented(item: str) -> str:
    first, _, rest = item.partition("\n")
    lines = rest.splitlines()
    indent = min((len(line) - len(line.lstrip()) for line in lines if line.strip()), default=0)
    return "\n".join([first, *(line[indent:] for line in lines)]).strip()

"""gunicorn.conf.py: how many worker processes, and whether they are forked after the application is loaded."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessiondoctor.configs.code import python
from sessiondoctor.configs.commands import MANY
from sessiondoctor.configs.values import whole
from sessiondoctor.evidence.configs.application import Setting
from sessiondoctor.evidence.configs.deployment import Workload
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

    from sessiondoctor.configs.source import Text
    from sessiondoctor.evidence.configs.fact import Fact

TITLE = "gunicorn.conf.py (Python, read and never run)"
_SET = regex(r"^(?:workers|worker_class|preload_app|bind|worker_connections|max_requests|threads)[ \t]*=", re.MULTILINE)


def score(name: str, head: str) -> int:
    """`workers =` with another of its settings, or in a file called so."""
    found = len(set(_SET.findall(head)))
    if not re.search(r"^(?:workers|worker_class|preload_app)[ \t]*=", head, re.MULTILINE) or "[loggers]" in head:
        return 0
    return 82 if found >= 2 or "gunicorn" in name else 45


def read(text: Text) -> Iterator[Fact]:
    """One workload."""
    found = {one.name: one for one in python.assignments(python.statements(text.text)) if not one.owner}
    if one := found.get("workers"):
        yield Workload(at=text.at(one.line), kind="gunicorn", workers=_number(one.value))
    if one := found.get("preload_app"):
        told = python.value_of(one.value).known
        yield Setting(at=text.at(one.line), name="preload_app", value=told)


def _number(node: ast.expr) -> int | None:
    """A number; `cpu_count() * 2 + 1` is several, whatever the machine."""
    value = python.value_of(node)
    told = value.known or (value.fallback.known if value.fallback else "")
    if told:
        return whole(told)
    import ast

    return (
        MANY
        if any("cpu_count" in python.dotted(part) for part in ast.walk(node) if isinstance(part, ast.expr))
        else None
    )

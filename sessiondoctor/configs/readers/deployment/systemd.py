"""systemd units: what is started, with how many workers, with which environment, and what its own /tmp hides."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessiondoctor.configs import commands, environment
from sessiondoctor.configs.environment import Variable
from sessiondoctor.configs.values import boolean, seconds
from sessiondoctor.evidence.configs.application import Setting
from sessiondoctor.evidence.configs.balancing import Drain
from sessiondoctor.evidence.configs.deployment import Volume, Workload
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.configs.source import Text
    from sessiondoctor.evidence.configs.fact import Fact
    from sessiondoctor.evidence.location import Location

TITLE = "systemd unit, Podman quadlet"
_SECTION = regex(r"^\[(?:Unit|Service|Install|Container)\][ \t\r]*$", re.MULTILINE)
_KEY = regex(
    r"^(?:ExecStart|ExecStartPre|EnvironmentFile|PrivateTmp|RuntimeDirectory|StateDirectory|WantedBy|TimeoutStopSec"
    r"|RuntimeDirectoryPreserve|DynamicUser)=",
    re.MULTILINE,
)
_TEMPLATE = regex(r"@\.service$")


def score(name: str, head: str) -> int:
    """A unit's section, or one of its keys at the beginning of a line."""
    keys = len(_KEY.findall(head))
    named = 4 if name.endswith((".service", ".conf")) else 0
    if _SECTION.search(head):
        return 82 + min(keys, 4) * 2 + named
    return min(90, 66 + 6 * keys) + named if keys else 0


def read(text: Text) -> Iterator[Fact]:
    """The facts of one unit."""
    settings = list(_settings(text))
    known = {key: (value, at) for key, value, at in settings}
    name = text.name.replace("\\", "/").rpartition("/")[2].removesuffix(".service").rstrip("@")
    variables = [one for key, value, at in settings if key == "Environment" for one in _assignments(value, at)]
    yield from environment.facts(variables, text)
    for key, value, at in settings:
        if key == "Exec" and "Image" in known:
            yield from commands.facts(commands.words_of(value), at, name)
        elif key == "ExecStart":
            yield from _started(value.lstrip("@-:+!"), at, name)
        elif key in {"ExecStartPre", "ExecStartPost"}:
            yield from commands.facts(commands.words_of(value), at)
            yield from commands.made_on_the_way(value, at)
    yield from _folders(known, name)
    if stop := known.get("TimeoutStopSec"):
        yield Drain(at=stop[1], subject=name, seconds=seconds(stop[0]), setting="TimeoutStopSec")


def _started(line: str, at: Location, name: str) -> Iterator[Fact]:
    words = commands.words_of(line)
    product, number = commands.workers(words)
    yield Workload(at=at, name=name, kind="systemd", image=product, workers=number)
    yield from commands.facts(words, at, name, alone=False)


def _folders(known: dict[str, tuple[str, Location]], name: str) -> Iterator[Fact]:
    """A /tmp of its own, and /run/NAME, end with the service."""
    for key in ("PrivateTmp", "DynamicUser"):
        if key in known and boolean(known[key][0]):
            yield Setting(at=known[key][1], name=key, value=known[key][0], scope=name)
            yield Volume(at=known[key][1], workload=name, path="/tmp", kind="ephemeral")  # noqa: S108 - a folder in a file
    preserved = known.get("RuntimeDirectoryPreserve", ("no", None))[0]
    if "RuntimeDirectory" in known and boolean(preserved) is False:
        value, at = known["RuntimeDirectory"]
        for folder in value.split()[:20]:
            yield Volume(at=at, workload=name, path=f"/run/{folder}", kind="ephemeral")


def _settings(text: Text) -> Iterator[tuple[str, str, Location]]:
    """Key, value and place; a backslash joins lines."""
    joined, first = "", 0
    for number, line in enumerate(text.text.split("\n"), 1):
        bare = line.strip()
        if not joined and bare[:1] in {"#", ";"}:
            continue
        first = first or number
        if bare.endswith("\\"):
            joined += bare[:-1] + " "
            continue
        key, equals, value = (joined + bare).partition("=")
        if equals:
            yield key.strip(), value.strip(), text.at(first)
        joined, first = "", 0


def _assignments(value: str, at: Location) -> Iterator[Variable]:
    for word in commands.words_of(value):
        name, equals, rest = word.partition("=")
        if equals:
            yield Variable(name, rest, at)

"""Command lines by themselves: Dockerfile, Procfile, entry scripts, one line of a shell."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from sessiondoctor.configs import commands, environment
from sessiondoctor.configs.environment import Variable
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.configs.source import Text
    from sessiondoctor.evidence.configs.fact import Fact

TITLE = "start-up commands: Dockerfile, Procfile, entry script, command line"
_DOCKER = regex(r"^(?:FROM[ \t]+[\w./:@-]+|ENTRYPOINT[ \t]+\S|CMD[ \t]+\S|RUN[ \t]+\S|WORKDIR[ \t]+\S)", re.MULTILINE)
_PROCFILE = regex(r"^(?:web|worker|release)[ \t]*:[ \t]*\S+[ \t]+\S", re.MULTILINE)
_SERVER = regex(
    r"^[ \t]*(?:\$[ \t]+)?(?:[A-Z_]{2,40}=\S*[ \t]+)*(?:exec[ \t]+|sudo[ \t]+|bundle exec[ \t]+"
    r"|python3?[ \t]+-m[ \t]+)*"
    r"(?:[\w./-]{0,60}/)?(?:gunicorn|uvicorn|hypercorn|uwsgi|puma|pm2(?:-runtime)?|redis-server|valkey-server|memcached"
    r"|oauth2-proxy)[ \t]+(?:-|start|[\w.]+:\w)",
    re.MULTILINE,
)
_FLAGS = regex(
    r"^[ \t]*(?:- )?[\"']?--(?:redis-use-cluster|redis-connection-url"
    r"|redis-cluster-connection-urls|session-store-type|cookie-(?:samesite|secure|secret|domains?|expire|refresh))=",
    re.MULTILINE,
)
_KEYED = regex(
    r"^[^\n#]{0,120}(?:artisan[\"}]*[ \t]+key:generate"
    r"|\b[A-Z_]{2,40}(?:SECRET|KEY)[A-Z_]{0,20}=\"?(?:\$\(|`)[^\n]{0,160}"
    r"(?:openssl[ \t]+rand|random|uuidgen|pwgen|token_hex|token_urlsafe))",
    re.MULTILINE,
)
_INSTRUCTION = regex(
    r"[ \t]*(?:(CMD|ENTRYPOINT|RUN|ENV|ARG|HEALTHCHECK|COPY|ADD"
    r"|FROM|EXPOSE|LABEL|VOLUME|USER|WORKDIR|SHELL|STOPSIGNAL|ONBUILD)[ \t]+)?(.*)",
    re.DOTALL,
)
_STARTS = {"CMD", "ENTRYPOINT", None}
_MOST_LINES = 5000


def score(name: str, head: str) -> int:
    """Instructions of a Dockerfile, a Procfile's `web:`, a server with its options at the beginning of a line."""
    docker = len(_DOCKER.findall(head))
    if docker > 1 or (docker and name.startswith("dockerfile")):
        return 70
    if _FLAGS.search(head):
        return 72
    if _SERVER.search(head) or (_PROCFILE.search(head) and not re.search(r"^[ \t]+-?[ \t]*\w+:", head, re.MULTILINE)):
        return 62
    return 50 if _KEYED.search(head) and name.endswith((".sh", "entrypoint")) else 40 if _KEYED.search(head) else 0


def read(text: Text) -> Iterator[Fact]:
    """Workers, stores and secrets of each command; what only a build runs is left out."""
    variables: list[Variable] = []
    for number, line in _lines(text.text):
        at = text.at(number)
        found = _INSTRUCTION.match(line)
        instruction, rest = (found[1], found[2]) if found else (None, line)
        if instruction == "ENV":
            variables += _environment(rest, text, number)
        elif instruction in _STARTS:
            yield from commands.facts(_words(rest), at)
            yield from commands.made_on_the_way(rest, at)
    yield from environment.facts(variables, text)


def _lines(content: str) -> Iterator[tuple[int, str]]:
    """Lines with their numbers; a backslash joins them."""
    joined, first = "", 0
    for number, line in enumerate(content.split("\n")[:_MOST_LINES], 1):
        bare = line.strip()
        if bare.startswith("#") and not joined:
            continue
        first = first or number
        if bare.endswith("\\"):
            joined += bare[:-1] + " "
            continue
        yield first, joined + bare
        joined, first = "", 0
    if joined:
        yield first, joined


def _words(line: str) -> list[str]:
    """Words of a shell line, or of the JSON array of CMD."""
    if line.startswith("["):
        try:
            words = json.loads(line)
        except (ValueError, RecursionError):
            words = None
        if isinstance(words, list):
            return [word for word in words if isinstance(word, str)]
    return commands.words_of(re.sub(r"^(?:-[ \t]+|\$[ \t]+|\w+:[ \t]+)", "", line))


def _environment(rest: str, text: Text, number: int) -> Iterator[Variable]:
    words = commands.words_of(rest)
    if words and "=" not in words[0]:
        yield Variable(words[0], " ".join(words[1:]), text.at(number))
        return
    for word in words:
        name, equals, value = word.partition("=")
        if equals:
            yield Variable(name, value, text.at(number))

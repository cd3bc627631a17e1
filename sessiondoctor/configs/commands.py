"""Command lines that start something: worker processes, stores, secrets made on the way.

What `command:` of compose and Kubernetes, ExecStart, CMD, a Procfile and entry scripts say in one way. Nothing is run.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sessiondoctor.configs.environment import SECRETS
from sessiondoctor.configs.servers import server
from sessiondoctor.configs.values import endpoint, whole
from sessiondoctor.evidence.configs.application import LOGIN_ELSEWHERE, Secret, SessionCookie, SessionStore, Setting
from sessiondoctor.evidence.configs.deployment import Workload
from sessiondoctor.evidence.configs.fact import CookieRule
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sessiondoctor.evidence.configs.fact import Fact
    from sessiondoctor.evidence.location import Location

_LONGEST = 4000
_ENDS = regex(r"\s*(?:&&|\|\||[;|])\s*")
_BEFORE = {
    "exec", "sudo", "env", "nohup", "nice", "time", "bundle", "poetry", "pipenv", "uv", "run", "npx", "yarn", "pnpm",
    "tini", "dumb-init", "--", "-s", "-g", "python", "python3", "-m", "su-exec", "gosu", "web:", "worker:", "start:",
}  # fmt: skip
_SHELLS = {"sh", "bash", "ash", "dash"}
_ASSIGNED = regex(r"([A-Za-z_][A-Za-z0-9_]{0,80})=(.*)", re.DOTALL)
_RANDOM = regex(r"\$\(|`")
_MAKES_RANDOM = regex(
    r"openssl\s+rand|/dev/urandom|uuidgen|pwgen|token_hex|token_urlsafe|randomBytes|secret|\brandom\b|SystemRandom"
)
_PRODUCTS = {
    "gunicorn": (("-w", "--workers"),), "uvicorn": (("--workers",),), "hypercorn": (("-w", "--workers"),),
    "granian": (("--workers",),), "uwsgi": (("-p", "--processes", "--workers"),), "puma": (("-w", "--workers"),),
    "pm2": (("-i", "--instances"),), "pm2-runtime": (("-i", "--instances"),), "unicorn": (),
    "daphne": (), "waitress-serve": (), "flask": (), "node": (), "npm": (), "fastapi": (("--workers",),),
}  # fmt: skip
MANY = 2
"""Workers where a file says `max` or `auto`: as many as there are processors, two at least."""


@dataclass(frozen=True, slots=True)
class Command:
    """One simple command: the program's name without its folder, and its arguments."""

    program: str
    args: tuple[str, ...]

    def option(self, *names: str) -> str:
        """The value of the first of these options that is given: `-w 4`, `-w4`, `--workers=4`."""
        for index, word in enumerate(self.args):
            for name in names:
                if word == name:
                    return self.args[index + 1] if index + 1 < len(self.args) else ""
                if word.startswith(f"{name}=") or (len(name) == 2 and word.startswith(name) and word[2:].isalnum()):
                    return word[len(name) :].removeprefix("=")
        return ""


def words_of(line: str) -> list[str]:
    """The words of a shell line; of one that is cut in a quote, those between blanks."""
    try:
        return shlex.split(line[:_LONGEST], comments=False)
    except ValueError:
        return line[:_LONGEST].split()


def commands(words: Sequence[str]) -> Iterator[Command]:
    """The simple commands of a line, those of `sh -c` among them, without what only starts them."""
    one: list[str] = []
    for word in (*words, ";"):
        if word in {";", "&&", "||", "|", "&"}:
            yield from _simple(one)
            one = []
        elif word.endswith(";"):
            yield from _simple([*one, word[:-1]])
            one = []
        else:
            one.append(word)


def _simple(words: Sequence[str]) -> Iterator[Command]:
    rest = list(words)
    while rest and (_base(rest[0]) in _BEFORE or _ASSIGNED.fullmatch(rest[0])):
        rest.pop(0)
    if not rest:
        return
    program = _base(rest[0])
    if program in _SHELLS and "-c" in rest[:4]:
        script = rest[rest.index("-c") + 1 :][:1]
        yield from (one for line in script for part in line.split("\n") for one in commands(words_of(_spaced(part))))
    else:
        yield Command(program, tuple(rest[1:]))


def _spaced(line: str) -> str:
    return _ENDS.sub(lambda found: f" {found[0].strip()} ", line[:_LONGEST])


def _base(word: str) -> str:
    return word.rpartition("/")[2]


def workers(words: Sequence[str]) -> tuple[str, int | None]:
    """The program that serves requests, and how many processes it is told to start; None if it is not told."""
    for command in commands(words):
        if command.program in _PRODUCTS:
            options = [name for names in _PRODUCTS[command.program] for name in names]
            return command.program, counted(command.option(*options)) if options else None
    return "", None


def counted(word: str) -> int | None:
    """A number of processes: `max`, `auto`, 0 and -1 of pm2 mean one for each processor."""
    if word.strip().lower() in {"max", "auto", "0", "-1"}:
        return MANY
    return whole(word) if word else None


def facts(words: Sequence[str], at: Location, name: str = "", *, alone: bool = True) -> Iterator[Fact]:
    """What a command line says. `alone`: nothing else makes a workload of it."""
    product, number = workers(words)
    if alone and number is not None:
        yield Workload(at=at, name=name, kind=product, workers=number)
    for command in commands(words):
        yield from _store(command, at)
        yield from _proxy(command, at)
        if "key:generate" in command.args and "artisan" in command.args:
            yield Secret(at=at, use="session", origin="made-at-start", variable="APP_KEY", stack="laravel")


def made_on_the_way(line: str, at: Location) -> Iterator[Fact]:
    """Secrets that a script computes when it starts: `SESSION_SECRET=$(openssl rand -hex 32)`."""
    found = re.search(r"(?:^|[\s;])(?:export\s+|-e\s+)?([A-Z][A-Z0-9_]{2,60})=(\"?(?:\$\(|`)[^\n]{0,200})", line)
    if found and found[1] in SECRETS and _MAKES_RANDOM.search(found[2]):
        use, stack = SECRETS[found[1]]
        yield Secret(at=at, use=use, origin="made-at-start", variable=found[1], stack=stack)


def _store(command: Command, at: Location) -> Iterator[Fact]:
    if command.program in {"redis-server", "valkey-server"}:
        yield from server("redis", ((name, value, at) for name, value in _redis(command.args)))
    elif command.program == "memcached":
        yield from server("memcached", ((name, value, at) for name, value in memcached_options(command.args)))


def _redis(args: Sequence[str]) -> Iterator[tuple[str, str]]:
    """`--name value` words, several values in one or more words."""
    name, values = "", list[str]()
    for word in (*args, "--"):
        if word.startswith("--"):
            if name and name not in {"requirepass", "masterauth"}:
                yield name, " ".join(values)
            name, values = word[2:], []
        else:
            values.append(word)


_MEMCACHED = regex(r"-(?P<short>[mIcplkUvtdAMun])(?P<value>.*)")
_FLAGS = set("kvdM")
_LONG = {
    "--memory-limit": "m",
    "--max-item-size": "I",
    "--conn-limit": "c",
    "--listen": "l",
    "--disable-evictions": "M",
}


def memcached_options(words: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Memcached's options by their letter: m, I, c, l, M."""
    waiting = ""
    for word in words:
        name, _, value = word.partition("=")
        if waiting:
            yield waiting, word
            waiting = ""
        elif name in _LONG:
            yield _LONG[name], value or "yes"
        elif (found := _MEMCACHED.fullmatch(word)) and not word.startswith("--"):
            if found["short"] in _FLAGS or found["value"]:
                yield found["short"], found["value"] or "yes"
            else:
                waiting = found["short"]


def _proxy(command: Command, at: Location) -> Iterator[Fact]:
    """oauth2-proxy's flags; they also stand alone, in a manifest's `args`."""
    args = {
        word.partition("=")[0]: word.partition("=")[2] for word in (command.program, *command.args) if word[:2] == "--"
    }
    yield from _proxy_cookie(args, at)
    url = args.get("--redis-connection-url") or args.get("--redis-cluster-connection-urls", "").split(",")[0]
    if not url and args.get("--session-store-type") != "redis":
        return
    where, database = endpoint(url, 6379) if url else ("", "")
    yield SessionStore(at=at, place="redis", endpoint=where, database=database, stack="other")
    if args.get("--redis-use-cluster", "false").lower() == "true":
        several = "," in args.get("--redis-cluster-connection-urls", "")
        yield Setting(at=at, name="--redis-use-cluster", value="several" if several else where)


def _proxy_cookie(args: Mapping[str, str], at: Location) -> Iterator[Fact]:
    """The cookie of oauth2-proxy, to which users come back from the provider."""
    secure = args.get("--cookie-secure", "").lower()
    rule = CookieRule(
        same_site=args.get("--cookie-samesite", "").lower(),
        secure={"true": True, "false": False}.get(secure),
        domain=args.get("--cookie-domain", args.get("--cookie-domains", "")),
    )
    if rule != CookieRule():
        yield SessionCookie(at=at, cookie=rule)
        yield Setting(at=at, name=LOGIN_ELSEWHERE, value="oauth2-proxy")

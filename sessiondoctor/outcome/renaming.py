"""Stable tokens in the place of names of hosts and components and of addresses, for a bundle that is given away.

Equal names have equal tokens, within one bundle and between bundles of one key (`collect --leave-session`, `--resume`).
What judging needs stays: a sub-domain of a host is one of its token, two addresses of one /24 share a /24 (private ones
in 10.0.0.0/8, public ones in 198.18.0.0/15 of RFC 2544). Loopback tells nothing of anybody, and stays; so does a plain
word of sessiondoctor's own pages (`sessions`, `redis`, `edge`) as the name of a component.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import TYPE_CHECKING

from sessiondoctor.formats.site import registrable_domain

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sessiondoctor.evidence.gathered import Gathered
    from sessiondoctor.topology.model import Topology

_ADDRESS = re.compile(
    r"(?<![\w.:])(?:(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![\w.]*\w)|[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?![\w:]))"
)
_HOST = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,62})(?:\.[A-Za-z0-9_-]{1,63}){0,8}"
_AUTHORITY = re.compile(rf"(?<=://)(?:[^\s/?#@\"']{{0,200}}@)?({_HOST})")
_FULL_NAME = re.compile(r"(?<![\w.-])(?:[A-Za-z0-9_-]{1,63}\.){1,8}[A-Za-z][A-Za-z0-9-]{1,62}(?![\w-])")
_PLAIN_WORD = re.compile(r"[a-z]+")
_NAMING_FIELDS = re.compile(r"(?:node|nodes|home|created_on|read_on|member|endpoint|server|servers|host|domain)")
_PATH = re.compile(r"(?<![\w:/.])(?:~|/(?:home|Users|root|srv|mnt|data|opt)\b)(?:/[^\s:\"',]+)*/(?=[^\s/])")
_FILE = re.compile(r"\.(?:log|out|cfg|conf|ya?ml|json|xml|ini|env|har|txt|gz|zst|properties|php|py|js|rb|cs)$")
_SHORTEST = 2
_MOST_NAMES = 5000
_KEPT = frozenset({"localhost", "none", "site", "local", "invalid", "test", "example", "com", "org", "net"})


@dataclass(slots=True)
class Renamer:
    """Replaces names in texts.

    Attributes:
        key: of the tokens: a secret.
        words: plain words that stay.
        folder: where the topology file is: paths below it lose it.
    """

    key: bytes = field(repr=False)
    words: frozenset[str] = frozenset()
    folder: str = ""
    _names: dict[str, str] = field(default_factory=dict, repr=False)
    _labels: dict[str, str] = field(default_factory=dict, repr=False)
    _addresses: dict[str, str] = field(default_factory=dict, repr=False)
    _taken: set[str] = field(default_factory=set, repr=False)
    _domains: set[str] = field(default_factory=set, repr=False)
    _pattern: re.Pattern[str] | None = field(default=None, repr=False)

    def learn(self, names: Iterable[str]) -> None:
        """Names that are to be replaced wherever they stand as a word of their own."""
        for name in names:
            if len(self._names) < _MOST_NAMES and self._tells(name):
                self._names[name.lower()] = self._host(name)
                if domain := registrable_domain(name.lower()):
                    self._domains.add(domain)
                    self._names[domain] = self._host(domain)
                self._pattern = None

    def scrub(self, text: str) -> str:
        """The text with tokens in the place of names and addresses."""
        self.learn(_AUTHORITY.findall(text))
        self.learn(found for found in _FULL_NAME.findall(text) if registrable_domain(found.lower()) in self._domains)
        text = text.replace(f"{self.folder}/", "") if self.folder else text
        clean = _PATH.sub("", _ADDRESS.sub(lambda found: self._address(found[0]), text))
        if not self._names:
            return clean
        if self._pattern is None:
            longest_first = sorted(self._names, key=len, reverse=True)
            any_name = "|".join(map(re.escape, longest_first))
            self._pattern = re.compile(rf"(?i)(?<![A-Za-z0-9])(?:{any_name})(?![A-Za-z0-9])")
        return self._pattern.sub(lambda found: self._names[found[0].lower()], clean)

    def _tells(self, name: str) -> bool:
        """Whether a name says whose site it is."""
        plain = name.lower()
        if len(plain) < _SHORTEST or plain in _KEPT or plain in self.words or _is_address(name):
            return False
        known = plain in self._names or plain in self._taken
        return not known and not plain.isdigit() and re.fullmatch(_HOST, name) is not None

    def _host(self, name: str) -> str:
        return ".".join(self._label(label) for label in name.lower().split("."))

    def _label(self, label: str) -> str:
        return label if label in self._taken else self._labels.setdefault(label, self._token(label))

    def _token(self, name: str) -> str:
        """Such as `n3f9a2b`: a host's label, a word of YAML, and nothing else."""
        digest = self._digest(name.lower()).hex()
        token = next(token for length in range(6, 65) if (token := f"n{digest[:length]}") not in self._taken)
        self._taken.add(token)
        return token

    def _digest(self, text: str) -> bytes:
        return hmac.new(self.key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()

    def _address(self, text: str) -> str:
        try:
            address = ip_address(text)
        except ValueError:
            return text
        if address.is_loopback or address.is_unspecified or text in self._taken:
            return text
        if text not in self._addresses:
            made = self._four(address) if isinstance(address, IPv4Address) else self._six(address)
            self._addresses[text] = next(one for one in made if one not in self._taken)
            self._taken.add(self._addresses[text])
        return self._addresses[text]

    def _four(self, address: IPv4Address) -> Iterator[str]:
        network, host = self._digest(str(address).rpartition(".")[0]), self._digest(str(address))[0]
        start = f"10.{network[0]}" if address.is_private else f"198.{18 + network[0] % 2}"
        start = f"{start}.{network[1]}"
        yield from (f"{start}.{(host + further) % 254 + 1}" for further in range(254))
        yield from (f"{start}.{further}" for further in (0, 255))

    def _six(self, address: IPv6Address) -> Iterator[str]:
        """In 2001:db8::/32 of RFC 3849; two addresses of one /64 share a /64."""
        network, host = self._digest(address.exploded[:19]).hex(), self._digest(address.exploded).hex()
        yield from (f"2001:db8:{network[:4]}:{network[4:8]}::{host[at : at + 4]}" for at in range(60))


def names_in(topology: Topology) -> Iterator[str]:
    """Every name that a topology gives a component or a host."""
    from sessiondoctor.topology.confidential import places_of

    for balancer in topology.load_balancers:
        yield balancer.name
    for node in topology.nodes:
        yield from (node.name, node.service, node.route)
    yield from (store.name for store in topology.stores)
    for place in places_of(topology):
        for part in place.split(","):
            yield from _hosts_of(part)


def names_seen(gathered: Gathered) -> Iterator[str]:
    """Names of nodes and hosts that evidence has: where its types call them so, and the subjects of its pieces."""
    for piece in gathered.pieces:
        if not _FILE.search(piece.subject):
            yield piece.subject
        yield from _named_in(piece.value)


def _named_in(value: object, depth: int = 0) -> Iterator[str]:
    fields: tuple[str, ...] = tuple(getattr(type(value), "__dataclass_fields__", ()))
    for name in fields:
        inside = getattr(value, name)
        if _NAMING_FIELDS.fullmatch(name):
            yield from _texts(inside)
        if depth < 12:
            yield from _named_in(inside, depth + 1)
    if isinstance(value, tuple | list) and depth < 12:
        for item in value:
            yield from _named_in(item, depth + 1)
    if isinstance(value, dict) and depth < 12:
        for name, item in value.items():
            yield from _texts(item) if _NAMING_FIELDS.fullmatch(str(name)) else _named_in(item, depth + 1)


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield from _hosts_of(value)
    elif isinstance(value, tuple | list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, dict):
        yield from _texts(tuple(value))


def _hosts_of(text: str) -> Iterator[str]:
    """A name, or the host of `host:port/database` and of a URL; nothing of a sentence or a path."""
    bare = text.partition("://")[2] or text
    host = re.split(r"[:/]", bare.rpartition("@")[2], maxsplit=1)[0].lstrip(".")
    if host and re.fullmatch(_HOST, host):
        yield host


def _is_address(text: str) -> bool:
    try:
        ip_address(text.strip("[]"))
    except ValueError:
        return False
    return True


def vocabulary(texts: Iterable[str]) -> frozenset[str]:
    """The plain words of these texts."""
    return frozenset(word for text in texts for word in _PLAIN_WORD.findall(text.lower()) if len(word) >= _SHORTEST)

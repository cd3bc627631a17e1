"""Affinity cookies: which balancer made one, and the node it points to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import md5, sha256
from hmac import new as new_hmac
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from sessiondoctor.formats.affinity_names import AffinityFormat, affinity_by_name
from sessiondoctor.formats.encoded import base64_octets, octets, unescaped
from sessiondoctor.formats.session_cookie import recognise_session, route_of
from sessiondoctor.formats.xxh64 import xxh64

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

__all__ = [
    "AffinityFormat",
    "Peer",
    "decode_address",
    "haproxy_dates",
    "ingress_backend",
    "ingress_backend_key",
    "name_node",
    "node_part",
    "recognise_affinity",
]

_DATE = r"[A-Za-z0-9+/]{5}"
_DATED = rf"([^|]*)\|({_DATE})(?:\|({_DATE}))?"
_DATE_UNIT_S = 4
_BASE64: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_ALIBABA = r"([0-9a-f]{32})\|\d{10}\|\d{10}"
_INGRESS = r"[\w.-]{1,80}\|([0-9a-f]{32})"
_CITRIX = r"f{8}([0-9a-f]{8})[0-9a-f]*([0-9a-f]{4})"
_CITRIX_MIDDLE = "45525d5f4f58455e445a4a42"  # the same in every unencrypted cookie that a NetScaler sets
_CITRIX_HOST_MASK = 0x03081E11  # github.com/catalyst256/Netscaler-Cookie-Decryptor
_CITRIX_PORT_MASK = 0x3630
_SHAPES: Final = {
    r"![A-Za-z0-9+/]{79}=": AffinityFormat("f5", opaque=True),  # encrypted; testssl.sh, sub_f5_bigip_check
    r"[\w.-]{1,64}\|" + rf"{_DATE}(\|{_DATE})?": AffinityFormat("haproxy"),
    r"\d{10}\.\d+\.\d+\.\d+\|[0-9a-f]{32}": AffinityFormat("ingress-nginx", opaque=True),
}
_AUTHORITY = r"(?:\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-fA-F:.]{2,45}\]):\d{1,5}"
_LONGEST_ADDRESS_TEXT = 256
_FIELD_1_TEXT = 0x0A  # protobuf: field 1, length-delimited
_HIGHEST_PORT = 65535
_PORTS: Final = {"http": 80, "https": 443}
_FNV_START: Final = 0xCBF29CE484222325
_FNV_PRIME: Final = 0x100000001B3
_FNV_MASK: Final = 2**64 - 1


@dataclass(frozen=True, slots=True)
class Peer:
    """A node as the balancer sees it; what is unknown stays empty.

    Attributes:
        name: its name in the topology.
        route: jvmRoute, clone id or the balancer's server cookie.
        host: IP address or name; else taken from `url`, as is `port`.
        url: `http://10.0.0.1:80`.
    """

    name: str
    route: str = ""
    host: str = ""
    port: int = 0
    url: str = ""


def recognise_affinity(name: str, value: str, declared: str = "") -> AffinityFormat | None:
    """The balancer whose affinity cookie this is; None if nothing says that it is one.

    `declared` is the name of the affinity cookie, where the topology gives it. A cookie that is certainly a session
    cookie is none, even then: it may carry a route, but a client without it has no session.
    """
    text = unescaped(value)
    session = recognise_session(name, value)
    if session and session.certain:
        return None
    if _matches(_ALIBABA, text):
        return AffinityFormat("alibaba", opaque=True)
    known = affinity_by_name(name)
    certain = _by_shape(text) or _by_both(name, text)
    if certain:  # a balancer may be told to use the default name of another
        return certain
    if known and known.product != "unknown":
        return known
    return _by_length(text) if known or (declared and name == declared) else None


def node_part(name: str, value: str) -> str:
    """The part of an affinity cookie that stands for the node: equal for two visits to one node.

    Without the dates of HAProxy and Alibaba and without Envoy's expiry; the whole value elsewhere.
    """
    text = unescaped(value)
    dated = re.fullmatch(_ALIBABA, text, re.ASCII) or re.fullmatch(_DATED, text, re.DOTALL)
    if dated:
        return str(dated[1])
    return decode_address(name, value) or text


def name_node(name: str, value: str, peers: Sequence[Peer], *, secrets: Sequence[str] = ("",)) -> str:
    """The name of the peer that an affinity or session cookie points to; empty if it cannot be told.

    `secrets` are tried as HAProxy's `dynamic-cookie-key` and as Caddy's cookie secret, which is empty by default.
    """
    words, prefix = _words(name, value), _haproxy_prefix(name, value)
    address = decode_address(name, value)
    tests: tuple[Callable[[Peer], bool], ...] = (
        lambda peer: peer.route in prefix,  # where HAProxy goes, whatever route the application wrote behind it
        lambda peer: peer.name in prefix,
        lambda peer: peer.route.removeprefix(".") in words,
        lambda peer: peer.name in words,
        lambda peer: _is_at(peer, address),
        lambda peer: not words.isdisjoint(_digests(peer, secrets)),
    )
    candidates = ({peer.name for peer in peers if test(peer)} for test in tests)
    found = next(filter(None, candidates), set())
    return found.pop() if len(found) == 1 else ""


def decode_address(name: str, value: str) -> str:
    """`ip:port` (`[ip]:port` for IPv6) from the cookies that hold it (F5, Citrix, Envoy); empty for others."""
    text = unescaped(value)
    citrix = _citrix(text) if name.startswith("NSC_") or _CITRIX_MIDDLE in text else ""
    return citrix or _f5(text) or _envoy(text)


def haproxy_dates(value: str) -> tuple[float, float] | None:
    """When a HAProxy cookie with `maxidle` or `maxlife` was last and first issued, in unix seconds.

    HAProxy rounds up to a multiple of 4 s, so a date may lie up to 3 s in the future (src/http_ana.c). Without
    `maxlife` it sends one date, which then stands for both. None for a cookie without dates.
    """
    match = re.fullmatch(_DATED, unescaped(value), re.DOTALL)
    return (_seconds(match[2]), _seconds(match[3] or match[2])) if match else None


def ingress_backend(value: str) -> str:
    """The key of the backend (the service) in an ingress-nginx cookie; empty if it is none."""
    match = re.fullmatch(_INGRESS, unescaped(value), re.ASCII)
    return match[1] if match else ""


def ingress_backend_key(backend: str) -> str:
    """The key that ingress-nginx gives the backend `<namespace>-<service>-<port>` (balancer/sticky.lua)."""
    return _md5(_md5(backend) + backend)


def _matches(pattern: str, text: str) -> bool:
    return re.fullmatch(pattern, text, re.ASCII | re.DOTALL) is not None


def _by_shape(text: str) -> AffinityFormat | None:
    """Shapes that speak under any name."""
    if _f5(text):
        return AffinityFormat("f5")
    if _CITRIX_MIDDLE in text and _citrix(text):
        return AffinityFormat("citrix")
    if _envoy(text):
        return AffinityFormat("envoy")
    return next((made_by for pattern, made_by in _SHAPES.items() if _matches(pattern, text)), None)


def _by_both(name: str, text: str) -> AffinityFormat | None:
    """Shapes that speak under a name of a certain shape."""
    if name.startswith("NSC_") and _citrix(text):
        return AffinityFormat("citrix")
    if _matches(r"_[0-9a-f]{5}", name) and _matches(r"[0-9a-f]{1,16}", text):
        return AffinityFormat("traefik")
    hexadecimal = r"[0-9a-f]{32}"
    return (
        AffinityFormat("openshift", opaque=True)
        if _matches(hexadecimal, name) and _matches(hexadecimal, text)
        else None
    )


def _by_length(text: str) -> AffinityFormat:
    """A cookie that is known to be for affinity: its value may still tell whose."""
    likely = {r"[0-9a-f]{64}": "caddy", r"[0-9a-f]{32}": "nginx", r"\.[\w.-]+": "apache", _INGRESS: "ingress-nginx"}
    product = next((product for pattern, product in likely.items() if _matches(pattern, text)), "unknown")
    return AffinityFormat(product, opaque=product == "ingress-nginx")


def _words(name: str, value: str) -> set[str]:
    """The texts in a cookie that may be a route or a node's name."""
    text = unescaped(value)
    plain = node_part(name, value)
    return {plain, plain.removeprefix("."), text.partition(".")[2], route_of(name, value)} - {""}


def _haproxy_prefix(name: str, value: str) -> set[str]:
    """The server that HAProxy wrote before a session id; empty for other cookies."""
    route = route_of(name, value)
    return {route} if route and unescaped(value).startswith(f"{route}~") else set()


def _host_and_port(peer: Peer) -> tuple[str, int]:
    if peer.host:
        return peer.host.strip("[]"), peer.port
    try:
        parts = urlsplit(peer.url)
        return parts.hostname or "", peer.port or parts.port or _PORTS.get(parts.scheme, 0)
    except ValueError:
        return "", 0


def _authorities(peer: Peer) -> set[str]:
    """`host:port` as the balancer may write it; localhost also as the address it stands for."""
    host, port = _host_and_port(peer)
    if not host or not port:
        return set()
    hosts = {host, "127.0.0.1"} if host == "localhost" else {host}
    return {f"[{one}]:{port}" if ":" in one else f"{one}:{port}" for one in hosts}


def _is_at(peer: Peer, address: str) -> bool:
    if not address:
        return False
    host, port = _host_and_port(peer)
    there, _, its_port = address.rpartition(":")
    packed = _packed(host)
    return packed != b"" and packed == _packed(there.strip("[]")) and port in {0, int(its_port)}


def _packed(host: str) -> bytes:
    """The octets of an IP address; empty for a name, other than localhost."""
    from ipaddress import ip_address

    try:
        return ip_address("127.0.0.1" if host == "localhost" else host).packed
    except ValueError:
        return b""


def _digests(peer: Peer, secrets: Iterable[str]) -> Iterator[str]:
    """Every digest by which a balancer may call this peer."""
    yield from (digest for text in _spellings(peer) for digest in _traefik(text))
    for authority in _authorities(peer):
        yield _md5(authority)  # nginx: printable socket address
        yield from (_caddy(secret, authority) for secret in secrets)
    yield from (_haproxy_dynamic(secret, peer) for secret in secrets)


def _spellings(peer: Peer) -> set[str]:
    """What Traefik may have hashed: the server's URL, or the service's name."""
    urls = {f"{scheme}://{authority}" for scheme in _PORTS for authority in _authorities(peer)}
    return (urls | {peer.url, peer.url.rstrip("/"), peer.name, peer.route}) - {""}


def _traefik(text: str) -> tuple[str, ...]:
    """Traefik's names for a server, newest first (pkg/server/service/loadbalancer/sticky.go)."""
    once = f"{_fnv64(octets(text)):x}"
    return sha256(octets(text)).hexdigest()[:16], once, f"{_fnv64(octets(once)):x}"


def _fnv64(data: bytes) -> int:
    """FNV-1, 64 bits."""
    total = _FNV_START
    for octet in data:
        total = (total * _FNV_PRIME & _FNV_MASK) ^ octet
    return total


def _md5(text: str) -> str:
    return md5(octets(text), usedforsecurity=False).hexdigest()


def _caddy(secret: str, dial: str) -> str:
    """Caddy's hashCookie (modules/caddyhttp/reverseproxy/selectionpolicies.go)."""
    return new_hmac(octets(secret), octets(dial), sha256).hexdigest()


def _haproxy_dynamic(key: str, peer: Peer) -> str:
    """HAProxy's srv_set_dyncookie (src/server.c): key, address and port as 32 bits in network order."""
    host, port = _host_and_port(peer)
    address = _packed(host)
    if not address or not 0 <= port <= _HIGHEST_PORT:
        return ""
    return f"{xxh64(octets(key) + address + port.to_bytes(4, 'big')):016x}"


def _seconds(date: str) -> float:
    """30 bits of base64, most significant first (HAProxy's b64tos30), in units of 4 s."""
    total = 0
    for digit in date:
        total = total * len(_BASE64) + _BASE64.index(digit)
    return float(total * _DATE_UNIT_S)


def _joined(packed: bytes, port: int) -> str:
    from ipaddress import ip_address

    if port > _HIGHEST_PORT:
        return ""
    address = ip_address(packed)
    return f"{address}:{port}" if len(packed) == len(b"IPv4") else f"[{address}]:{port}"


def _swapped(port: str) -> int:
    """The port of an F5 cookie: its two octets are the wrong way round."""
    number = int(port)
    return number if number > _HIGHEST_PORT else int.from_bytes(number.to_bytes(2, "little"), "big")


def _f5_v4(match: re.Match[str]) -> str:
    number = int(match[1])
    return _joined(number.to_bytes(4, "little"), _swapped(match[2])) if number < 2**32 else ""


# The four forms of an unencrypted BIG-IP cookie (F5 K6917), the narrower of two first. No node has an address that
# ends in .0, so the first number is never short.
_F5: Final[Mapping[str, Callable[[re.Match[str]], str]]] = {
    r"(\d{8,10})\.(\d{1,5})\.0000": _f5_v4,
    r"rd\d{1,5}o0{20}ffff([0-9a-f]{8})o(\d{1,5})": lambda m: _joined(bytes.fromhex(m[1]), int(m[2])),
    r"rd\d{1,5}o([0-9a-f]{32})o(\d{1,5})": lambda m: _joined(bytes.fromhex(m[1]), int(m[2])),
    r"vi([0-9a-f]{32})\.(\d{1,5})": lambda m: _joined(bytes.fromhex(m[1]), _swapped(m[2])),
}


def _f5(text: str) -> str:
    matches = ((re.fullmatch(pattern, text, re.ASCII), read) for pattern, read in _F5.items())
    return next((read(match) for match, read in matches if match), "")


def _citrix(text: str) -> str:
    match = re.fullmatch(_CITRIX, text)
    if not match:
        return ""
    host = int(match[1], 16) ^ _CITRIX_HOST_MASK
    return _joined(host.to_bytes(4, "big"), int(match[2], 16) ^ _CITRIX_PORT_MASK)


def _envoy(text: str) -> str:
    """Envoy's stateful session: base64 of `ip:port`, or of a message with it in field 1 and an expiry in 2."""
    data = base64_octets(text) if len(text) <= _LONGEST_ADDRESS_TEXT else b""
    if len(data) > 1 and data[0] == _FIELD_1_TEXT:
        data = data[2 : 2 + data[1]]
    address = data.decode("latin-1")
    port = int(address.rpartition(":")[2]) if _matches(_AUTHORITY, address) else _HIGHEST_PORT + 1
    return address if port <= _HIGHEST_PORT else ""

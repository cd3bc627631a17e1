"""What a text of the topology file must look like; each function returns the text to keep.

All raise ValueError with what was expected. A message never holds the text itself, which may be a password or
come from the environment; `QuotableError` says that the loader may add what the file has in this place.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from sessiondoctor.linear_regex import compiled

if TYPE_CHECKING:
    from urllib.parse import SplitResult


STORE_SCHEMES = {
    "redis": ("redis", "rediss", "redis+sentinel", "rediss+sentinel", "redis+cluster", "rediss+cluster", "unix"),
    "memcached": ("memcached", "unix"),
    "sql": ("postgresql", "mysql", "mariadb", "sqlite"),
    "files": ("file",),
    "hazelcast": ("hazelcast", "http", "https"),
}
"""Schemes of a store's URL by the store's kind."""

LONGEST_REGEX = 500
"""Characters of a regular expression of the user's; it is matched against at most 256 KiB of a response."""

_LONGEST_COMMAND = 4000
_BLANK = re.compile(r"[\x00-\x20\x7f-\xa0]")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
# RFC 9110, 5.6.2.
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# RFC 6265, 4.1.1 allows tokens; servers in the field also use brackets and colons.
_COOKIE_NAME = re.compile(r"[^\x00-\x20\x7f=;,\"]+")
_HOST = r"[^\W_][\w.-]*"
_HOST_PORT = re.compile(rf"(\[[0-9A-Fa-f:.]+\]|{_HOST})(?::([0-9]{{1,5}}))?")
_TABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*(\.[A-Za-z_][A-Za-z0-9_$]*)?")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_LONGEST_NAME = 100
_LAST_PORT = 65535
_LOCAL = {
    "unix": (re.compile(r"unix:(//)?/[^/].*"), "unix:/run/redis.sock"),
    "sqlite": (re.compile(r"sqlite:////?[^/].*"), "sqlite:////var/lib/app.db (four slashes: an absolute path)"),
    "file": (re.compile(r"file:(///)?[^/].*"), "file:///var/lib/php/sessions"),
}


class QuotableError(ValueError):
    """A misfit whose text is no secret, so that the loader may quote what the file has there."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a topology file stands in: the folder that its paths are relative to, and the environment.

    Attributes:
        elsewhere: the file was written on another machine: its paths do not exist here, and nothing is read from them.
    """

    folder: Path
    environ: Mapping[str, str]
    elsewhere: bool = False


_PROXY_SCHEMES = ("http", "https", "socks5", "socks5h")


def web_url(text: str) -> str:
    """An http or https URL with a host, without user and password."""
    parts = _split(text)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("expected a URL such as https://shop.example.com/")
    if "@" in parts.netloc:
        raise ValueError(
            'expected a URL without user and password; send them with headers: {Authorization: "Basic ${NAME}"}'
        )
    return text


def store_url(text: str) -> str:
    """A URL of one of the schemes of `STORE_SCHEMES`."""
    scheme = scheme_of(text)
    if scheme not in {name for names in STORE_SCHEMES.values() for name in names}:
        raise ValueError(f"expected a URL such as redis://10.0.0.9:6379/0; its scheme one of {_schemes()}")
    if scheme in _LOCAL:
        return _local_url(text, scheme)
    if not _has_hosts(text):
        raise ValueError("expected scheme://host:port/...; in a password, write / ? # @ : as %2F %3F %23 %40 %3A")
    return text


def store_path(text: str, around: Surroundings) -> str:
    """The store's URL with an absolute path; `sqlite:///shop.db` and `file:sessions` are relative to the file."""
    for relative, absolute in (("sqlite:///", "sqlite:///"), ("file:", "file://")):
        rest = text[len(relative) :]
        if text[: len(relative)].lower() == relative and not rest.startswith("/"):
            return absolute + str((around.folder / rest).absolute())
    return text


def stats_url(text: str) -> str:
    """Where a balancer shows its state: an http or https URL, or a Unix socket."""
    if scheme_of(text) == "unix":
        return _local_url(text, "unix")
    parts = _split(text)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("expected a URL such as http://10.0.0.5:8404/stats, or unix:/run/haproxy.sock")
    return text


def runtime_url(text: str) -> str:
    """HAProxy's runtime API (management guide, 9.3): a Unix socket, or a host and port."""
    if scheme_of(text) == "unix":
        return _local_url(text, "unix")
    parts = _split(text)
    if parts is None or parts.scheme != "tcp" or not parts.hostname or not parts.port or parts.path:
        raise ValueError("expected unix:/run/haproxy.sock, or tcp://10.0.0.5:9999")
    return text


def command(text: str) -> str:
    """A program and its arguments, quoted as in a shell; no shell runs it."""
    try:
        words = shlex.split(text)
    except ValueError:
        raise ValueError("expected a command such as systemctl stop app; a quotation is not closed") from None
    if not words or not words[0] or "\0" in text or len(text) > _LONGEST_COMMAND:
        raise ValueError("expected a program and its arguments, such as systemctl stop app")
    return text


def management_url(text: str) -> str:
    """Where a server tells its own state; it may hold user and password."""
    parts = _split(text)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("expected a URL such as http://user:${PASSWORD}@10.0.0.1:8080/manager/jmxproxy")
    return text


def proxy_url(text: str) -> str:
    """An HTTP or SOCKS proxy; it may hold user and password."""
    parts = _split(text)
    if parts is None or parts.scheme not in _PROXY_SCHEMES or not parts.hostname:
        raise ValueError(f"expected a URL such as http://proxy:3128; its scheme one of {', '.join(_PROXY_SCHEMES)}")
    return text


def scheme_of(text: str) -> str:
    """The part before the first colon in lower case; empty where there is none."""
    scheme, colon, _ = text.partition(":")
    return scheme.lower() if colon else ""


def address(text: str) -> str:
    """An IPv4 or IPv6 address."""
    try:
        ip_address(text)
    except ValueError:
        raise QuotableError("expected an IP address such as 10.1.0.5 or 2001:db8::5") from None
    return text


def host(text: str) -> str:
    """A host name, without a port."""
    if not re.fullmatch(_HOST, text):
        raise QuotableError("expected a host name such as shop.example.com")
    return text


def dns_server(text: str) -> str:
    """`address:port` of a resolver; port 53 is added where there is none."""
    return _with_port(text, 53)


def ntp_server(text: str) -> str:
    """`host:port` of a time server; port 123 is added where there is none."""
    return _with_port(text, 123)


def regex(text: str) -> str:
    """A regular expression of RE2 that compiles, at most `LONGEST_REGEX` characters long."""
    if len(text) > LONGEST_REGEX:
        raise ValueError(f"expected a regular expression of at most {LONGEST_REGEX} characters")
    try:
        compiled(text)
    except ValueError as error:
        raise ValueError(f"the regular expression {error}") from None
    return text


def request_path(text: str) -> str:
    """A path that is added to the path of the URL that a step is sent to."""
    if not text.startswith("/") or text.startswith("//") or _BLANK.search(text):
        raise ValueError("expected a path that starts with one / and has no spaces, such as /login")
    return text


def step_path(text: str) -> str:
    """Likewise, or where the form of the page before is sent to."""
    return text if text == "{action}" else request_path(text)


def json_pointer(text: str) -> str:
    """A JSON pointer (RFC 6901) to one value of the document."""
    if not text.startswith("/"):
        raise QuotableError("expected a JSON pointer such as /cart/items/0")
    return text


def method(text: str) -> str:
    """An HTTP method, in capitals."""
    if not re.fullmatch(r"[A-Za-z]{1,20}", text):
        raise QuotableError("expected an HTTP method such as GET or POST")
    return text.upper()


def status(number: int) -> int:
    """An HTTP status code."""
    if not 100 <= number <= 599:  # RFC 9110, 15
        raise QuotableError("expected an HTTP status from 100 to 599")
    return number


def workers(number: int) -> int:
    """How many processes serve one node."""
    if not 1 <= number <= 1024:
        raise QuotableError("expected a number of processes from 1 to 1024")
    return number


def header_name(text: str) -> str:
    """The name of an HTTP header."""
    if not _TOKEN.fullmatch(text):
        raise ValueError("expected the name of an HTTP header: letters, digits and hyphens")
    return text


def header_value(text: str) -> str:
    """The value of an HTTP header: one line."""
    if _CONTROL.search(text):
        raise ValueError("expected one line without control characters")
    return text


def cookie_name(text: str) -> str:
    """The name of a cookie."""
    if not _COOKIE_NAME.fullmatch(text):
        raise ValueError("expected the name of a cookie, without its value")
    return text


def name(text: str) -> str:
    """What the report calls a node, a balancer or a store."""
    if not text.strip() or not text.isprintable() or len(text) > _LONGEST_NAME:
        raise ValueError(f"expected a name of 1 to {_LONGEST_NAME} printable characters")
    return text


def word(text: str) -> str:
    """A name that a later step writes in braces."""
    if not _WORD.fullmatch(text) or text in ("marker", "bytes"):
        raise ValueError("expected a name of letters, digits and _ other than marker and bytes")
    return text


def table(text: str) -> str:
    """The name of a table, with or without its schema."""
    if not _TABLE.fullmatch(text):
        raise QuotableError("expected the name of a table such as django_session or public.sessions")
    return text


def file(text: str, around: Surroundings) -> str:
    """An existing file, relative to the topology file; returns it joined to the folder."""
    found = _existing(text, around)
    if not around.elsewhere and found.is_dir():
        raise QuotableError("expected a file; this is a folder")
    if not around.elsewhere and not found.is_file():
        raise QuotableError("expected a file that can be read again; this is a pipe or a device")
    return str(found)


def folder(text: str, around: Surroundings) -> str:
    """An existing folder, relative to the topology file; returns it joined to the folder."""
    found = _existing(text, around)
    if not around.elsewhere and not found.is_dir():
        raise QuotableError("expected a folder; this is a file")
    return str(found)


def variable(text: str, around: Surroundings) -> str:
    """The name of a variable of the environment that is set and not empty."""
    if not around.elsewhere and not around.environ.get(text):
        raise ValueError("expected the name of an environment variable; there is none of this name, or it is empty")
    return text


def _existing(text: str, around: Surroundings) -> Path:
    found = around.folder / text
    try:
        if not around.elsewhere:
            found.stat()
    except (OSError, ValueError) as error:
        why = "" if isinstance(error, FileNotFoundError) else f" ({getattr(error, 'strerror', None) or 'not a path'})"
        raise QuotableError(f"expected an existing path, relative to the folder of this file{why}") from None
    return found


def _split(text: str) -> SplitResult | None:
    if _BLANK.search(text):
        return None
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return None
    return None if port == 0 else parts


def _local_url(text: str, scheme: str) -> str:
    pattern, example = _LOCAL[scheme]
    if not pattern.fullmatch(text):
        raise ValueError(f"expected {example}")
    return text


def _has_hosts(text: str) -> bool:
    """Sentinels and clusters list several `host:port`, which urlsplit takes for one bad port."""
    rest = text.partition("://")[2]
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    hosts = authority.rpartition("@")[2].split(",")
    return not _BLANK.search(text) and authority.count("@") <= 1 and all(map(_host_port, hosts))


def _host_port(text: str) -> tuple[str, str] | None:
    found = _HOST_PORT.fullmatch(text)
    if not found or (found[2] and not 0 < int(found[2]) <= _LAST_PORT):
        return None
    return found[1], found[2] or ""


def _with_port(text: str, default: int) -> str:
    bare_ipv6 = text.count(":") > 1 and not text.startswith("[")
    found = _host_port(f"[{text}]" if bare_ipv6 else text)
    if not found:
        raise QuotableError(f"expected host:port such as 10.0.0.53:{default}")
    return f"{found[0]}:{found[1] or default}"


def _schemes() -> str:
    return ", ".join(dict.fromkeys(name for names in STORE_SCHEMES.values() for name in names))

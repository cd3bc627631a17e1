"""What curl prints: `-i`, `-I`, `-v`, `-D -`, one request or many; also heads of responses that somebody pasted.

$ curl -v https://shop.example.com/         the command tells URL and method
> GET / HTTP/1.1                            -v: request
< HTTP/1.1 200 OK                           -v: response
HTTP/1.1 200 OK                             -i, -D -: response
Set-Cookie: sid=...; Path=/                 a bare line: a response of which only this is known
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from sessiondoctor.captures.recorded import NOWHERE, Recorded

if TYPE_CHECKING:
    from collections.abc import Iterator

_MOST_LINES = 200_000
_LONGEST = 64 << 10
_MOST_BODY = 64 << 10
_COMMAND = re.compile(r"^\s{0,8}(?:[$#%>]|PS [^>]{0,60}>)?\s{0,4}curl(?:\.exe)?\s")
_STATUS = re.compile(r"HTTP/[0-9.]{1,3} (\d{3})\b")
_REQUEST = re.compile(r"([A-Z]{3,10}) (\S{1,8000}) HTTP/[0-9.]{1,3}$")
_HEADER = re.compile(r"([A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}):[ \t]?(.*)$")
_BARE = re.compile(r"(?i)(?:^|[\s<:])set-cookie:[ \t]*")
_SENT = re.compile(r"(?:[<>] )?(?i:cookie):[ \t]+(?=[^\s=;,]{1,200}=)")
_PLACE = re.compile(r"\s{0,8}([A-Za-z][\w .()/-]{0,40}?):\s{1,8}(?i:set-cookie):")
_NEXT_URL = re.compile(r"\s{2,}(?=https?://\S{1,2000}\s+(?i:set-cookie):)")
_REMARK = re.compile(r"\s{2,}[#(<].*$")
_URL = re.compile(r"https?://[^\s\"'<>)\]]{1,2000}")
_TLS = re.compile(r"(?i)\b(?:SSL connection using|TLS handshake|ALPN)")
_CONNECTED = re.compile(r"Connected to (\S{1,255}) \((\S{1,60})\) port (\d{1,5})")
_WITH_VALUE = frozenset({
    "-X", "-H", "-b", "-c", "-o", "-D", "-d", "-A", "-e", "-u", "-m", "-w", "--request", "--header", "--cookie",
    "--cookie-jar", "--output", "--data", "--max-time", "--resolve", "--connect-to", "--user", "--write-out",
})  # fmt: skip


@dataclass(slots=True)
class _Reading:
    """A transcript under way: the exchange that is being read, and where it went."""

    url: str = ""
    method: str = "GET"
    told: bool = False  # a command or a request line has told the URL
    tls: bool = False
    sent: list[tuple[str, str]] = field(default_factory=list)
    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: list[str] = field(default_factory=list)
    place: str = "outside"  # outside, request, head, body
    address: str = ""
    location: str = ""
    label: str = ""  # the paste's own word for where this was seen
    line: int = 0

    def exchange(self) -> Recorded | None:
        """The exchange that was read; None if there is none."""
        cookies = any(name.lower() == "cookie" for name, _ in self.sent)
        if not (self.status or self.headers or (cookies and not self.told)):
            return None
        return Recorded(
            self.url or _nowhere(self.headers),
            self.method,
            tuple(self.sent),
            self.status,
            tuple(self.headers),
            "\n".join(self.body).encode()[:_MOST_BODY],
            address=self.address,
            place=self.label,
            line=self.line,
        )


def read_transcript(text: str) -> tuple[Recorded, ...]:
    """All exchanges in the order of the text."""
    found: list[Recorded] = []
    reading = _Reading()
    for number, line in _lines(text):
        if _begins(line, reading):
            if exchange := reading.exchange():
                found.append(exchange)
            reading = _next(line, reading)
        _take(line, reading)
        if not reading.line and (reading.sent or reading.headers or reading.status):
            reading.line = number
    if exchange := reading.exchange():
        found.append(exchange)
    return tuple(found)


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines with their numbers; responses of two URLs on one line are two."""
    for number, raw in enumerate(text.splitlines()[:_MOST_LINES], 1):
        for line in _NEXT_URL.split(raw[:_LONGEST].rstrip("\r")):
            yield number, line


def looks_like_transcript(text: str) -> bool:
    """Whether a text has heads of responses, or Set-Cookie lines."""
    lines = text.splitlines()[:2000]
    return any(_STATUS.match(line.removeprefix("< ")) or _BARE.search(line) or _SENT.match(line) for line in lines)


def _begins(line: str, reading: _Reading) -> bool:
    """Whether a line begins another exchange."""
    if _COMMAND.match(line):
        return True
    if line.startswith("> ") and _REQUEST.match(line[2:]):
        return True
    status = _STATUS.match(line.removeprefix("< "))
    if status:
        return reading.status >= 200 and reading.place != "request"  # not interim
    if reading.place == "outside" and reading.headers and (label := _PLACE.match(line)) and label[1] != reading.label:
        return True
    bare = reading.place in {"outside", "bare"} and _BARE.search(line) is not None
    return bare and bool(reading.headers or reading.status) and _URL.search(line) is not None


def _next(line: str, before: _Reading) -> _Reading:
    """What is known of the next exchange before its own lines."""
    if _COMMAND.match(line):
        url, method, sent = _command(line)
        return _Reading(url=url, method=method, told=bool(url), sent=sent, tls=url.startswith("https:"))
    onward = urljoin(before.url, before.location) if before.location and before.url else before.url
    return _Reading(url=onward, told=before.told, method="GET" if before.location else before.method, tls=before.tls,
                    address=before.address, sent=[] if line.startswith(">") else before.sent)  # fmt: skip


def _take(line: str, reading: _Reading) -> None:
    if line.startswith("* "):
        _remark(line, reading)
    elif line.startswith("> "):
        _request(line[2:], reading)
    elif status := _STATUS.match(line.removeprefix("< ")):
        reading.status, reading.place = int(status[1]), "head"
        reading.headers.clear()  # an interim response came before, such as 100
    elif reading.place == "head":
        _head(line.removeprefix("< ").removeprefix("<"), reading)
    elif reading.place == "outside" or not reading.status:
        _bare(line, reading)
    elif reading.place == "body" and len(reading.body) < 500:  # enough to know an error by
        reading.body.append(line)


def _remark(line: str, reading: _Reading) -> None:
    reading.tls = reading.tls or bool(_TLS.search(line))
    if found := _CONNECTED.search(line):
        reading.address = f"{found[2]}:{found[3]}"


def _request(line: str, reading: _Reading) -> None:
    if found := _REQUEST.match(line):
        reading.method, reading.place = found[1], "request"
        reading.sent = []
        base = reading.url or f"{'https' if reading.tls else 'http'}://{NOWHERE}/"
        reading.url = urljoin(base, found[2])
    elif found := _HEADER.match(line):
        reading.sent.append((found[1], found[2]))
        if found[1].lower() == "host" and not reading.told:
            parts = urlsplit(reading.url)
            reading.url = parts._replace(netloc=found[2].strip(), scheme="https" if reading.tls else "http").geturl()


def _head(line: str, reading: _Reading) -> None:
    if not line.strip():
        reading.place = "body"
    elif found := _HEADER.match(line.strip()):
        value = _REMARK.sub("", found[2]).strip()
        reading.headers.append((found[1], value))
        if found[1].lower() == "location":
            reading.location = value


def _bare(line: str, reading: _Reading) -> None:
    """Set-Cookie lines without a status line; what stands before one of them may be a remark."""
    places = list(_BARE.finditer(line))
    if sent := _SENT.match(line):
        reading.sent.append(("Cookie", _REMARK.sub("", line[sent.end() :]).strip()))
    if not places:
        return
    if label := _PLACE.match(line):
        reading.label = label[1].strip()
    if url := _URL.search(line):
        reading.url = url[0]
    ends = [place.start() for place in places[1:]] + [len(line)]
    for place, end in zip(places, ends, strict=True):
        reading.headers.append(("Set-Cookie", _REMARK.sub("", line[place.end() : end]).strip()))


def _command(line: str) -> tuple[str, str, list[tuple[str, str]]]:
    """URL, method and headers of a curl command; the URL is empty if there is none."""
    try:
        words = shlex.split(line.partition("curl")[2])[:200]
    except ValueError:
        words = line.split()[:200]
    url = next((word for word in words if "://" in word), "") or _bare_url(words)
    method = "HEAD" if any(word in {"-I", "--head"} or _has_flag(word, "I") for word in words) else "GET"
    sent: list[tuple[str, str]] = []
    for word, value in pairwise(words):
        if word in {"-X", "--request"}:
            method = value
        elif word in {"-H", "--header"} and (found := _HEADER.match(value)):
            sent.append((found[1], found[2]))
        elif word in {"-b", "--cookie"} and "=" in value:
            sent.append(("Cookie", value))
    return url if "://" in url or not url else f"http://{url}", method, sent


def _bare_url(words: list[str]) -> str:
    values = {index + 1 for index, word in enumerate(words) if word in _WITH_VALUE}
    plain = (word for index, word in enumerate(words) if index not in values and not word.startswith("-"))
    return next((word for word in plain if re.fullmatch(r"[\w.-]+(?::\d+)?(?:/\S*)?", word)), "")


def _has_flag(word: str, letter: str) -> bool:
    return re.fullmatch(r"-[A-Za-z]{2,8}", word) is not None and letter in word


def _nowhere(headers: list[tuple[str, str]]) -> str:
    """A URL for a response that does not say where it came from: one that its cookies are for."""
    values = [value for name, value in headers if name.lower() == "set-cookie"]
    domains = [found[1] for value in values if (found := re.search(r"(?i);\s*domain=\.?([\w.-]{1,255})", value))]
    paths = [found[1] for value in values if (found := re.search(r"(?i);\s*path=(/[^;\s]{0,255})", value))]
    return f"https://{domains[0] if domains else NOWHERE}{max(paths, key=len, default='/')}"

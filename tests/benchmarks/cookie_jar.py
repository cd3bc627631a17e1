"""Taking in and sending cookies, beside `http.cookiejar`: `python -m tests.benchmarks.cookie_jar`.

Microseconds for one Set-Cookie of a load balancer and one of an application, and for the Cookie header of a request.
The library's responses and requests are made before the clock starts.
"""

from __future__ import annotations

import time
from email.message import Message
from http.cookiejar import CookieJar
from typing import TYPE_CHECKING, cast
from urllib.request import Request

from sessiondoctor.formats.jar import Jar
from sessiondoctor.formats.set_cookie import read_set_cookie
from tests.benchmarks.rounds import compare
from tests.fakes.cookie_header import header_for

if TYPE_CHECKING:
    from collections.abc import Callable
    from http.client import HTTPResponse

URL = "https://www.shop.example/app/cart"
PLAIN = "JSESSIONID=0123456789ABCDEF0123456789ABCDEF.node1; Path=/app; Secure; HttpOnly"
DATED = "AWSALB=q9x8Zk3Jm0; Domain=shop.example; Expires=Fri, 27 Nov 2099 12:00:00 GMT; Path=/; SameSite=None; Secure"
TIMES = 1000


class Response:
    """As much of a response as `http.cookiejar` looks at."""

    def __init__(self, header: str) -> None:
        self._message = Message()
        self._message["Set-Cookie"] = header

    def info(self) -> Message:
        """The headers."""
        return self._message


def seconds_of(action: Callable[[], object]) -> float:
    """Seconds of one of many."""
    began = time.perf_counter()
    for _ in range(TIMES):
        action()
    return (time.perf_counter() - began) / TIMES


def ours_storing(header: str) -> float:
    """The jar's seconds for one header."""
    jar, now = Jar(), time.time()
    return seconds_of(lambda: jar.store(read_set_cookie(header), URL, now))


def library_storing(header: str) -> float:
    """The library's seconds for one header."""
    jar, request, response = CookieJar(), Request(URL), cast("HTTPResponse", Response(header))
    return seconds_of(lambda: jar.extract_cookies(response, request))


def ours_sending() -> float:
    """The jar's seconds for the header of a request, with two cookies."""
    jar, now = Jar(), time.time()
    for header in (PLAIN, DATED):
        assert jar.store(read_set_cookie(header), URL, now).stored
    assert header_for(jar, URL, now)
    return seconds_of(lambda: header_for(jar, URL, now))


def library_sending() -> float:
    """The library's seconds for the same, in a request of its own each time."""
    jar = CookieJar()
    for header in (PLAIN, DATED):
        jar.extract_cookies(cast("HTTPResponse", Response(header)), Request(URL))
    assert len(jar) == 2
    return seconds_of(lambda: jar.add_cookie_header(Request(URL))) - seconds_of(lambda: Request(URL))


if __name__ == "__main__":
    ROUNDS = 21
    ours_storing(DATED)  # reads the Public Suffix List
    compare(
        {"ours, a session cookie": lambda: ours_storing(PLAIN), "http.cookiejar": lambda: library_storing(PLAIN)},
        rounds=ROUNDS,
        unit="us",
    )
    compare(
        {
            "ours, with Domain and Expires": lambda: ours_storing(DATED),
            "http.cookiejar": lambda: library_storing(DATED),
        },
        rounds=ROUNDS,
        unit="us",
    )
    compare({"ours, sending two": ours_sending, "http.cookiejar": library_sending}, rounds=ROUNDS, unit="us")

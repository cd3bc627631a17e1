"""What curl prints, in each of its ways."""

from __future__ import annotations

import pytest

from sessiondoctor.captures.recorded import NOWHERE
from sessiondoctor.captures.transcript import looks_like_transcript, read_transcript

VERBOSE = """* Connected to shop.example.com (192.0.2.1) port 443
* SSL connection using TLSv1.3
> GET /login HTTP/1.1
> Host: shop.example.com
> Cookie: a=b
>
< HTTP/1.1 302 Found
< Set-Cookie: sid=one; Path=/; Secure
< Location: /home
<
* Connection #0 left intact
> GET /home HTTP/1.1
> Host: shop.example.com
> Cookie: a=b; sid=one
>
< HTTP/1.1 200 OK
< Set-Cookie: sid=two; Path=/; Secure
<
<html>it is</html>
"""


def test_verbose_output_gives_both_sides() -> None:
    """Method, URL with the scheme that TLS tells, cookies sent and set, address."""
    login, home = read_transcript(VERBOSE)
    assert (login.method, login.url, login.status) == ("GET", "https://shop.example.com/login", 302)
    assert (login.cookie_header, login.all("set-cookie")) == ("a=b", ("sid=one; Path=/; Secure",))
    assert (home.url, home.cookie_header) == ("https://shop.example.com/home", "a=b; sid=one")
    assert home.all("set-cookie") == ("sid=two; Path=/; Secure",)
    assert login.address == "192.0.2.1:443"


@pytest.mark.parametrize(
    ("command", "url", "method"),
    [
        ("$ curl -i https://shop.example.com/x", "https://shop.example.com/x", "GET"),
        ("curl -sI shop.example.com", "http://shop.example.com", "HEAD"),
        ("# curl -s -o /dev/null -D - 'http://10.0.0.5:8080/a b'", "http://10.0.0.5:8080/a b", "GET"),
        ("> curl -X POST -d a=b https://shop.example.com/cart", "https://shop.example.com/cart", "POST"),
    ],
)
def test_the_command_tells_url_and_method(command: str, url: str, method: str) -> None:
    """Whatever prompt stands before it."""
    (found,) = read_transcript(f"{command}\nHTTP/1.1 200 OK\nSet-Cookie: a=b\n\nbody\n")
    assert (found.url, found.method, found.body) == (url, method, b"body")


def test_several_commands_are_several_exchanges() -> None:
    """Each with its own URL; the cookie of the command line was sent."""
    text = "$ curl -i https://a.test/\nHTTP/2 200\nset-cookie: a=1\n\nx\n"
    first, second = read_transcript(f"{text}$ curl -i -b a=1 https://a.test/b\nHTTP/2 200\n\ny\n")
    assert (first.url, second.url, second.cookie_header) == ("https://a.test/", "https://a.test/b", "a=1")


def test_redirects_that_curl_followed_lead_on() -> None:
    """`curl -iL`: heads one after the other."""
    text = "$ curl -iL http://a.test/x\nHTTP/1.1 301 Moved\nLocation: https://a.test/y\n\n"
    first, second = read_transcript(f"{text}HTTP/1.1 200 OK\nSet-Cookie: a=1\n\n")
    assert (first.status, second.status, second.url) == (301, 200, "https://a.test/y")


def test_interim_responses_are_none() -> None:
    """100 Continue is no answer."""
    (found,) = read_transcript("curl https://a.test/\nHTTP/1.1 100 Continue\nHTTP/1.1 200 OK\nSet-Cookie: a=1\n")
    assert found.status == 200


@pytest.mark.parametrize(
    ("text", "url", "cookies"),
    [
        ("Set-Cookie: a=1; Path=/", f"https://{NOWHERE}/", ("a=1; Path=/",)),
        ("prod: Set-Cookie: a=1; Domain=.a.test; Path=/b", "https://a.test/b", ("a=1; Domain=.a.test; Path=/b",)),
        ("< set-cookie: a=1; Secure        (http://10.0.0.5:30088)", "http://10.0.0.5:30088", ("a=1; Secure",)),
        ("< Set-Cookie: a=1      < Set-Cookie: b=2; Path=/", f"https://{NOWHERE}/", ("a=1", "b=2; Path=/")),
        ("Set-Cookie: a=1     # never comes back", f"https://{NOWHERE}/", ("a=1",)),
    ],
)  # fmt: skip
def test_bare_lines_are_a_response(text: str, url: str, cookies: tuple[str, ...]) -> None:
    """As people paste them; a URL on the line is where it came from."""
    (found,) = read_transcript(text)
    assert (found.url, found.all("set-cookie")) == (url, cookies)


@pytest.mark.parametrize(
    "text", ["", "nothing\nat all", "* Connected to x (1.2.3.4) port 80\n> GET / HTTP/1.1\n> Host: x\n"]
)
def test_without_a_response_there_is_nothing(text: str) -> None:
    """A request alone says nothing."""
    assert read_transcript(text) == ()


def test_it_is_recognised() -> None:
    """By heads and Set-Cookie lines."""
    assert looks_like_transcript(VERBOSE)
    assert looks_like_transcript("Set-Cookie: a=b")
    assert not looks_like_transcript("server { listen 80; }")

"""curl's options end in the fields of the topology, and in no output."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Any

import pytest

from sessiondoctor.cli.curl import with_options
from sessiondoctor.cli.options import Job
from sessiondoctor.errors import UsageError
from sessiondoctor.report import FORMATS
from sessiondoctor.topology.confidential import secrets_of
from sessiondoctor.topology.model import Site, Topology
from sessiondoctor.topology.secret import Secret
from tests.fakes.silent_peers import answering

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended

    Cli = Callable[..., Ended]

SHOP = Site(
    url="https://shop.test/", headers={"authorization": "Bearer declared", "X-Env": "staging"}, ca="declared.pem"
)


def site(of: Site = SHOP, **words: Any) -> Site:
    """The site of a topology with these options on top."""
    return with_options(Topology(site=of), Job("https://shop.test/", **words)).site


def test_without_options_nothing_changes() -> None:
    """Not even what is empty."""
    assert site() == SHOP


def test_headers_come_on_top_of_those_of_the_file() -> None:
    """In whatever case; what is given twice is one line, as HTTP joins it."""
    headers = site(header=("AUTHORIZATION: Bearer new", "Cookie: a=1", "cookie: b=2", "X-Empty:")).headers
    assert headers == {"X-Env": "staging", "AUTHORIZATION": "Bearer new", "cookie": "a=1; b=2", "X-Empty": ""}


def test_a_user_logs_in_with_basic_authentication() -> None:
    """RFC 7617; a colon belongs to the password, and so does what is not ASCII."""
    value = site(user="me:p:äss").headers["Authorization"]
    assert base64.b64decode(value.removeprefix("Basic ")).decode() == "me:p:äss"


def test_certificates(tmp_path: Path) -> None:
    """Files that exist, relative to where we are; a new certificate does not keep the key of the old one."""
    ca, cert = tmp_path / "ca.pem", tmp_path / "cert.pem"
    ca.touch()
    cert.touch()
    changed = site(cacert=ca, cert=cert, key=cert, insecure=True)
    assert (changed.ca, changed.client_cert, changed.client_key) == (str(ca), str(cert), str(cert))
    assert changed.insecure
    assert site(Site(url=SHOP.url, client_cert="old", client_key="old"), cert=cert).client_key == ""


def test_addresses_of_hosts() -> None:
    """As curl writes them; IPv6 in brackets; several with commas."""
    changed = site(resolve=("shop.test:443:10.0.0.1,[fd00::1]", "www.shop.test:443:10.0.0.2"))
    assert changed.resolve == {"shop.test": ("10.0.0.1", "fd00::1"), "www.shop.test": ("10.0.0.2",)}


def test_a_proxy_is_a_secret() -> None:
    """Its URL may hold a password."""
    changed = with_options(Topology(site=SHOP), Job("", proxy="http://me:hidden@proxy:3128"))
    assert changed.site.proxy == Secret("http://me:hidden@proxy:3128")
    assert "hidden" in {value for _, value in secrets_of(changed, {})}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ({"header": ("SECRET",)}, "--header: expected 'Name: value'"),
        ({"header": ("Na me: SECRET",)}, "--header: expected the name"),
        ({"header": ("X: SECRET\r\nY: 1",)}, "--header: expected one line"),
        ({"user": "SECRET"}, "--user: expected user:password"),
        ({"resolve": ("SECRET",)}, "--resolve: expected host:port:address"),
        ({"resolve": ("shop.test:443:nowhere",)}, "--resolve: expected"),
        ({"resolve": ("shop.test:x:10.0.0.1",)}, "--resolve: expected host:port:address"),
        ({"proxy": "ftp://me:SECRET@proxy"}, "--proxy: expected a URL such as"),
    ],
)
def test_a_mistake_is_named_and_not_quoted(words: dict[str, Any], message: str) -> None:
    """What is wrong may be a secret in the wrong place."""
    with pytest.raises(UsageError) as caught:
        site(**words)
    assert str(caught.value).startswith(message)
    assert "SECRET" not in str(caught.value)


def test_files_must_be_there(tmp_path: Path) -> None:
    """And a key is nothing without its certificate."""
    with pytest.raises(UsageError, match=r"--cacert .*expected an existing file"):
        site(cacert=tmp_path / "none.pem")
    (tmp_path / "key.pem").touch()
    with pytest.raises(UsageError, match="--key FILE needs --cert FILE"):
        site(key=tmp_path / "key.pem")


def test_a_job_does_not_show_them() -> None:
    """In no trace."""
    assert "SECRET" not in repr(Job("", header=("X: SECRET",), user="SECRET:SECRET", proxy="http://a:SECRET@b"))


def test_the_options_of_scan_and_check_reach_the_site(cli: Cli) -> None:
    """Sent to the site, and shown in no format, with -v."""
    secrets = "hunter2-of-header", "hunter2-of-user"
    flags = ("-H", f"X-Secret: {secrets[0]}", "-u", f"me:{secrets[1]}", "--deadline", "5", "--fail-on", "never")
    with answering(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok") as port:
        shown = [cli("scan", f"http://127.0.0.1:{port}/", *flags, "-f", "json", "-v")]
        shown.append(cli("check", "client-moves", "-t", f"http://127.0.0.1:{port}/", *flags, "-v"))
        shown.append(cli("scan", f"http://127.0.0.1:{port}/", *flags, "--plan"))
    assert json.loads(shown[0].out)["target"] == f"http://127.0.0.1:{port}/"
    for ended in shown:
        assert not any(secret in ended.out + ended.err for secret in secrets)
    assert len(FORMATS) > 3


def test_a_mistake_ends_with_2(cli: Cli) -> None:
    """Like any other wrong word."""
    ended = cli("scan", "http://127.0.0.1:9/", "--proxy", "nonsense://x")
    assert (ended.code, "--proxy: expected" in ended.err) == (2, True)

"""Session cookies that ASP.NET Core splits are one cookie to the probes."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import pytest

from sessiondoctor.formats.jar import RawJar
from sessiondoctor.formats.set_cookie import read_set_cookie
from sessiondoctor.probes.browser.results import Setting
from sessiondoctor.probes.responses.cookie_reader import Reader
from sessiondoctor.probes.responses.cookie_roles import roles_of
from sessiondoctor.redact import Redactor
from sessiondoctor.topology.model import Site, Topology
from tests.formats import producers

if TYPE_CHECKING:
    from sessiondoctor.evidence.responses.cookie import Cookie

URL = "http://shop.test/"
SHOP = Topology(Site(URL))
NAME = ".AspNetCore.Cookies"


def login(end: str, parts: int = 2) -> list[Setting]:
    """What a login sets: everybody's cookie begins with the key's id."""
    whole = producers.protected(300, url_safe=True) + end
    size = -(-len(whole) // parts)
    chunks = [whole[at : at + size] for at in range(0, len(whole), size)]
    headers = [f"{NAME}=chunks-{parts}", *(f"{NAME}C{number}={chunk}" for number, chunk in enumerate(chunks, 1))]
    return [Setting(read_set_cookie(f"{text}; path=/"), URL, "", 0.0) for text in headers]


def seen(settings: list[Setting], redactor: Redactor) -> tuple[Cookie, ...]:
    """The evidence."""
    return Reader(SHOP, redactor).first_of_each(settings, URL, roles_of(settings, SHOP))


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_the_head_is_the_session_cookie(order: tuple[int, ...]) -> None:
    """In whatever order they are set; its key is read, and its size is what a browser limits."""
    settings = [login("ada")[index] for index in order]
    by_name = {cookie.name: cookie for cookie in seen(settings, Redactor())}
    head = by_name[NAME]
    assert (head.role, head.product, head.key_id) == ("session", "aspnetcore-auth", str(producers.RING_KEY))
    assert head.size == len(f"{NAME}chunks-2")
    assert {by_name[f"{NAME}C{number}"].role for number in (1, 2)} == {"other"}


def test_two_users_have_two_sessions() -> None:
    """Though both hold `chunks-2`; and nothing of them is told."""
    redactor = Redactor()
    ada, bob = (seen(login(end), redactor)[0] for end in ("ada", "bob"))
    assert ada.token != bob.token
    assert seen(login("ada"), redactor)[0].token == ada.token
    assert redactor.scrub("it says chunks-2") == "it says chunks-2"


def test_what_a_client_holds_is_what_it_was_handed() -> None:
    """The same text, joined on both sides; a part that is missing leaves the head alone."""
    settings = login("ada", 3)
    roles, jar = roles_of(settings, SHOP), RawJar()
    for setting in settings:
        jar.store(setting.cookie, URL, 0.0)
    handed = roles.handed_out(settings)
    assert handed is not None
    assert roles.session_in(jar.all()) == handed.cookie.value == producers.protected(300, url_safe=True) + "ada"
    partly = roles.handed_out(settings[:-1])
    assert partly is not None
    assert partly.cookie.value == "chunks-3"

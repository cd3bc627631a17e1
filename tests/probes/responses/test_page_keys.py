"""Key ids of Data Protection in what a site answers."""

from __future__ import annotations

import base64
import uuid

import pytest

from sessiondoctor.formats.set_cookie import SetCookie
from sessiondoctor.probes.browser.results import Answer, Setting
from sessiondoctor.probes.responses.page_keys import page_keys
from sessiondoctor.wire.message import Response

ONE, OTHER = "6f8e2c9a-0b1d-4e57-9c3f-1a2b3c4d5e6f", "00112233-4455-6677-8899-aabbccddeeff"


def sealed(key: str) -> str:
    """A protected payload: the magic number, the id in .NET's order, then the sealed octets."""
    octets = bytes.fromhex("09f0c9f0") + uuid.UUID(key).bytes_le + b"\x01\xfe" * 20
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


def answer(text: str, *cookies: str) -> Answer:
    """One response."""
    settings = tuple(Setting(SetCookie("c", value), "http://shop.test/", "", 0.0) for value in cookies)
    response = Response("http://shop.test/", 200, (), text.encode(), False, "1.1", "", False, 0, 0, 0)  # noqa: FBT003
    return Answer("GET", response, (), settings, ())


@pytest.mark.parametrize(
    ("seen", "keys"),
    [
        ([answer(f'<input name="__RequestVerificationToken" type="hidden" value="{sealed(ONE)}" />')], (ONE,)),
        ([answer(f'<!--Blazor:{{"type":"server","descriptor":"{sealed(OTHER)}"}}-->')], (OTHER,)),
        ([answer(sealed(ONE)), answer(sealed(OTHER)), answer(sealed(ONE))], (ONE, OTHER)),
        ([answer("", sealed(ONE))], (ONE,)),
        ([answer("CfDJ8 is how it begins; CfDJ8x is none"), answer("<h1>Shop</h1>")], ()),
    ],
)  # fmt: skip
def test_ids_are_read_where_they_stand(seen: list[Answer], keys: tuple[str, ...]) -> None:
    """In a form, a marker of Blazor, a cookie; each once."""
    assert page_keys(seen) == keys


def test_a_page_of_nothing_but_beginnings_is_bounded() -> None:
    """However long it is."""
    assert len(page_keys([answer(sealed(ONE) * 5000)])) == 1

"""What the key of a session may hold."""

from __future__ import annotations

import pytest

from sessiondoctor.formats.set_cookie import read_set_cookie
from sessiondoctor.probes.responses.session_ids import ids_of

ID = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("cookie", "expected"),
    [
        (f"PHPSESSID={ID}", ID),
        (f"PHPSESSID={ID}.n0a1b2c3d4", ID),
        (f"connect.sid=s%3A{ID}.{'Y' * 43}.n0a1b2c3d4", ID),
        (f"shop={ID}--{'f' * 40}", ID),
        (f"shop=v1|{ID}|app2", ID),
    ],
)
def test_an_id_with_something_appended_is_tried_alone(cookie: str, expected: str) -> None:
    """A signature, a node, a seal of what stands in front."""
    parsed = read_set_cookie(cookie)
    assert parsed
    assert expected in ids_of(parsed)


def test_short_parts_are_no_ids() -> None:
    """They occur in other keys by chance."""
    parsed = read_set_cookie(f"PHPSESSID={ID}.app2")
    assert parsed
    assert "app2" not in ids_of(parsed)


def test_dashes_of_an_id_are_its_own() -> None:
    """Of base64url; a key that holds a part of it only has no other prefix."""
    parsed = read_set_cookie(f"connect.sid=s%3AGZ--{ID[:28]}.{'Y' * 43}")
    assert parsed
    assert ids_of(parsed) == (f"GZ--{ID[:28]}",)


def test_what_is_encrypted_tells_no_key() -> None:
    """Its parts are no ids."""
    parsed = read_set_cookie("sessionid=eyJhIjoxfQ:1rXyZa:AbCdEfGhIjKlMnOpQrStUvWxYz0123456789abcdefg")
    assert parsed
    assert ids_of(parsed) == ()

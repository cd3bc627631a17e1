"""The file of a session that is left."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from sessiondoctor.errors import UsageError
from sessiondoctor.formats.jar import StoredCookie
from sessiondoctor.probes.browser.left_session import LeftSession, read, written

if TYPE_CHECKING:
    from pathlib import Path

COOKIE = StoredCookie(
    "sid", "secret-value", "shop.test", host_only=True, path="/", secure=True, http_only=True,
    same_site="lax", expires_at=None, created_at=1.0, stored_at=1.0,
)  # fmt: skip
LEFT = LeftSession(
    "https://shop.test/", "https://shop.test/app/", 17.5, b"k" * 32, "sid", 1800.0, (COOKIE,), {"marker": "sd1"},
    ("sess:",),
)  # fmt: skip


def test_it_comes_back_as_it_was(tmp_path: Path) -> None:
    """Cookies, values, the key."""
    file = tmp_path / "left.json"
    file.write_bytes(written(LEFT))
    assert read(file) == LEFT
    assert LEFT.cookie == COOKIE


def test_its_text_shows_no_secret() -> None:
    """Neither the cookies nor the key nor the values."""
    assert not any(word in repr(LEFT) for word in ("secret-value", "kkkk", "sd1"))


@pytest.mark.parametrize(
    "content",
    [
        b"", b"[]", b"{}", b"hello", b"x" * 2_000_000, b'{"schema": "sessiondoctor-idle-state/1"}',
        json.dumps({**json.loads(written(LEFT)), "schema": "another/1"}).encode(),
        json.dumps({**json.loads(written(LEFT)), "key": "c2hvcnQ="}).encode(),
        json.dumps({**json.loads(written(LEFT)), "cookies": [{"name": "sid"}]}).encode(),
        json.dumps({**json.loads(written(LEFT)), "left_at": None}).encode(),
    ],
)  # fmt: skip
def test_what_is_none_is_refused(tmp_path: Path, content: bytes) -> None:
    """By name, without its content."""
    file = tmp_path / "left.json"
    file.write_bytes(content)
    with pytest.raises(UsageError, match=r"left\.json: expected a session") as caught:
        read(file)
    assert "secret-value" not in str(caught.value)


def test_no_file_is_refused(tmp_path: Path) -> None:
    """With the reason."""
    with pytest.raises(UsageError, match="No such file"):
        read(tmp_path / "left.json")

from __future__ import annotations

import pytest

from sessiondoctor.configs.values import boolean, endpoint, seconds, size, whole


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("90", 90.0), ("30m", 1800.0), ("1h30m", 5400.0), ("PT30M", 1800.0), ("P1DT1H", 90000.0), ("00:20:00", 1200.0),
        ("1.00:00:00", 86400.0), ("500ms", 0.5), ("30 minutes", 1800.0), ('"14d"', 1209600.0), ("soon", None),
        ("", None), ("P", None), ("3x", None), ("1 2", None), ("9" * 400, None), ("-1", -1.0),
    ],
)  # fmt: skip
def test_durations(word: str, expected: float | None) -> None:
    """As the products write them."""
    assert seconds(word) == expected


def test_a_number_without_a_unit_takes_the_products() -> None:
    """Minutes in web.xml and Laravel, seconds elsewhere."""
    assert seconds("30", 60) == 1800


@pytest.mark.parametrize(("word", "expected"), [("16k", 16384), ("1Gi", 2**30), ("4 MB", 4 * 2**20), ("x", None)])
def test_sizes(word: str, expected: int | None) -> None:
    """Of memory and buffers."""
    assert size(word) == expected


def test_booleans_and_numbers() -> None:
    """Anything else is not one."""
    assert [boolean(word) for word in ("On", "'false'", "maybe", "")] == [True, False, None, None]
    assert [whole(word) for word in ("12", "1.5", "9" * 30)] == [12, None, None]


@pytest.mark.parametrize(
    ("url", "where"),
    [
        ("redis://user:secret@cache:6379/2", ("cache:6379", "2")),
        ("cache:6380,password=secret,ssl=True", ("cache:6380", "")),
        ("cache", ("cache:6379", "")),
        ("rediss://[::1]:6390", ("::1:6390", "")),
        ("unix:///run/redis.sock", ("/run/redis.sock", "")),
        ("redis://${HOST}:6379", ("", "")),
        ("redis://h:notaport", ("", "")),
    ],
)
def test_an_endpoint_has_no_password(url: str, where: tuple[str, str]) -> None:
    """Host, port and database only."""
    assert endpoint(url, 6379) == where

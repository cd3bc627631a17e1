from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sessiondoctor.formats.cookie_date import cookie_date

QUICK = settings(max_examples=60, deadline=None)
CHRISTMAS = datetime(2027, 12, 24, 18, 5, 9, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    "text",
    [
        "Fri, 24 Dec 2027 18:05:09 GMT",
        "Friday, 24-Dec-27 18:05:09 GMT",
        "Fri Dec 24 18:05:09 2027",
        "18:05:09 24 dec 2027",
        "24 december 2027 18:5:9 +0200",
        "2027 24 Dec 18:05:09",
        "Fri, 24 Dec 2027 18:05:09 GMT garbage 99:99:99 1 Jan 1970",
        ";;24@Dec\t2027(18:05:09.999)",
        "24th Dec 27th 18:05:09x",
    ],
)
def test_every_order_and_spelling_is_one_date(text: str) -> None:
    """Section 5.1.1: tokens are found wherever they stand, the first of a kind counts, time zones do not."""
    assert cookie_date(text) == CHRISTMAS


@pytest.mark.parametrize(
    ("year", "full"), [("69", 2069), ("70", 1970), ("99", 1999), ("00", 2000), ("1601", 1601), ("9999", 9999)]
)
def test_two_digits_of_a_year_are_completed(year: str, full: int) -> None:
    """Steps 3 and 4."""
    expected = datetime(full, 1, 2, tzinfo=UTC).timestamp()
    assert cookie_date(f"02 Jan {year} 00:00:00") == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tomorrow",
        "24 Dec 2027",
        "Dec 2027 18:05:09",
        "24 2027 18:05:09",
        "24 Dec 18:05:09",
        "0 Dec 2027 18:05:09",
        "32 Dec 2027 18:05:09",
        "30 Feb 2027 18:05:09",
        "24 Dec 1600 18:05:09",
        "24 Dec 123 18:05:09",
        "24 Dec 20277 18:05:09",
        "24 Dec 2027 24:05:09",
        "24 Dec 2027 18:60:09",
        "24 Dec 2027 18:05:60",
        "24 Dec 2027 18:05",
        "24 Dec 2027 180:05:09",
        "124 Dec 2027 18:05:09",
        "٢٤ Dec 2027 18:05:09",
    ],
)
def test_what_is_no_date_is_none(text: str) -> None:
    """Step 5 and 6: missing parts, impossible ones, foreign digits."""
    assert cookie_date(text) is None


@QUICK
@given(date=st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC)))  # noqa: DTZ001 - bounds
def test_the_http_date_of_every_second_reads_back(date: datetime) -> None:
    """IMF-fixdate, as servers write it."""
    assert cookie_date(format_datetime(date, usegmt=True)) == date.replace(microsecond=0).timestamp()


@QUICK
@given(text=st.text(alphabet="0123456789: -jandecJAN,GMT\t\x00é", max_size=60) | st.text())
def test_no_text_is_an_error(text: str) -> None:
    """Whatever comes, a date or None."""
    date = cookie_date(text)
    assert date is None or isinstance(date, float)

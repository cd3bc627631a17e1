"""A line without what its way added."""

from __future__ import annotations

import pytest

from sessiondoctor.logs.line import read_line


@pytest.mark.parametrize(
    "raw",
    [
        "java.io.NotSerializableException: a.B",
        "2024-01-02T03:04:05.678901234Z stderr F java.io.NotSerializableException: a.B",
        "app-1  | java.io.NotSerializableException: a.B",
        "[pod/shop-0/web] java.io.NotSerializableException: a.B",
        "Jan  2 03:04:05 host shop[123]: java.io.NotSerializableException: a.B",
        '{"log":"java.io.NotSerializableException: a.B\\n"}',
    ],
)
def test_prefixes_are_taken_off(raw: str) -> None:
    """What is left is what the program wrote; a line of a stack trace continues its event."""
    line = read_line(raw, 2024)
    assert line.text == "java.io.NotSerializableException: a.B"
    assert line.continues


def test_json_gives_all_its_texts_and_its_date() -> None:
    """Message, exception and stack, wherever they stand."""
    line = read_line('{"time":1704164645000,"level":50,"msg":"no","err":{"type":"E","stack":"E: x\\n  at f"}}', 2024)
    assert line.text.splitlines() == ["no", "E", "E: x", "  at f"]
    assert line.at == 1704164645


@pytest.mark.parametrize("raw", ["{not json", "[1]", '{"a":' * 3000, "{}"])
def test_what_is_no_json_stays_as_it_is(raw: str) -> None:
    """And no depth is followed for ever."""
    assert read_line(raw, 2024).text in {raw, ""}


@pytest.mark.parametrize("raw", ["2024-01-02 03:04:05 at last", "INFO started", "plain words", "ERROR: x"])
def test_the_first_line_of_an_event_continues_none(raw: str) -> None:
    """It has a date, a level, or no indent."""
    assert not read_line(raw, 2024).continues


@pytest.mark.parametrize(
    "raw", ["\tat a.B.c(D.java:1)", "Caused by: a.B: x", "    more", "... 12 more", "a.b.CError: x"]
)
def test_a_line_of_a_stack_trace_continues_its_event(raw: str) -> None:
    """As Java and Python write them."""
    assert read_line(raw, 2024).continues


def test_half_of_a_surrogate_pair_is_no_text() -> None:
    """Loggers cut a message in the middle of an emoji; whoever looks for words in it needs text."""
    text = read_line('{"level": "error", "msg": "OOM command not allowed \\ud83d"}', 2026).text
    assert "OOM command not allowed" in text
    assert text.encode()


@pytest.mark.parametrize("time", ["9" * 400, '"\N{SUPERSCRIPT TWO}"', "1e999", "-1", "NaN", '"9999999999999999999999"'])
def test_a_number_that_is_no_date(time: str) -> None:
    """However large, and whatever its digits are."""
    assert read_line(f'{{"msg": "a", "time": {time}}}', 2026).at is None

"""The pictures of the HTML report: what they show, in shapes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sessiondoctor.model import ClientHistory as History
from sessiondoctor.model import ClientRequest as Request
from sessiondoctor.model import ClockOffset, ClockTable, Part
from sessiondoctor.report import Style, render
from sessiondoctor.report.drawings import Box, Label, Mark, named, room_for
from sessiondoctor.report.drawings.charts import clocks_of
from sessiondoctor.report.drawings.site import site_of
from sessiondoctor.report.drawings.timeline import ages_of, timelines_of
from tests.fakes.reports import a_diagnosis, a_report

if TYPE_CHECKING:
    from sessiondoctor.report.drawings import Drawing

SITE = (
    Part("site", "site", sends_to=("cdn",)),
    Part("edge", "balancer", "haproxy", ("app1", "app2")),
    Part("cdn", "balancer", "cloudfront", ("edge",)),
    Part("app1", "node", sends_to=("sessions",)),
    Part("app2", "node", sends_to=("sessions",)),
    Part("sessions", "store", "redis"),
)


def texts(drawing: Drawing) -> dict[str, Label]:
    """Its labels by their text."""
    return {shape.text: shape for shape in drawing.shapes if isinstance(shape, Label)}


def test_a_request_runs_from_left_to_right() -> None:
    """In whatever order the parts are declared."""
    drawing = site_of(a_report(parts=SITE))
    assert drawing
    found = texts(drawing)
    order = ["site", "cdn", "edge", "app1", "sessions"]
    assert [found[name].x for name in order] == sorted(found[name].x for name in order)
    assert found["app1"].x == found["app2"].x
    assert all(one.x >= 0 and one.x + one.width <= drawing.width for one in drawing.shapes if isinstance(one, Box))


def test_the_part_that_a_cause_points_at_is_marked() -> None:
    """By a word, not by colour alone."""
    drawing = site_of(a_report(parts=SITE, diagnosis=(a_diagnosis("signing-secret-mismatch", where=("app2",)),)))
    assert drawing
    assert [shape.kind for shape in drawing.shapes if isinstance(shape, Box)].count("part guilty") == 1
    fault, name = texts(drawing)["fault here"], texts(drawing)["app2"]
    assert (fault.x, fault.y > name.y) == (name.x, True)
    assert "The fault is at app2." in drawing.told
    boxes = [shape for shape in drawing.shapes if isinstance(shape, Box)]
    assert min(box.width for box in boxes) > room_for((fault.text,))


def test_a_candidate_marks_nothing() -> None:
    """Nobody says yet that it is the fault."""
    maybe = a_diagnosis("signing-secret-mismatch", where=("app2",), probability=0.4)
    drawing = site_of(a_report(parts=SITE, diagnosis=(maybe,)))
    assert drawing
    assert "fault here" not in texts(drawing)


def test_a_site_of_which_nothing_is_known_is_not_drawn() -> None:
    """One box is no picture."""
    assert site_of(a_report(parts=(Part("site", "site"),))) is None
    assert site_of(a_report()) is None


def history(client: str, *states: str) -> History:
    """A client that moves between two nodes, a request a second."""
    return History(
        client, "its course", tuple(Request(f"app{n % 2}", state, 200, at_s=n) for n, state in enumerate(states))
    )


def test_each_request_has_a_mark_on_the_lane_of_its_node() -> None:
    """In its order."""
    (drawing,) = timelines_of(a_report(requests=(history("returning 1", "kept", "lost", "kept", "odd"),)))
    marks = [shape for shape in drawing.shapes if isinstance(shape, Mark)]
    assert [mark.kind for mark in marks] == ["mark kept", "mark lost", "mark kept", "mark unknown"]
    assert marks[0].y == marks[2].y != marks[1].y
    assert [mark.x for mark in marks] == sorted({mark.x for mark in marks})
    assert all(mark.x < drawing.width for mark in marks)


def test_short_visits_share_a_picture() -> None:
    """A picture for each of twenty would hide the one that counts."""
    visits = [history(f"fresh {n}", "kept", "lost") for n in range(5)]
    report = a_report(requests=(*visits, history("returning 1", *["kept"] * 8), history("one", "kept")))
    drawings = {drawing.id: drawing for drawing in timelines_of(report)}
    assert set(drawings) == {"client-1", "short-visits"}
    assert "5 of them lost their state" in drawings["short-visits"].told


def test_ages_are_those_since_the_first_request() -> None:
    """Two seconds after it, at the earliest."""
    drawing = ages_of(a_report(requests=(history("returning 1", "kept", "kept", "lost", "kept", "lost"),)))
    assert drawing
    assert "lost 2 times, 2.00 s to 4.00 s after" in drawing.told
    assert ages_of(a_report(requests=(history("returning 1", "kept", "kept"),))) is None


def test_a_clock_that_is_off_is_drawn_aside() -> None:
    """With where the truth may lie around it."""
    table = ClockTable(
        "here", (ClockOffset("app1", "node", "ntp", 0.0, 0.5), ClockOffset("app2", "node", "ntp", -90.0, 0.5))
    )
    drawing = clocks_of(table)
    assert drawing
    right, off = (shape for shape in drawing.shapes if isinstance(shape, Mark))
    assert (right.kind, off.kind) == ("mark kept", "mark lost")
    assert off.x < right.x
    assert all(0 <= shape.x <= drawing.width for shape in (right, off))


@pytest.mark.parametrize("name", ["app1", "shop-frontend-7d9f8b6c5-x2x4z-in-a-long-namespace"])
def test_a_long_name_keeps_its_ends(name: str) -> None:
    """Pods differ at their end."""
    short = named(name)
    assert len(short) <= 22
    assert (short[:3], short[-3:]) == (name[:3], name[-3:])


def test_the_page_draws_what_was_declared() -> None:
    """And says in words beside it what it shows."""
    page = render(a_report(parts=SITE), "html", Style())
    assert page.count('<svg role="img"') == 1
    assert "cdn sends to edge; " in page
    assert "cloudfront" in page


def test_a_cause_brings_its_page() -> None:
    """Whoever is sent the file has no catalogue at hand."""
    page = render(a_report(diagnosis=(a_diagnosis("signing-secret-mismatch"),)), "html", Style())
    assert "<summary>All about this cause</summary>" in page
    assert "<h2>Look-alikes</h2>" in page
    assert "<summary>" not in render(a_report(diagnosis=(a_diagnosis("of-no-catalogue"),)), "html", Style())

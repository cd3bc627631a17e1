from __future__ import annotations

import socketserver
import threading
import time
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from sessiondoctor.experiments.drill import haproxy
from sessiondoctor.experiments.drill.haproxy import RefusedError, order, states
from tests.experiments.drill.runtime import Runtime, runtime

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def api() -> Iterator[Runtime]:
    """HAProxy with three servers."""
    with runtime() as running:
        yield running


def test_states_are_read(api: Runtime) -> None:
    """By the names of the columns."""
    found = {one.name: one for one in states(api.place)}
    assert found["app1"].path == "app/app1"
    assert found["app1"].address == "10.0.0.1:3000"
    assert found["app1"].in_service
    api.admin["app2"] = 1
    api.up["app3"] = False
    assert [one.name for one in states(api.place) if not one.in_service] == ["app2", "app3"]


def test_an_order_that_is_not_obeyed(api: Runtime) -> None:
    """What HAProxy says is told, in one line."""
    order(api.place, "set server app/app1 state maint")
    assert api.admin["app1"] == 1
    with pytest.raises(RefusedError, match=r"No such server"):
        order(api.place, "set server app/nobody state maint")


def test_nobody_there() -> None:
    """One line, too."""
    with pytest.raises(RefusedError, match="does not answer"):
        states("tcp://127.0.0.1:1")
    with pytest.raises(RefusedError, match="does not answer"):
        states("unix:/nowhere/haproxy.sock")


def test_something_else_answers(api: Runtime) -> None:
    """It is not taken for HAProxy."""
    api.garbage = "HTTP/1.0 400 Bad request\n"
    with pytest.raises(RefusedError, match="as HAProxy does"):
        states(api.place)


class Slow(socketserver.BaseRequestHandler):
    """Sends a little, again and again."""

    def handle(self) -> None:
        """Until nobody listens."""
        with suppress(OSError):
            for _ in range(100):
                self.request.sendall(b"#")
                time.sleep(0.1)


def test_an_answer_without_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Is waited for so long in all, not for each piece of it."""
    monkeypatch.setattr(haproxy, "PATIENCE_S", 0.5)
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Slow) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        began = time.monotonic()
        with pytest.raises(RefusedError, match="no answer in time"):
            states(f"tcp://127.0.0.1:{server.server_address[1]}")
        assert time.monotonic() - began < 3
        server.shutdown()

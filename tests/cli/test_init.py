"""`sessiondoctor init`: what it writes can be scanned, and nothing is written over."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sessiondoctor.demo.cluster import cluster

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Ended

HAPROXY = "backend app\n  balance roundrobin\n  server app1 10.0.0.1:3000 check\n  server app2 10.0.0.2:3000 check\n"
ENV = "REDIS_URL=redis://:hunter2-hunter2@10.0.0.9:6379/0\nSESSION_SECRET=hunter2-hunter2\n"


def test_from_files_alone(cli: Callable[..., Ended], tmp_path: Path) -> None:
    """Paths are relative to the written file; no secret is in it, and a plan can be made of it."""
    (tmp_path / "app1").mkdir()
    (tmp_path / "app1" / ".env").write_text(ENV)
    (tmp_path / "haproxy.cfg").write_text(HAPROXY)
    done = cli("init", "--from", "edge=haproxy.cfg", "app1", "-o", "site.yaml")
    assert (done.code, done.out) == (0, "")
    text = (tmp_path / "site.yaml").read_text()
    assert "- name: edge" in text
    assert "config: [app1/.env]" in text
    assert "hunter2" not in text + done.err
    planned = cli("scan", "site.yaml", "--plan")
    assert planned.code == 0, planned.err
    assert "10.0.0.2:3000" in planned.out


def test_from_a_url_alone(cli: Callable[..., Ended], tmp_path: Path) -> None:
    """What one visit shows."""
    with cluster("node-local-store") as running:
        from sessiondoctor.topology.loader import load

        url = load(running.topology, {}).site.url
        done = cli("init", url)
    assert done.code == 0, done.err
    assert f"url: {url}" in (tmp_path / "sessiondoctor.yaml").read_text()
    assert "TODO" in done.err
    assert cli("scan", "--plan").code == 0


def test_a_site_that_does_not_answer_is_written_down(cli: Callable[..., Ended], tmp_path: Path) -> None:
    """With the reason, and with what files say."""
    done = cli("init", "http://127.0.0.1:9/")
    assert done.code == 0
    assert "there was no page to look at" in (tmp_path / "sessiondoctor.yaml").read_text()
    assert cli("scan", "--plan").code == 0


def test_nothing_is_written_over(cli: Callable[..., Ended], tmp_path: Path) -> None:
    """Unless that is asked for."""
    (tmp_path / "haproxy.cfg").write_text(HAPROXY)
    (tmp_path / "sessiondoctor.yaml").write_text("mine")
    done = cli("init", "haproxy.cfg")
    assert (done.code, (tmp_path / "sessiondoctor.yaml").read_text()) == (2, "mine")
    assert "--force" in done.err
    assert cli("init", "haproxy.cfg", "--force").code == 0
    assert "haproxy" in (tmp_path / "sessiondoctor.yaml").read_text()


def test_to_standard_output(cli: Callable[..., Ended], tmp_path: Path) -> None:
    """No file."""
    (tmp_path / "haproxy.cfg").write_text(HAPROXY)
    done = cli("init", "haproxy.cfg", "-o", "-")
    assert done.out.startswith("# A first description")
    assert not (tmp_path / "sessiondoctor.yaml").exists()


@pytest.mark.parametrize("words", [(), ("http://a/", "http://b/"), ("no-such-file",), ("http://a/", "-o", "no/such/x")])
def test_mistakes_are_said(cli: Callable[..., Ended], words: tuple[str, ...]) -> None:
    """Before anybody is contacted."""
    assert cli("init", *words).code == 2

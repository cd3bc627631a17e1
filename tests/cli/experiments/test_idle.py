from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from sessiondoctor.demo.cluster import cluster

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Ended


def test_a_plan_contacts_nobody(cli: Callable[..., Ended]) -> None:
    """How many sessions, and how long."""
    done = cli("idle", "http://127.0.0.1:1/", "--plan", "--up-to", "20m")
    assert done.code == 0
    assert "Up to 24 sessions" in done.out
    assert "60 minutes" in done.out


def test_mistakes_of_the_command_line(cli: Callable[..., Ended]) -> None:
    """One line each."""
    done = cli("idle", "http://127.0.0.1:1/", "--up-to", "20", "--plan")
    assert (done.code, done.err) == (2, "sessiondoctor: --up-to 20: expected a duration such as 90s, 30m, 12h or 14d\n")
    done = cli("idle", "http://127.0.0.1:1/", "--resume")
    assert done.code == 2
    assert "cannot read the state" in done.err


def test_a_short_ladder(cli: Callable[..., Ended]) -> None:
    """Sessions of a healthy cluster outlive three seconds; its cookies say no end; no state is left behind."""
    with cluster("none") as running:
        done = cli("idle", running.topology, "--up-to", "3s", "--sessions", "3", "--quiet")
        document = cli("idle", running.topology, "--up-to", "2s", "--sessions", "2", "--quiet", "--json")
    assert done.out.startswith("what"), done.err
    assert "not within " in done.out
    assert "store sessions" in done.out
    ends = {row["what"]: row for row in json.loads(document.out)["ends"]}
    assert ends["session"]["lost_s"] is None
    assert ends["session"]["kept_s"] >= 1.9
    assert not Path("sessiondoctor-idle.json").exists()


def test_a_site_without_a_flow_cannot_tell(cli: Callable[..., Ended]) -> None:
    """What to declare is said."""
    with cluster("none") as running:
        known = yaml.safe_load(running.topology.read_text())
        bare = {"version": 1, "site": {name: known["site"][name] for name in known["site"] if name != "flow"}}
        Path("bare.yaml").write_text(yaml.safe_dump(bare))
        done = cli("idle", "bare.yaml", "--up-to", "2s", "--quiet")
    assert done.code == 3, done.out
    assert "declare site.flow" in done.out


def test_a_site_that_does_not_answer(cli: Callable[..., Ended]) -> None:
    """Could not look is no crash."""
    done = cli("idle", "http://127.0.0.1:1/", "--up-to", "2s", "--quiet")
    assert done.code == 3
    assert "refused" in done.err


def test_a_state_of_another_run_is_kept(cli: Callable[..., Ended]) -> None:
    """Neither a run of another site nor somebody's file is written over."""
    state = Path("sessiondoctor-idle.json")
    began = {"schema": "sessiondoctor-idle-state/1", "target": "https://other.test/"}
    for content, said in (
        (json.dumps(began), "holds an unfinished run at https://other.test/; give another --state"),
        (json.dumps({**began, "target": "http://127.0.0.1:1/"}), "give --resume to go on with it, another --state"),
        ("my notes", "is no state of an idle ladder; give another --state, or delete the file"),
    ):
        state.write_text(content)
        done = cli("idle", "http://127.0.0.1:1/", "--up-to", "2s", "--quiet")
        assert (done.code, state.read_text()) == (2, content)
        assert said in done.err

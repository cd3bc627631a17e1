from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from tests.cli.conftest import Ended

TOPOLOGY = """\
site: {url: "http://127.0.0.1:1/", flow: {write: {path: /w}, read: {path: /r, expect: "{marker}"}}}
nodes:
  - {name: app1, url: "http://127.0.0.1:2/", stop: touch stopped, start: "true"}
  - {name: app2, url: "http://127.0.0.1:3/"}
"""


def described() -> str:
    """A topology file whose nodes nobody reaches."""
    Path("shop.yaml").write_text(TOPOLOGY)
    return "shop.yaml"


def test_consent_is_asked_for_at_once(cli: Callable[..., Ended]) -> None:
    """All that is missing, in one line; nothing is run."""
    done = cli("drill", described())
    assert done.code == 2
    assert done.err.endswith("add --node NAME (app1, app2), --allow disrupt, --yes\n")
    assert cli("drill", "shop.yaml", "--node", "app1", "--yes").err.endswith("add --allow disrupt\n")
    assert cli("drill", "shop.yaml", "--node", "app1", "--allow", "interact", "--yes").code == 2
    assert cli("drill", "shop.yaml", "--node", "app1", "--allow", "disrupt").err.endswith("add --yes\n")
    assert not Path("stopped").exists()


def test_a_plan_needs_no_consent_and_changes_nothing(cli: Callable[..., Ended]) -> None:
    """Its steps and requests."""
    done = cli("drill", described(), "--node", "app1", "--plan")
    assert done.code == 0, done.err
    assert "take app1 out: touch stopped" in done.out
    assert "requests" in done.out
    assert not Path("stopped").exists()


def test_a_plan_hides_what_comes_from_the_environment(
    cli: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Commands may hold passwords."""
    monkeypatch.setenv("DRILL_TOKEN", "correct-horse-battery")
    Path("shop.yaml").write_text(TOPOLOGY.replace("touch stopped", '"touch stopped --token ${DRILL_TOKEN}"'))
    done = cli("drill", "shop.yaml", "--node", "app1", "--plan")
    assert done.code == 0, done.err
    assert "take app1 out: touch stopped --token" in done.out
    assert "correct-horse-battery" not in done.out


def test_mistakes_of_the_command_line(cli: Callable[..., Ended]) -> None:
    """One line each."""
    consent = ("--allow", "disrupt", "--yes")
    assert "no such node" in cli("drill", described(), "--node", "app", *consent).err
    assert "--watch 20" in cli("drill", "shop.yaml", "--node", "app1", "--watch", "20", *consent).err
    assert "nothing says how" in cli("drill", "shop.yaml", "--node", "app2", *consent).err


def test_a_site_that_does_not_answer_is_left_alone(cli: Callable[..., Ended]) -> None:
    """No sessions, no drill."""
    done = cli("drill", described(), "--node", "app1", "--allow", "disrupt", "--yes", "--quiet")
    assert done.code == 3, done.err
    assert "refused" in done.err
    assert not Path("stopped").exists()

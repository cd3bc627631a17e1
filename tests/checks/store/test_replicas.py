"""Checks of replicas, sentinels and rights."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from sessiondoctor.evidence.stores.located import Copy
from sessiondoctor.evidence.stores.replicas import Replica, Replicas
from sessiondoctor.evidence.stores.sentinels import Sentinels, SentinelView
from sessiondoctor.topology.model import Store
from sessiondoctor.topology.secret import Secret
from tests.checks.build import located, server, topology
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify

if TYPE_CHECKING:
    from sessiondoctor.topology.model import Topology
    from tests.checks.conftest import Judge


def copied(*copies: Copy, **changes: Any) -> Any:
    """Sessions of which these are on replicas."""
    return replace(located(**changes), copies=copies)


def of(absent_s: float, arrived_s: float | None, node: str = "app1") -> Copy:
    """A session on its replica."""
    return Copy(node, "sessions", "10.0.0.10:6379", arrived_s, absent_s)


def site() -> Topology:
    """A site whose store has a replica."""
    store = Store("sessions", "redis", (Secret("redis://10.0.0.9"),), replicas=(Secret("redis://10.0.0.10"),))
    return topology(stores=(store,))


def replicas(*, answers: bool = True, **changes: Any) -> Replicas:
    """One replica, in step unless a test says otherwise."""
    settings: dict[str, Any] = {"role": "slave", "follows": True, "link_up": True, "silent_s": 1, "behind_bytes": 0}
    replica = Replica("10.0.0.10:6379", answers, **(settings | changes))
    return Replicas("sessions", "10.0.0.9:6379", (replica,))


def sentinels(*named: str) -> Sentinels:
    """Sentinels that name these primaries; none if empty."""
    views = (SentinelView(f"10.0.0.{n}:26379", name, "" if name else "silent") for n, name in enumerate(named))
    return Sentinels("sessions", "mymaster", tuple(views))


CASES = [
    case("replica-stale", FAIL, copied(of(3.0, None), of(0.0, 0.02, "app2")), site(), says="had not arrived"),
    case("replica-stale", FAIL, copied(of(2.4, 2.5)), site(), says="was still missing"),
    case("replica-stale", PASS, copied(of(0.0, 0.02)), site()),
    case("replica-stale", PASS, copied(of(0.1, 0.15)), site()),
    case("replica-stale", UNSURE, copied(), site(), says="looked up"),
    case("replica-stale", NOT, copied(), topology(), says="declares replicas"),
    case("session-known-without-lookup", PASS, copied(of(0.0, 0.02), looks={"app1 app3": "copy"}), says="replicas"),
    case("session-known-without-lookup", FAIL, copied(of(2.4, 2.5), looks={"app1 app3": "copy"}), says="app3 knows"),
    case("replica-lags", FAIL, replicas(behind_s=2.5, behind_bytes=900), says="2.5 s ago (900 bytes)"),
    case("replica-lags", FAIL, replicas(silent_s=60), says="60 s"),
    case("replica-lags", PASS, replicas(behind_s=0.4, behind_bytes=900)),
    case("replica-lags", PASS, replicas(silent_s=None)),
    case("replica-lags", UNSURE, replicas(answers=False, reason="connection refused"), says="refused"),
    case("replica-lags", UNSURE, replicas(role="master", link_up=None), says="follows nobody"),
    case("replica-detached", FAIL, replicas(link_up=False), says="lost the connection"),
    case("replica-detached", FAIL, replicas(follows=False), says="another primary"),
    case("replica-detached", FAIL, replicas(role="master", link_up=None, follows=False), says="no replica"),
    case("replica-detached", PASS, replicas()),
    case("replica-detached", UNSURE, replicas(answers=False), says="does not answer"),
    case("sentinels-disagree", FAIL, sentinels("10.0.0.1:6379", "10.0.0.1:6379", "10.0.0.2:6379"),
         says="10.0.0.2:26379 names 10.0.0.2:6379"),
    case("sentinels-disagree", PASS, sentinels("10.0.0.1:6379", "10.0.0.1:6379", "")),
    case("sentinels-disagree", UNSURE, sentinels("10.0.0.1:6379", "")),
    case("store-rights-missing", FAIL, server(missing_rights=("MEMORY USAGE", "SELECT")),
         says="+memory|usage (sizes of sessions)"),
    case("store-rights-missing", UNSURE, server(missing_rights=("GETRANGE", "TIME")), says="+getrange"),
    case("store-rights-missing", PASS, server()),
]  # fmt: skip


@pytest.mark.parametrize("one", CASES, ids=str)
def test_verdict(one: Case, judge: Judge) -> None:
    """Fails, passes, or says why it cannot tell."""
    verify(one, judge)

"""Checks of Java's configuration: family affinity."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.checks.build import topology
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify
from tests.checks.evidence.configs_java import APACHE, SERVER, STICKY
from tests.configs.build import configs

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

STALE = topology(symptoms=("state-stale",))
BARE = APACHE.replace("ProxySet stickysession=JSESSIONID\n", "")

CASES = [
    case("session-manager-needs-affinity", FAIL, configs(STICKY), STALE, says="counts on affinity"),
    case("session-manager-needs-affinity", FAIL, configs(STICKY, BARE), topology(), says="app has none"),
    case("session-manager-needs-affinity", UNSURE, configs(STICKY), topology()),
    case("session-manager-needs-affinity", PASS, configs(STICKY, APACHE), STALE),
    case("session-manager-needs-affinity", NOT, configs(STICKY.replace("/>", ' sticky="false"/>')), STALE),
    case("configured-route-unknown", FAIL, configs(APACHE, SERVER.replace("app1", "App1")), says="'App1'"),
    case("configured-route-unknown", FAIL, configs(APACHE, SERVER.replace(' jvmRoute="app1"', "")), says="jvmRoute is not set"),
    case("configured-route-unknown", FAIL, configs(app1=SERVER, app2=SERVER), says="also that of app1"),
    case("configured-route-unknown", PASS, configs(APACHE, SERVER)),
    case("configured-route-unknown", PASS, configs(APACHE, app1=SERVER, app2=SERVER.replace("app1", "app2"))),
    case("configured-route-unknown", NOT, configs(SERVER)),
    case("configured-route-unknown", NOT, configs(SERVER, SERVER)),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_check(case: Case, judge: Judge) -> None:
    """Evidence in, verdict out."""
    verify(case, judge)

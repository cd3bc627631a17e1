"""Checks of Java's configuration: family store."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.checks.build import topology
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify
from tests.checks.evidence.configs_java import STICKY, WEB
from tests.configs.build import configs

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

DOWN = topology(symptoms=("logged-out-at-node-loss",))
MAP = '<map name="sessions"><max-idle-seconds>3600</max-idle-seconds></map>'
SPRING = "server.port=80\nspring.session.timeout={0}\n"

CASES = [
    case("session-map-idles-out", FAIL, configs(MAP), DOWN, says="3600 s"),
    case("session-map-idles-out", FAIL, configs(MAP, STICKY), topology()),
    case("session-map-idles-out", UNSURE, configs(MAP), topology()),
    case("session-map-idles-out", PASS, configs(MAP, STICKY.replace("/>", ' sticky="false"/>')), DOWN),
    case("session-map-idles-out", NOT, configs(STICKY), DOWN),
    case("idle-settings-differ", FAIL, configs(WEB, SPRING.format("10m")), says="600 s by spring.session.timeout, and 1800 s"),
    case("idle-settings-differ", PASS, configs(WEB, SPRING.format("30m"))),
    case("idle-settings-differ", NOT, configs(app1=WEB, app2=SPRING.format("10m"))),
    case("idle-settings-differ", NOT, configs(WEB)),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_check(case: Case, judge: Judge) -> None:
    """Evidence in, verdict out."""
    verify(case, judge)

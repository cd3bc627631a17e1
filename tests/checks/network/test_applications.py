"""Checks of configuration files of applications and stores: family network."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.checks.build import topology
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify
from tests.configs.build import configs

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

DROPS = topology(symptoms=("websocket-drops",))
SERVER = 'const { Server } = require("socket.io")\nconst io = new Server(http, {%s})\n'
CLIENT = "import io from 'socket.io-client'\nio('https://api.example.com', {%s})\n"
PM2 = "module.exports = { apps: [{ instances: 4, exec_mode: 'cluster' }] }\n"
POOL = "upstream a {%s\n  server a:80;\n  server b:80;\n}\n"

CASES = [
    case("socketio-polls-several-nodes", FAIL, configs(SERVER % ""), DROPS, says="polling"),
    case("socketio-polls-several-nodes", FAIL, configs(SERVER % "", POOL % ""), topology()),
    case("socketio-polls-several-nodes", PASS, configs(SERVER % "", POOL % " ip_hash;"), topology()),
    case("socketio-polls-several-nodes", PASS, configs(SERVER % "transports: ['websocket']"), DROPS),
    case("socketio-polls-several-nodes", UNSURE, configs(SERVER % ""), topology()),
    case("socketio-polls-several-nodes", UNSURE, configs(PM2, (SERVER % "") + "setupWorker(io)\n"), topology()),
    case("socketio-polls-several-nodes", FAIL, configs(PM2, SERVER % ""), topology()),
    case("socketio-polls-several-nodes", FAIL, configs(CLIENT % ""), DROPS, says="withCredentials"),
    case("socketio-polls-several-nodes", PASS, configs(CLIENT % "withCredentials: true"), DROPS),
    case("socketio-polls-several-nodes", UNSURE, configs(CLIENT % ""), topology()),
    case("socketio-polls-several-nodes", NOT, configs(POOL % ""), topology()),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_check(case: Case, judge: Judge) -> None:
    """Evidence in, verdict out."""
    verify(case, judge)

"""Checks of configuration files of applications and stores: family app."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.checks.cases import FAIL, NOT, PASS, Case, case, verify
from tests.configs.build import configs

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

MEMORY = "app.use(session({ secret: 's', resave: false, saveUninitialized: false }))\n"
PM2 = "module.exports = { apps: [{ instances: 4, exec_mode: 'cluster' }] }\n"

CASES = [
    case("workers-keep-sessions-apart", FAIL, configs(MEMORY, PM2), says="4 workers"),
    case("workers-keep-sessions-apart", FAIL, configs("gunicorn -w 3 app:app\n", "socketio = SocketIO(app)\n"), says="polling"),
    case("workers-keep-sessions-apart", PASS, configs(MEMORY.replace("{ s", "{ store, s"), PM2)),
    case("workers-keep-sessions-apart", NOT, configs(MEMORY)),
    case(
        "workers-keep-sessions-apart", PASS,
        configs(**{"one/app.js": MEMORY, "two/app.js": MEMORY, "three/ecosystem.config.js": PM2}),
        says="not known",
    ),
    case("workers-keep-sessions-apart", FAIL, configs(**{"one/src/app.js": MEMORY, "one/ecosystem.config.js": PM2})),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_check(case: Case, judge: Judge) -> None:
    """Evidence in, verdict out."""
    verify(case, judge)

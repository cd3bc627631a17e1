"""Checks of configuration files of applications and stores: family keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.checks.build import topology
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify
from tests.configs.build import configs

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

LOST = topology(symptoms=("logged-out-at-random",))
ONE, OTHER = "SESSION_SECRET=abcdefgh\nA=1\n", "SESSION_SECRET=zyxwvuts\nA=1\n"

KEPT_BY_FRAMEWORK = """var builder = WebApplication.CreateBuilder(args);
builder.Services.AddRazorComponents().AddInteractiveServerComponents();
var app = builder.Build();
"""
CASES = [
    case("secrets-differ", FAIL, configs(app1=ONE, app2=OTHER), topology(), says="another SESSION_SECRET"),
    case("secrets-differ", FAIL, configs(ONE, OTHER), LOST),
    case("secrets-differ", UNSURE, configs(ONE, OTHER), topology()),
    case("secrets-differ", UNSURE, configs(**{"prod.env": ONE, "staging.env": OTHER}), LOST),
    case("secrets-differ", FAIL, configs(**{"host1.env": ONE, "host2.env": OTHER}), LOST),
    case("secrets-differ", PASS, configs(app1=ONE, app2=ONE), topology()),
    case("secret-made-at-start", FAIL, configs("app.secret_key = os.urandom(24)\n"), says="SECRET_KEY"),
    case("secret-made-at-start", FAIL, configs("app.secret_key = os.environ.get('K') or os.urandom(24)\n"), says="unless"),
    case("secret-made-at-start", PASS, configs("import os\napp.secret_key = os.environ['K']\n")),
    case("secret-empty", FAIL, configs("SESSION_SECRET=\nA=1\nB=2\nC=3\n"), says="SESSION_SECRET is empty"),
    case("secret-empty", PASS, configs(ONE)),
    case("secret-empty", NOT, configs(**{"Program.cs": KEPT_BY_FRAMEWORK})),
    case("secret-empty", NOT, configs(**{".env.example": "SESSION_SECRET=\nA=1\nB=2\nC=3\n"})),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_check(case: Case, judge: Judge) -> None:
    """Evidence in, verdict out."""
    verify(case, judge)

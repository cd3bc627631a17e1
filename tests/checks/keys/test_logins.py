"""Checks of logins and forms: family keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sessiondoctor.evidence.flows.forms import Forms
from tests.checks.build import topology
from tests.checks.cases import FAIL, PASS, UNSURE, Case, case, verify
from tests.checks.evidence.logins import (
    forms,
    through,
)

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

CASES = [
    case("form-rejected-elsewhere", FAIL, forms("ar ra"), topology("external"), says="app1 -> app2, app2 -> app1"),
    case("form-rejected-elsewhere", FAIL, forms("aar aar rra"), topology(), says="app3"),
    case("form-rejected-elsewhere", FAIL, Forms((*through("app1>app1"), *through("app1>app2", state="r"))),
         topology("sticky"), says="app1 -> app2"),
    case("form-rejected-elsewhere", FAIL, Forms(through("app1>app2", "app2>app1", state="r")), says="no form is accepted"),
    case("form-rejected-elsewhere", UNSURE, Forms(through("app1>app2", "app2>app2", state="r")), says="403"),
    case("form-rejected-elsewhere", FAIL, forms(entry="aara"), topology("external"), says="1 of 4"),
    case("form-rejected-elsewhere", PASS, forms(), topology("external"), says="2 forms"),
    case("form-rejected-elsewhere", PASS, forms("ar ra"), topology("sticky")),
    case("form-rejected-elsewhere", PASS, Forms(through("app1>app2", "app2>app2")), topology()),
    case("form-rejected-elsewhere", PASS, forms("aa ?a"), topology()),
    case("form-rejected-elsewhere", UNSURE, forms("rr rr", "rrrr"), topology(), says="403"),
    case("form-rejected-elsewhere", UNSURE, forms("a"), topology(), says="declare nodes"),
    case("form-rejected-elsewhere", UNSURE, forms("?r r?", "????"), topology(), says="site.flow.form"),
    case("form-rejected-session-kept", FAIL, forms("ar ra", kept="++++"), says="app1, app2"),
    case("form-rejected-session-kept", PASS, forms("ar ra", kept="+--+"), says="gone as well"),
    case("form-rejected-session-kept", PASS, forms()),
    case("form-rejected-session-kept", UNSURE, forms("ar ra"), says="site.flow.write"),
    case("form-rejected-session-kept", UNSURE, forms("rr rr", "rrrr", kept="++++"), says="site.flow.form"),
]  # fmt: skip


@pytest.mark.parametrize("one", CASES)
def test_logins_and_forms(one: Case, judge: Judge) -> None:
    """Each check fails on its fault, passes on the look-alike, and knows when it cannot tell."""
    verify(one, judge)

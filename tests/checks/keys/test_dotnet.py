"""Checks of ASP.NET's configuration and set-up code: family keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.checks.build import topology
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify
from tests.checks.evidence.configs_java import FOLDER, KEY, RING
from tests.configs.build import configs

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

LOST = topology(symptoms=("logged-out-at-deploy",))
ALONE = topology(nodes=())
COMPOSE = "services:\n  shop:\n    image: shop\n    volumes: ['{0}']\n"
NAMED = FOLDER + '.SetApplicationName("{0}")'
DPAPI = FOLDER + ".ProtectKeysWithDpapi()"
MADE = "AutoGenerate,IsolateApps"

CASES = [
    case("data-protection-ring-local", FAIL, configs(RING.format("")), LOST, says="PersistKeysTo"),
    case("data-protection-ring-local", FAIL, configs(RING.format(FOLDER), COMPOSE.format("data:/data")), says="in /keys, and no volume"),
    case("data-protection-ring-local", FAIL, configs("services.AddSingleton<IDataProtectionProvider>(new EphemeralDataProtectionProvider());services.AddSession();"), LOST, says="made anew"),
    case("data-protection-ring-local", UNSURE, configs(RING.format("")), ALONE),
    case("data-protection-ring-local", PASS, configs(RING.format(FOLDER)), LOST),
    case("data-protection-ring-local", PASS, configs(RING.format(FOLDER), COMPOSE.format("keys:/keys"))),
    case("data-protection-ring-local", NOT, configs("services.AddSession();"), LOST),
    case("data-protection-name-unset", FAIL, configs(RING.format(FOLDER)), LOST, says="path of the folder"),
    case("data-protection-name-unset", FAIL, configs(app1=RING.format(NAMED.format("a")), app2=RING.format(NAMED.format("b"))), says="app2 protects as b"),
    case("data-protection-name-unset", UNSURE, configs(RING.format(FOLDER)), ALONE),
    case("data-protection-name-unset", PASS, configs(RING.format(NAMED.format("a"))), LOST),
    case("data-protection-name-unset", NOT, configs(RING.format("")), LOST),
    case("data-protection-keys-bound", FAIL, configs(RING.format(DPAPI)), LOST, says="one machine alone"),
    case("data-protection-keys-bound", UNSURE, configs(RING.format(DPAPI)), ALONE),
    case("data-protection-keys-bound", PASS, configs(RING.format(FOLDER + ".ProtectKeysWithCertificate(c)")), LOST),
    case("data-protection-keys-bound", NOT, configs(RING.format(FOLDER)), LOST),
    case("machine-key-generated", FAIL, configs(KEY.format(MADE, "SHA1")), LOST, says="its own machine key"),
    case("machine-key-generated", FAIL, configs(app1=KEY.format("AA", "SHA1"), app2=KEY.format("AA", "AES")), topology(), says="validation AES"),
    case("machine-key-generated", UNSURE, configs(KEY.format(MADE, "SHA1")), ALONE),
    case("machine-key-generated", PASS, configs(app1=KEY.format("AA", "SHA1"), app2=KEY.format("AA", "SHA1")), LOST),
    case("machine-key-generated", NOT, configs("<sessionState mode='InProc'/>"), LOST),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES)
def test_a_check(case: Case, judge: Judge) -> None:
    """Evidence in, verdict out."""
    verify(case, judge)

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from sessiondoctor.evidence.configs.balancing import Affinity
from sessiondoctor.evidence.configs.deployment import Workload
from sessiondoctor.evidence.configs.files import ConfigFile, Configs
from sessiondoctor.evidence.location import Location
from tests.checks.build import topology
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify
from tests.configs.build import configs

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

NGINX = "nginx.ingress.kubernetes.io"
ALB = "alb.ingress.kubernetes.io/target-group-attributes"
LOST = topology(symptoms=("logged-out-at-random",))


def ingress(host: str = "shop.test", annotations: str = f"{NGINX}/affinity: cookie", klass: str = "nginx") -> str:
    """An Ingress with one rule."""
    named = f"host: {host}, " if host else ""
    return f"""
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: shop
  annotations: {{{annotations}}}
spec:
  ingressClassName: {klass}
  rules: [{{{named}http: {{paths: [{{path: /, backend: {{service: {{name: shop}}}}}}]}}}}]
"""


HERE = Location("file1", 1)
STICKY = Configs(affinities=(Affinity(at=HERE, product="nginx", directive="sticky cookie SRV"),))

CASES = [
    case(
        "affinity-setting-ineffective", FAIL, configs(f"{ALB}: stickness.enabled=true\n"), says="stickiness.enabled is"
    ),
    case("affinity-setting-ineffective", FAIL, configs(f"{NGINX}/afinity: cookie\n"), says="afinity"),
    case("affinity-setting-ineffective", FAIL, configs(f"{NGINX}/affinity: cookies\n"), says="must be cookie"),
    case("affinity-setting-ineffective", FAIL, configs(ingress(klass="traefik")), says="ingress-nginx"),
    case("affinity-setting-ineffective", PASS, configs(ingress())),
    case("affinity-setting-ineffective", PASS, configs(f"{ALB}: stickiness.enabled=true,stickiness.type=lb_cookie\n")),
    case("affinity-setting-ineffective", NOT, configs("externalTrafficPolicy: Local\n")),
    case("affinity-ingress-without-host", FAIL, configs(ingress(host="")), says="no host"),
    case("affinity-ingress-without-host", PASS, configs(ingress())),
    case("affinity-ingress-without-host", NOT, configs(ingress(annotations=""))),
    case("affinity-directive-unsupported", FAIL, STICKY, LOST, says="not every nginx"),
    case("affinity-directive-unsupported", UNSURE, STICKY, says="1.29.6"),
    case("affinity-directive-unsupported", PASS, replace(STICKY, workloads=(Workload(at=HERE, image="nginx:1.29.7"),))),
    case(
        "affinity-directive-unsupported",
        FAIL,
        replace(STICKY, workloads=(Workload(at=HERE, image="nginx:1.25"),)),
        says="nginx 1.25.0",
    ),
    case("affinity-directive-unsupported", NOT, configs(ingress())),
    case("file-not-recognised", PASS, configs(ingress()), says="kubernetes"),
    case("file-not-recognised", UNSURE, Configs((ConfigFile("a", "a", note="unknown"),)), says="unknown"),
    case("file-not-recognised", FAIL, Configs((ConfigFile("a", "a", "env", note="cut"),)), says="in part"),
]


@pytest.mark.parametrize("case", CASES)
def test_a_check(case: Case, judge: Judge) -> None:
    """Evidence in, verdict out."""
    verify(case, judge)

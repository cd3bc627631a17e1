"""Evidence for checks of configuration files."""

from __future__ import annotations

from sessiondoctor.evidence.configs.application import Route
from sessiondoctor.evidence.configs.balancing import Affinity
from sessiondoctor.evidence.configs.files import Configs
from sessiondoctor.evidence.location import Location
from sessiondoctor.topology.model import Balancer
from tests.checks.build import topology
from tests.configs.build import configs

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
NODES = "upstream app {\n  server a:80;\n  server b:80;\n"
POOL, STUCK = configs(NODES + "}\n"), configs(NODES + "  sticky cookie SRV;\n}\n")
STICKY_SITE, SHARED = topology("sticky"), topology("external")
SERVICE = "kind: Service\napiVersion: v1\nmetadata: {name: shop}\nspec: {type: LoadBalancer, selector: {app: shop}}\n"
DEPLOYMENT = "---\nkind: Deployment\napiVersion: apps/v1\nmetadata: {name: shop}\nspec: {replicas: 3, template: {metadata: {labels: {app: shop}}, spec: {containers: []}}}\n"
PINNED = SERVICE.replace("type: Load", "sessionAffinity: ClientIP, type: Load")
SCALED = "---\nkind: HorizontalPodAutoscaler\napiVersion: autoscaling/v2\nspec: {scaleTargetRef: {name: shop}, minReplicas: 1, maxReplicas: 9}\n"
RING = "host: shop\ntrafficPolicy:\n  loadBalancer: {consistentHash: {httpCookie: {name: lb, ttl: 0s}}}\n"
PROXY = "backend app\n  balance roundrobin\n{}  server a 10.0.0.1:80 check\n  server b 10.0.0.2:80 check\n"
TABLE = PROXY.format("  stick-table type ip size 1m expire 30m{}\n  stick on src\n")
WEIGHTS = "http: [{route: [{destination: {host: shop, subset: a}, weight: 80}, {destination: {host: shop, subset: b}, weight: 20}]}]\n"
AUTH = f"{NGINX}/auth-url: http://outpost.auth.svc:9000/auth\n"
BEHIND = topology(load_balancers=(Balancer("file1", "nginx", behind="cdn"), Balancer("cdn", "cdn")))
SERVER = "server {\n  listen 80;\n  location / {\n    proxy_pass http://app;\n  }\n}\n"
MEMBERS = "<Proxy balancer://app>\n  BalancerMember http://a:80 route=app1\n  BalancerMember http://b:80 route={}\n  ProxySet stickysession={}\n</Proxy>\n"
APACHE = configs(MEMBERS.format("app2", "JSESSIONID|jsessionid"))
JVM = Configs((), pools=APACHE.pools, routes=(Route(at=HERE, owner="app1", route="app1"),))

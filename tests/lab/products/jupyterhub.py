"""JupyterHub with its own proxy: users, sessions and the secret that signs cookies are files of each machine."""

from __future__ import annotations

import urllib.error
import urllib.request
from dataclasses import dataclass

from tests.lab.ports import Ports
from tests.lab.process import Program
from tests.lab.products.packages import node_modules, python
from tests.lab.products.product import KEYS, UNSHARED, Node, Place, Product, Use
from tests.lab.products.visitor import by_form

CONFIG = """\
c.JupyterHub.bind_url = "http://127.0.0.1:{port}"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:{hub}"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:{api}"
c.ConfigurableHTTPProxy.command = ["{node}", "{proxy}"]
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = "a-long-password"
c.DummyAuthenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.JupyterHub.db_url = "sqlite:///{folder}/jupyterhub.sqlite"
c.JupyterHub.cookie_secret_file = "{folder}/jupyterhub_cookie_secret"
"""
USER = {"username": "root", "password": "a-long-password"}
LOGIN, INSIDE, MARK = "/hub/login?next=%2Fhub%2Fhome", "/hub/home", "/hub/logout"
FLOW = {
    "login": [
        {"path": LOGIN, "extract": {"xsrf": {"css": "form input[name=_xsrf]"}}},
        {"method": "POST", "path": LOGIN, "form": {**USER, "_xsrf": "{xsrf}"}},
    ],
    "logged_in": {"path": INSIDE, "expect": MARK},
}


@dataclass(frozen=True, slots=True)
class Hub(Node):
    """A hub behind its proxy, which answers 404 until it is told where the hub is."""

    def ready(self) -> bool:
        """Whether the hub answers."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{self.health}", timeout=5) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            return False


def node(place: Place) -> Node:
    """A hub and the proxy that it starts; the proxy's two other ports are of no use to a client."""
    interpreter = python("jupyterhub", "jupyterhub==5.*")
    modules = node_modules("jupyterhub-proxy", {"configurable-http-proxy": "5.*"})
    ports = Ports()
    config = CONFIG.format(
        port=place.port,
        hub=ports.take(),
        api=ports.take(),
        node=Program("node", "nodejs").path(),
        proxy=modules / "node_modules" / "configurable-http-proxy" / "bin" / "configurable-http-proxy",
        folder=place.folder,
    )
    ports.release()
    return Hub(
        name=place.name,
        port=place.port,
        argv=(str(interpreter), "-m", "jupyterhub", "-f", "jupyterhub_config.py"),
        files={"jupyterhub_config.py": config},
        health="/hub/login",
        patience=120,
    )


PRODUCTS = (
    Product(
        name="jupyterhub",
        looks_like="jupyterhub",
        node=node,
        use=lambda _: Use(by_form(LOGIN, USER, INSIDE, MARK), FLOW),
        right=KEYS | UNSHARED,
        files=("jupyterhub_config.py",),
        # Two hubs on one database stop each other's proxies: a hub is one process.
        cured_by=("sticky",),
    ),
)

"""Jupyter Server with a password: its cookies are signed with a secret that each node keeps in a file of its own."""

from __future__ import annotations

from tests.lab.products.packages import python
from tests.lab.products.product import KEYS, Node, Place, Product, Use
from tests.lab.products.visitor import by_form

FLOW = {
    "login": [
        {"path": "/login", "extract": {"xsrf": {"regex": 'name="_xsrf" value="([^"]+)"'}}},
        {"method": "POST", "path": "/login", "form": {"password": "a-long-password", "_xsrf": "{xsrf}"}},
    ],
    "logged_in": {"path": "/api/me", "expect": "identity"},
}
CONFIG = """\
import hashlib

c.ServerApp.port_retries = 0
c.ServerApp.open_browser = False
c.ServerApp.allow_root = True
c.ServerApp.allow_remote_access = True
c.PasswordIdentityProvider.hashed_password = "sha1:abcdef:" + hashlib.sha1(b"a-long-passwordabcdef").hexdigest()
"""


def node(place: Place) -> Node:
    """One server; Jupyter makes the file with the secret where there is none."""
    secret = place.common / "cookie_secret"
    shared = f'c.ServerApp.cookie_secret_file = "{secret}"\n' if place.shared else ""
    home = str(place.home)
    return Node(
        name=place.name,
        port=place.port,
        argv=(
            str(python("jupyter", "jupyter-server==2.*")), "-m", "jupyter_server",
            "--config=jupyter_server_config.py", f"--port={place.port}", "--ip=127.0.0.1",
        ),
        env={"HOME": home, "JUPYTER_DATA_DIR": f"{home}/data", "JUPYTER_RUNTIME_DIR": f"{home}/runtime",
             "JUPYTER_CONFIG_DIR": f"{home}/config"},
        files={"jupyter_server_config.py": CONFIG + shared},
        health="/login",
    )  # fmt: skip


PRODUCTS = (
    Product(
        name="jupyter-server",
        looks_like="jupyter-server",
        node=node,
        use=lambda _: Use(by_form("/login", {"password": "a-long-password"}, "/api/me", '"identity"'), FLOW),
        right=KEYS,
        files=("jupyter_server_config.py",),
    ),
)

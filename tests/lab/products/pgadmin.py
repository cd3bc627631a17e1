"""pgAdmin 4: sessions are files in each node's own folder, and its secrets are in each node's own database."""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

from tests.lab.products.packages import python
from tests.lab.products.product import KEYS, UNSHARED, Node, Place, Product, Use
from tests.lab.products.visitor import shows

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

CONFIG = """\
SERVER_MODE = True
DATA_DIR = {data!r}
SQLITE_PATH = {data!r} + "/pgadmin4.db"
SESSION_DB_PATH = {data!r} + "/sessions"
STORAGE_DIR = {data!r} + "/storage"
LOG_FILE = {data!r} + "/pgadmin4.log"
UPGRADE_CHECK_ENABLED = False
MASTER_PASSWORD_REQUIRED = False
ENHANCED_COOKIE_PROTECTION = False
"""
USER = {"email": "root@example.com", "password": "a-long-password"}
TOKEN = 'csrfToken": "([^"]+)'
INSIDE, MARK = "/browser/", "browser_nodes"
FORM = {**USER, "internal_button": "Login", "language": "en"}
FLOW = {
    "login": [
        {"path": "/login", "extract": {"csrf": {"regex": TOKEN}}},
        {"method": "POST", "path": "/authenticate/login", "form": {**FORM, "csrf_token": "{csrf}"}},
    ],
    "logged_in": {"path": INSIDE, "expect": MARK},
}


def visit(client: httpx.Client, looks: int) -> list[bool]:
    """Sign in as its script does: the token stands in the page's data, not in a form."""
    token = re.search(TOKEN, client.get("/login").text)
    client.post("/authenticate/login", data={**FORM, "csrf_token": token[1] if token else ""})
    return [shows(client, INSIDE, MARK) for _ in range(looks)]


def interpreter() -> Path:
    """The Python that has it and gunicorn."""
    return python("pgadmin", "pgadmin4==8.14", "gunicorn>=23", "setuptools<81")


def package() -> Path:
    """Its folder."""
    return next(interpreter().parent.parent.glob("lib/*/site-packages/pgadmin4"))


def setup_of(place: Place) -> dict[str, str]:
    """What it is told, and where its configuration is."""
    data = place.folder
    (data / "config_local.py").write_text(CONFIG.format(data=str(data)))
    first = {"PGADMIN_SETUP_EMAIL": USER["email"], "PGADMIN_SETUP_PASSWORD": USER["password"]}
    return {**first, "PYTHONPATH": f"{data}:{package()}"}


def node(place: Place) -> Node:
    """One gunicorn; its database is made before it starts."""
    env = setup_of(place)
    if not (place.folder / "pgadmin4.db").exists():
        words = (str(interpreter()), str(package() / "setup.py"), "setup-db")
        subprocess.run(words, env={**os.environ, **env}, check=True, capture_output=True)
    options = ("-b", f"127.0.0.1:{place.port}", "--threads", "8", "--timeout", "120", "--worker-tmp-dir", "/dev/shm")
    return Node(
        name=place.name,
        port=place.port,
        argv=(str(interpreter()), "-m", "gunicorn", *options, "--chdir", str(package()), "pgAdmin4:app"),
        env=env,
        health="/login",
        patience=180,
    )


PRODUCTS = (
    Product(
        name="pgadmin",
        looks_like="pgadmin",
        node=node,
        use=lambda _: Use(visit, FLOW),
        right=UNSHARED | KEYS,
        # A node writes a session to its file only after ten seconds: also a shared folder comes too late.
        cured_by=("sticky",),
    ),
)

"""Roundcube, as Debian installs it: its sessions are in a database, which is an SQLite file of each machine."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tests.lab.errors import LabError
from tests.lab.products.php import php_node
from tests.lab.products.product import UNSHARED, Node, Place, Product, Use
from tests.lab.products.visitor import Forms

if TYPE_CHECKING:
    import httpx

WWW = Path("/var/lib/roundcube")
DEFAULTS = ("defaults.inc.php", "mimetypes.php")
CONFIG = """\
<?php
$config = [];
$config['db_dsnw'] = 'sqlite:///{folder}/roundcube.sqlite?mode=0640';
$config['imap_host'] = ['localhost:143'];
$config['des_key'] = '{key}';
$config['plugins'] = [];
$config['skin'] = 'elastic';
$config['log_dir'] = '{folder}';
$config['temp_dir'] = '{folder}';
"""
TOKEN = {"css": "input[name=_token]"}
FLOW = {
    "write": {"path": "/", "extract": {"token": TOKEN}},
    "read": {"path": "/", "same": {"token": TOKEN}},
}


def visit(client: httpx.Client, looks: int) -> list[bool]:
    """Opens the login form and looks whether its token stays: with another one a login is refused."""

    def token() -> str:
        return next(form.fields["_token"] for form in Forms(client.get("/").text).found if "_token" in form.fields)

    first = token()
    return [token() == first for _ in range(looks)]


def node(place: Place) -> Node:
    """A node with the two settings that the package makes for each machine: the key and the database."""
    if not WWW.is_dir():
        raise LabError("roundcube-core is not installed: apt-get install roundcube-core roundcube-sqlite3")
    files = {name: (Path("/etc/roundcube") / name).read_text() for name in DEFAULTS}
    files["config.inc.php"] = CONFIG.format(folder=place.folder, key=place.key[:24])
    return php_node(place, WWW, env={"ROUNDCUBE_CONFIG_DIR": str(place.home)}, files=files, health="/")


PRODUCTS = (
    Product(
        name="roundcube",
        looks_like="roundcube",
        node=node,
        use=lambda _: Use(visit, FLOW),
        right=UNSHARED,
        files=("config.inc.php",),
    ),
)

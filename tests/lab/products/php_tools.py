"""Adminer and phpMyAdmin: who is signed in, and with what password, is in PHP's session."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.lab.products.packages import debian
from tests.lab.products.php import php_node
from tests.lab.products.product import UNSHARED, Node, Place, Product, Use
from tests.lab.products.visitor import by_form

if TYPE_CHECKING:
    from pathlib import Path

    from tests.lab.servers.mariadb import MariaDb


def database(place: Place) -> MariaDb:
    """What both sign in to."""
    assert place.database, "it needs a database"
    return place.database


def files(place: Place) -> list[dict[str, Any]]:
    """PHP's own files, where all nodes have the same ones."""
    return [{"name": "sessions", "kind": "files", "url": f"file://{place.folder}"}] if place.shared else []


def adminer(place: Place) -> Node:
    """The one file of Adminer."""
    return php_node(place, debian("adminer", "/usr/share/adminer", lambda _: None), health="/adminer/")


def adminer_use(place: Place) -> Use:
    """Sign in to the database server; the page's own fields have names such as auth[username]."""
    server = f"127.0.0.1:{database(place).port}"
    filled = {"auth[server]": server, "auth[username]": "shop", "auth[password]": database(place).password}
    inside = f"/adminer/?server={server}&username=shop"
    form = {"auth[driver]": "server", "auth[db]": "", **filled, "auth[password]": "${LAB_DATABASE_PASSWORD}"}
    flow = {
        "login": {"method": "POST", "path": "/adminer/", "form": form},
        "logged_in": {"path": inside, "expect": "Logout"},
    }
    return Use(by_form("/adminer/", filled, inside, "Logout"), flow)


# phpMyAdmin's own way: a secret in the configuration, by Debian's package made for each machine.
PMA_CONFIG = """\
<?php
$cfg['blowfish_secret'] = getenv('PMA_SECRET');
$cfg['Servers'][1]['auth_type'] = 'cookie';
$cfg['Servers'][1]['host'] = '127.0.0.1';
$cfg['Servers'][1]['port'] = getenv('PMA_PORT');
$cfg['TempDir'] = '/tmp';
"""


def _configure(www: Path) -> None:
    settings = www / "libraries" / "vendor_config.php"
    text = settings.read_text().replace("'/etc/phpmyadmin/config.inc.php'", "getenv('PMA_CONFIG')")
    settings.write_text(text.replace("'/var/lib/phpmyadmin/tmp/'", "'/tmp/'"))


def phpmyadmin(place: Place) -> Node:
    """A node whose secret is its own, unless it shares."""
    www = debian("phpmyadmin", "/usr/share/phpmyadmin", _configure)
    told = {"PMA_SECRET": place.key[:32], "PMA_PORT": str(database(place).port)}
    config = {"PMA_CONFIG": str(place.home / "config.inc.php")}
    return php_node(place, www, env={**told, **config}, files={"config.inc.php": PMA_CONFIG}, health="/index.php")


def phpmyadmin_use(place: Place) -> Use:
    """Sign in by the form with its token."""
    filled = {"pma_username": "shop", "pma_password": database(place).password}
    token = {
        "csrf": {"regex": 'name="token" value="([^"]+)"'},
        "session": {"regex": 'name="set_session" value="([^"]+)"'},
    }
    form = {
        "pma_username": "shop",
        "pma_password": "${LAB_DATABASE_PASSWORD}",
        "server": "1",
        "route": "/",
        "token": "{csrf}",
        "set_session": "{session}",
    }
    flow = {
        "login": [
            {"path": "/index.php", "extract": token},
            {"method": "POST", "path": "/index.php?route=/", "form": form},
        ],
        "logged_in": {"path": "/index.php?route=/", "expect": "logout"},
    }
    return Use(by_form("/index.php", filled, "/index.php?route=/", "logout"), flow)


PRODUCTS = (
    Product(
        name="adminer",
        entrance="/adminer/",
        looks_like="adminer",
        node=adminer,
        use=adminer_use,
        right=UNSHARED,
        needs_database=True,
        files=("php.ini",),
        stores=files,
    ),
    Product(
        name="phpmyadmin",
        looks_like="phpmyadmin",
        node=phpmyadmin,
        use=phpmyadmin_use,
        right=UNSHARED,
        needs_database=True,
        files=("php.ini", "config.inc.php"),
        stores=files,
    ),
)

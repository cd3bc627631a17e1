"""PostfixAdmin, as Debian installs it: who is signed in is in PHP's session, in files of each node."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from tests.lab.errors import LabError
from tests.lab.process import Program
from tests.lab.products.packages import debian
from tests.lab.products.php import php_node
from tests.lab.products.product import UNSHARED, Node, Place, Product, Use
from tests.lab.products.visitor import by_form

OWN = """
$CONF['configured'] = true;
$CONF['emailcheck_resolve_domain'] = 'NO';
$CONF['database_type'] = 'sqlite';
$CONF['database_name'] = $_SERVER['PFA_DATABASE'] ?? getenv('PFA_DATABASE');
"""
USER = {"fUsername": "root@example.com", "fPassword": "a-long-pass-77"}
LOGIN, INSIDE, MARK = "/login.php", "/main.php", "Logout"
FLOW = {
    "login": [{"path": LOGIN}, {"form": "auto", "fields": USER}],
    "logged_in": {"path": INSIDE, "expect": MARK},
}


def _configured(www: Path) -> None:
    """Its configuration without Debian's database, and a folder of compiled templates that can be written."""
    text = Path("/etc/postfixadmin/config.inc.php").read_text()
    text = text.replace("require_once('dbconfig.inc.php');", "$dbtype = $dbuser = $dbpass = $dbname = '';")
    for name in ("config.inc.php", "config.local.php", "templates_c"):
        (www / name).unlink(missing_ok=True)
    (www / "config.inc.php").write_text(text + OWN)
    (www / "templates_c").mkdir()


def _www() -> Path:
    return debian("postfixadmin", "/usr/share/postfixadmin", _configured, OWN)


def setup(place: Place) -> None:
    """One database for all nodes, with one administrator."""
    www, php = _www(), Program("php", "php-cli").path()
    database = place.common / "postfixadmin.sqlite"
    database.touch()
    words = ["--password", USER["fPassword"], "--password2", USER["fPassword"], "--superadmin", "1", "--active", "1"]
    steps = (
        [php, "public/upgrade.php"],
        [php, "scripts/postfixadmin-cli.php", "admin", "add", USER["fUsername"], *words],
    )
    for argv in steps:
        told = {**os.environ, "PFA_DATABASE": str(database)}
        done = subprocess.run(argv, cwd=www, env=told, capture_output=True, text=True, check=False)
        if done.returncode:
            raise LabError(f"{' '.join(argv[:3])} failed: {done.stdout[-500:]}{done.stderr[-500:]}")


def node(place: Place) -> Node:
    """PHP's own server with a copy of the pages: each node compiles its own templates."""
    www = place.common / f"www-{place.name}"
    shutil.copytree(_www(), www, symlinks=True)
    return php_node(
        place, www / "public", env={"PFA_DATABASE": str(place.common / "postfixadmin.sqlite")}, health=LOGIN
    )


PRODUCTS = (
    Product(
        name="postfixadmin",
        entrance=LOGIN,
        node=node,
        use=lambda _: Use(by_form(LOGIN, USER, INSIDE, MARK), FLOW),
        setup=setup,
        right=UNSHARED,
        files=("php.ini",),
    ),
)

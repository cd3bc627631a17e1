"""MediaWiki, DokuWiki and WordPress: content and users are shared, what proves who somebody is need not be."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from tests.lab.process import Program
from tests.lab.products.packages import debian
from tests.lab.products.php import php_node
from tests.lab.products.product import KEYS, UNSHARED, Node, Place, Product, Use
from tests.lab.products.visitor import by_form

if TYPE_CHECKING:
    from collections.abc import Mapping

PASSWORD = "a-long-password"


def _run(www: Path, env: Mapping[str, str], *words: str) -> None:
    """A script of a product, on the command line."""
    php = Program("php", "php-cli").path()
    subprocess.run([php, *words], cwd=www, env={**os.environ, **env}, check=True, capture_output=True)


# MediaWiki, as its installer leaves it where APCu is there: sessions are in the memory of each node.


def _mediawiki() -> Path:
    return debian("mediawiki", "/usr/share/mediawiki", lambda _: None)


def mediawiki_setup(place: Place) -> None:
    """Install it into a database of one file, which all nodes use."""
    database = ("--dbtype=sqlite", f"--dbpath={place.common}", "--dbname=wiki")
    where = (f"--confpath={place.common}", "--scriptpath=", "--server=http://127.0.0.1")
    words = ("maintenance/install.php", *database, *where, f"--pass={PASSWORD}", "Wiki", "Root")
    _run(_mediawiki(), {"MW_CONFIG_FILE": str(place.common / "none.php")}, *words)


def mediawiki(place: Place) -> Node:
    """A node; what its sessions are kept in is the setting that all need."""
    text = (place.common / "LocalSettings.php").read_text() if (place.common / "LocalSettings.php").exists() else ""
    cache = "CACHE_DB" if place.shared else "CACHE_ACCEL"
    own = (
        '$wgServer = "http://" . $_SERVER["HTTP_HOST"];\n'
        f"$wgMainCacheType = CACHE_ACCEL;\n$wgSessionCacheType = {cache};\n"
    )
    return php_node(
        place,
        _mediawiki(),
        env={"MW_CONFIG_FILE": str(place.home / "LocalSettings.php")},
        files={"LocalSettings.php": text + own},
        health="/index.php/Special:UserLogin",
    )


def mediawiki_use(place: Place) -> Use:
    """Sign in by the form with its token."""
    del place
    page = "/index.php?title=Special:UserLogin"
    form = {
        "wpName": "Root",
        "wpPassword": PASSWORD,
        "wpLoginToken": "{csrf}",
        "authAction": "login",
        "title": "Special:UserLogin",
    }
    flow = {
        "login": [
            {"path": page, "extract": {"csrf": {"css": "input[name=wpLoginToken]"}}},
            {"method": "POST", "path": page, "form": form},
        ],
        "logged_in": {"path": "/index.php?title=Special:Preferences", "expect": "pt-logout"},
    }
    filled = {"wpName": "Root", "wpPassword": PASSWORD}
    return Use(by_form(page, filled, "/index.php?title=Special:Preferences", "pt-logout"), flow)


# DokuWiki: each node with its own folder of data has its own salt for the cookie that remembers who signed in.


def _dokuwiki_source() -> Path:
    def change(www: Path) -> None:
        # Debian looks for its configuration at one place for all; here each node says where its own is.
        preload = '<?php define("DOKU_CONF", getenv("DOKU_HOME") . "/conf/"); define("DOKU_MAIN_CONF", DOKU_CONF);\n'
        (www / "inc" / "preload.php").unlink(missing_ok=True)
        (www / "inc" / "preload.php").write_text(preload)

    return debian("dokuwiki", "/usr/share/dokuwiki", change)


DOKUWIKI_FOLDERS = (
    "pages", "attic", "media", "media_attic", "meta", "media_meta", "cache", "index", "locks", "tmp", "log",
)  # fmt: skip


def dokuwiki(place: Place) -> Node:
    """A node whose data are in a folder of its own, unless it shares."""
    data = place.folder / "data"
    for folder in (
        "pages",
        "attic",
        "media",
        "media_attic",
        "meta",
        "media_meta",
        "cache",
        "index",
        "locks",
        "tmp",
        "log",
    ):
        (data / folder).mkdir(parents=True, exist_ok=True)
    shutil.copytree("/var/lib/dokuwiki/data/pages", data / "pages", dirs_exist_ok=True)  # those that come with it
    conf = Path("/etc/dokuwiki")
    hashed = subprocess.run(
        [Program("php", "php-cli").path(), "-r", f"echo password_hash('{PASSWORD}', PASSWORD_BCRYPT);"],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    files = {f"conf/{file.name}": file.read_text() for file in sorted(conf.iterdir()) if file.is_file()}
    files |= {
        "conf/local.php": (
            f"<?php\n$conf['savedir'] = '{data}';\n$conf['useacl'] = 1;\n$conf['superuser'] = 'root';\n"
            # Else the cookie's name has the port of the node in it.
            "$conf['securecookie'] = 0;\n$conf['disableactions'] = 'register';\n"
        ),
        "conf/users.auth.php": f"root:{hashed}:Root:root@example.com:admin,user\n",
        "conf/acl.auth.php": "* @ALL 1\n* @user 8\n",
    }
    return php_node(place, _dokuwiki_source(), env={"DOKU_HOME": str(place.home)}, files=files, health="/doku.php")


def dokuwiki_use(place: Place) -> Use:
    """Sign in by the form with its token."""
    del place
    form = {"sectok": "{csrf}", "id": "start", "do": "login", "u": "root", "p": PASSWORD}
    flow = {
        "login": [
            {"path": "/doku.php?id=start&do=login", "extract": {"csrf": {"regex": 'name="sectok" value="([^"]*)"'}}},
            {"method": "POST", "path": "/doku.php?id=start", "form": form},
        ],
        "logged_in": {"path": "/doku.php?id=start", "expect": "do=logout"},
    }
    return Use(
        by_form("/doku.php?id=start&do=login", {"u": "root", "p": PASSWORD}, "/doku.php?id=start", "do=logout"), flow
    )


# WordPress: cookies are signed with keys and salts that its installer makes for wp-config.php.

WP_CONFIG = """\
<?php
define('DB_NAME', 'shop');
define('DB_USER', 'shop');
define('DB_PASSWORD', getenv('WP_PASSWORD'));
define('DB_HOST', '127.0.0.1:' . getenv('WP_PORT'));
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
foreach (['AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE'] as $name) {
    define("{$name}_KEY", hash('sha256', "$name key " . getenv('WP_SECRET')));
    define("{$name}_SALT", hash('sha256', "$name salt " . getenv('WP_SECRET')));
}
define('WP_HOME', 'http://' . ($_SERVER['HTTP_HOST'] ?? 'localhost'));
define('WP_SITEURL', WP_HOME);
define('DISABLE_WP_CRON', true);
define('WP_HTTP_BLOCK_EXTERNAL', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
$table_prefix = 'wp_';
if (!defined('ABSPATH')) { define('ABSPATH', __DIR__ . '/'); }
require_once ABSPATH . 'wp-settings.php';
"""
WP_INSTALL = """\
<?php
define('WP_INSTALLING', true);
$_SERVER['HTTP_HOST'] = 'localhost';
require 'wp-load.php';
require 'wp-admin/includes/upgrade.php';
wp_install('Shop', 'root', 'root@example.com', false, '', getenv('ROOT_PASSWORD'));
"""


def _wordpress() -> Path:
    def change(www: Path) -> None:
        (www / "wp-config.php").unlink(missing_ok=True)
        (www / "wp-config.php").write_text(WP_CONFIG)
        (www / "install-by-hand.php").write_text(WP_INSTALL)

    return debian("wordpress", "/usr/share/wordpress", change)


def _wordpress_env(place: Place) -> dict[str, str]:
    assert place.database, "it needs a database"
    return {"WP_PORT": str(place.database.port), "WP_PASSWORD": place.database.password, "WP_SECRET": place.key}


def wordpress_setup(place: Place) -> None:
    """Make its tables and the one user."""
    _run(_wordpress(), {**_wordpress_env(place), "ROOT_PASSWORD": PASSWORD}, "install-by-hand.php")


def wordpress(place: Place) -> Node:
    """A node whose keys and salts are its own, unless it shares."""
    env = _wordpress_env(place)
    config = "".join(f"{name}={value}\n" for name, value in env.items())
    return php_node(place, _wordpress(), env=env, files={".env": config}, health="/wp-login.php")


def wordpress_use(place: Place) -> Use:
    """Sign in, with the cookie by which it tests whether cookies work."""
    del place
    form = {"log": "root", "pwd": PASSWORD, "wp-submit": "Log In", "redirect_to": "/wp-admin/", "testcookie": "1"}
    flow = {
        "login": [{"path": "/wp-login.php"}, {"method": "POST", "path": "/wp-login.php", "form": form}],
        "logged_in": {"path": "/wp-admin/profile.php", "expect": "action=logout"},
    }
    return Use(
        by_form("/wp-login.php", {"log": "root", "pwd": PASSWORD}, "/wp-admin/profile.php", "action=logout"), flow
    )


PRODUCTS = (
    Product(
        name="mediawiki",
        looks_like="mediawiki",
        node=mediawiki,
        setup=mediawiki_setup,
        use=mediawiki_use,
        right=UNSHARED,
        files=("LocalSettings.php",),
    ),
    Product(
        name="dokuwiki",
        looks_like="dokuwiki",
        node=dokuwiki,
        use=dokuwiki_use,
        right=KEYS | UNSHARED,
        files=("conf/local.php",),
    ),
    Product(
        name="wordpress",
        looks_like="wordpress",
        node=wordpress,
        setup=wordpress_setup,
        use=wordpress_use,
        right=KEYS,
        needs_database=True,
        files=(".env",),
    ),
)

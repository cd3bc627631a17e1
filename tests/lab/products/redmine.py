"""Redmine, on Rails: the session is in an encrypted cookie, whose key each instance has in a file of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from tests.lab.cache import cached
from tests.lab.errors import LabError
from tests.lab.process import Program
from tests.lab.products.product import KEYS, Node, Place, Product, Use
from tests.lab.products.visitor import by_form

if TYPE_CHECKING:
    from collections.abc import Mapping

SOURCE = Path("/usr/share/redmine")
DATABASE = "production:\n  adapter: sqlite3\n  database: {path}\n  timeout: 10000\n"
FIRST_USER = (
    "user = User.find_by_login('admin'); user.password = 'a-long-password'; user.must_change_passwd = false; user.save!"
)
USER = {"username": "admin", "password": "a-long-password"}
FLOW = {
    "login": [
        {"path": "/login", "extract": {"csrf": {"css": "form input[name=authenticity_token]"}}},
        {
            "method": "POST",
            "path": "/login",
            "form": {"username": "admin", "password": "a-long-password", "authenticity_token": "{csrf}"},
        },
    ],
    "logged_in": {"path": "/my/account", "expect": "Sign out"},
}


def _copy(target: Path) -> None:
    """Debian's tree, with instances of its own and without its lock file, which names other databases."""
    if not SOURCE.is_dir():
        raise LabError("redmine is not installed: apt-get install --no-install-recommends redmine redmine-sqlite")
    shutil.copytree(SOURCE, target, symlinks=True, dirs_exist_ok=True)
    for link in ("instances", "Gemfile.lock"):
        (target / link).unlink()
    (target / "Gemfile.local").write_text('gem "webrick"\n')
    gemfile = target / "Gemfile"
    gemfile.write_text(gemfile.read_text().replace(str(SOURCE), str(target)))


def _instance(root: Path, name: str, database: Path, key: str) -> None:
    home = root / "instances" / name
    for folder in ("config", "tmp/cache", "tmp/pids", "log", "files"):
        (home / folder).mkdir(parents=True)
    (home / "config" / "database.yml").write_text(DATABASE.format(path=database))
    (home / "config" / "secret_key.txt").write_text(key)


def _env(name: str) -> Mapping[str, str]:
    return {"REDMINE_INSTANCE": name, "RAILS_ENV": "production", "REDMINE_LANG": "en", "LANG": "C.UTF-8"}


def _run(root: Path, name: str, *words: str) -> None:
    done = subprocess.run(
        [Program("ruby", "ruby").path(), *words],
        cwd=root, env={**os.environ, **_env(name)}, check=False, capture_output=True, text=True,
    )  # fmt: skip
    if done.returncode:
        raise LabError(f"redmine: {words} failed:\n{done.stdout[-1500:]}{done.stderr[-1500:]}")


def _made(folder: Path) -> None:
    """A database with its tables and the one user; it takes a minute."""
    root = folder / "redmine"
    _copy(root)
    _instance(root, "made", folder / "redmine.sqlite3", "0" * 128)
    _run(root, "made", "bin/rake", "db:migrate")
    _run(root, "made", "bin/rails", "runner", FIRST_USER)
    shutil.rmtree(root)


def setup(place: Place) -> None:
    """All nodes use one database."""
    kept = cached("product-redmine", str(SOURCE.stat().st_mtime_ns).encode(), _made)
    shutil.copy(kept / "redmine.sqlite3", place.common / "redmine.sqlite3")


def node(place: Place) -> Node:
    """One WEBrick, which takes one request after the other."""
    root = place.common / f"redmine-{place.name}"
    _copy(root)
    _instance(root, place.name, place.common / "redmine.sqlite3", place.key * 2)
    server = ("server", "-u", "webrick", "-b", "127.0.0.1", "-p", str(place.port), "-e", "production")
    return Node(
        name=place.name,
        port=place.port,
        argv=(Program("ruby", "ruby").path(), str(root / "bin" / "rails"), *server, "-P", str(root / "pid")),
        env={**_env(place.name), "BUNDLE_GEMFILE": str(root / "Gemfile")},
        health="/login",
        patience=180,
    )


PRODUCTS = (
    Product(
        name="redmine",
        looks_like="redmine",
        node=node,
        setup=setup,
        use=lambda _: Use(by_form("/login", USER, "/my/account", "Sign out"), FLOW),
        right=KEYS,
    ),
)

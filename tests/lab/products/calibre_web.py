"""Calibre-Web: who is signed in is in a cookie that Flask signs, by a key that each node keeps in its own settings."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from contextlib import closing
from typing import TYPE_CHECKING

from tests.lab.products.packages import python
from tests.lab.products.product import KEYS, Node, Place, Product, Use
from tests.lab.products.visitor import by_form

if TYPE_CHECKING:
    from pathlib import Path

USER = {"username": "admin", "password": "A-long-password-1"}
LOGIN, INSIDE, MARK = "/login", "/admin/dbconfig", "logout"
FLOW = {
    "login": [{"path": LOGIN}, {"form": "auto", "fields": USER}],
    "logged_in": {"path": INSIDE, "expect": MARK},
}


def program() -> Path:
    """The server; it runs on Python's own packages."""
    return python("calibre-web", "calibreweb==0.6.27").with_name("cps")


def _settings(place: Place, folder: Path) -> None:
    """A node's settings as its first start makes them; with a known password, and logins without limit."""
    folder.mkdir()
    told = {**os.environ, "CALIBRE_DBPATH": str(folder)}
    words = [str(program()), "-s", f"{USER['username']}:{USER['password']}"]
    subprocess.run(words, env=told, cwd=folder, check=False, capture_output=True, stdin=subprocess.DEVNULL)
    with closing(sqlite3.connect(folder / "app.db")) as settings, settings:
        settings.execute("UPDATE settings SET config_ratelimiter = 0, config_port = ?", (place.port,))


def node(place: Place) -> Node:
    """One server with a folder of settings: it reads its own port there, so that two cannot use one."""
    folder = place.common / f"settings-{place.name}"
    _settings(place, folder)
    return Node(
        name=place.name,
        port=place.port,
        argv=(str(program()), "-i", "127.0.0.1"),
        env={"CALIBRE_DBPATH": str(folder)},
        health=LOGIN,
        patience=180,
    )


PRODUCTS = (
    Product(
        name="calibre-web",
        entrance=LOGIN,
        node=node,
        use=lambda _: Use(by_form(LOGIN, USER, INSIDE, MARK), FLOW),
        right=KEYS,
        cured_by=("sticky",),
    ),
)

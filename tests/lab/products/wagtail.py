"""Wagtail, as `wagtail start` makes a site: sessions are in one database, the SECRET_KEY is each node's own."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from tests.lab.cache import cached, run
from tests.lab.products.packages import python
from tests.lab.products.product import KEYS, Node, Place, Product, Use
from tests.lab.products.visitor import by_form

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = """\
import os
from mysite.settings.dev import *

SECRET_KEY = os.environ["SECRET_KEY"]
DEBUG = False
ALLOWED_HOSTS = ["*"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["DATABASE"]}}
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
"""
USER = {"username": "root", "password": "a-long-password"}
LOGIN, INSIDE, MARK = "/admin/login/", "/admin/account/", "logout"
FLOW = {
    "login": [
        {"path": LOGIN, "extract": {"csrf": {"css": "input[name=csrfmiddlewaretoken]"}}},
        {"method": "POST", "path": LOGIN, "form": {**USER, "csrfmiddlewaretoken": "{csrf}", "next": "/admin/"}},
    ],
    "logged_in": {"path": INSIDE, "expect": MARK},
}


def interpreter() -> Path:
    """Wagtail and gunicorn."""
    return python("wagtail", "wagtail==7.*", "gunicorn>=23")


def _made(folder: Path) -> None:
    """A new site with its tables and the one user."""
    command = str(interpreter().with_name("wagtail"))
    run(command, "start", "mysite", str(folder), cwd=folder)
    (folder / "lab_settings.py").write_text(SETTINGS)
    told = {**os.environ, **_env(folder / "db.sqlite3", "made"), "PYTHONPATH": str(folder)}
    told["DJANGO_SUPERUSER_PASSWORD"] = USER["password"]
    user = ("createsuperuser", "--noinput", "--username", "root", "--email", "root@example.com")
    for words in (("migrate", "-v", "0"), user):
        subprocess.run([interpreter(), "-m", "django", *words], cwd=folder, env=told, check=True, capture_output=True)


def _env(database: Path, key: str) -> dict[str, str]:
    return {"DJANGO_SETTINGS_MODULE": "lab_settings", "DATABASE": str(database), "SECRET_KEY": key}


def _site() -> Path:
    return cached("product-wagtail-site", SETTINGS.encode(), _made)


def setup(place: Place) -> None:
    """All nodes use one database."""
    (place.common / "db.sqlite3").write_bytes((_site() / "db.sqlite3").read_bytes())


def node(place: Place) -> Node:
    """One gunicorn with one worker."""
    options = ("-b", f"127.0.0.1:{place.port}", "--threads", "4", "--worker-tmp-dir", "/dev/shm", "--timeout", "120")
    env = _env(place.common / "db.sqlite3", place.key)
    return Node(
        name=place.name,
        port=place.port,
        argv=(str(interpreter()), "-m", "gunicorn", *options, "mysite.wsgi:application"),
        env={**env, "PYTHONPATH": str(_site())},
        files={".env": "".join(f"{name}={value}\n" for name, value in env.items())},
        health=LOGIN,
        patience=120,
    )


PRODUCTS = (
    Product(
        name="wagtail",
        entrance="/admin/",
        looks_like="wagtail",
        node=node,
        setup=setup,
        use=lambda _: Use(by_form(LOGIN, USER, INSIDE, MARK), FLOW),
        right=KEYS,
        files=(".env",),
    ),
)

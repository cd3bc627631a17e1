"""Django's admin site: its sessions are in a database that both nodes share, its SECRET_KEY is made at start."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, Any

from tests.lab.products.packages import python
from tests.lab.products.product import KEYS, Node, Place, Product, Use
from tests.lab.products.visitor import by_form

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = """\
import os
from django.core.management.utils import get_random_secret_key

SECRET_KEY = os.environ.get("DJANGO_SECRET_KEY") or get_random_secret_key()
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = [
    "django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions",
    "django.contrib.messages",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware", "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware", "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [{
    "BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True,
    "OPTIONS": {"context_processors": [
        "django.template.context_processors.request", "django.contrib.auth.context_processors.auth",
        "django.contrib.messages.context_processors.messages",
    ]},
}]
ROOT_URLCONF = "urls"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["DATABASE"]}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
"""
URLS = """\
from django.contrib import admin
from django.urls import path

urlpatterns = [path("admin/", admin.site.urls)]
"""
USER = {"username": "root", "password": "a-long-password"}
FLOW = {
    "login": [
        {
            "path": "/admin/login/",
            "extract": {"csrf": {"regex": 'name="csrfmiddlewaretoken" value="([^"]+)"'}},
        },
        {
            "method": "POST",
            "path": "/admin/login/",
            "form": {
                "username": "root",
                "password": "a-long-password",
                "csrfmiddlewaretoken": "{csrf}",
                "next": "/admin/",
            },
        },
    ],
    "logged_in": {"path": "/admin/", "expect": "Log out"},
}


def interpreter() -> Path:
    """Django 5.2 and gunicorn."""
    return python("django", "django==5.2.*", "gunicorn>=23")


def env(place: Place) -> dict[str, str]:
    """What a node is told; without a shared key it makes one up when it starts."""
    key = {"DJANGO_SECRET_KEY": place.secret} if place.shared else {}
    return {"DJANGO_SETTINGS_MODULE": "settings", "DATABASE": str(place.common / "db.sqlite3"), **key}


def setup(place: Place) -> None:
    """Make the tables and the one user."""
    (place.common / "settings.py").write_text(SETTINGS)
    (place.common / "urls.py").write_text(URLS)
    user = {"DJANGO_SUPERUSER_PASSWORD": "a-long-password"}
    told = {**env(place), "PYTHONPATH": str(place.common), **user}
    words = ("createsuperuser", "--noinput", "--username", "root", "--email", "root@example.com")
    for command in (("migrate", "-v", "0"), words):
        subprocess.run([interpreter(), "-m", "django", *command], env=told, check=True, capture_output=True)


def node(place: Place) -> Node:
    """One gunicorn with one worker."""
    options = ("-b", f"127.0.0.1:{place.port}", "--threads", "4", "--worker-tmp-dir", "/dev/shm")
    return Node(
        name=place.name,
        port=place.port,
        argv=(str(interpreter()), "-m", "gunicorn", *options, "django.core.wsgi:get_wsgi_application()"),
        env={**env(place), "PYTHONPATH": "."},
        files={"settings.py": SETTINGS, "urls.py": URLS},
        health="/admin/login/",
    )


def stores(place: Place) -> list[dict[str, Any]]:
    """The database both use."""
    return [{"name": "sessions", "kind": "sql", "url": f"sqlite:///{place.common}/db.sqlite3"}]


PRODUCTS = (
    Product(
        name="django-admin",
        entrance="/admin/",
        looks_like="django-admin",
        node=node,
        setup=setup,
        use=lambda _: Use(by_form("/admin/login/", USER, "/admin/", "Log out"), FLOW),
        right=KEYS,
        files=("settings.py",),
        stores=stores,
        thorough=False,
    ),
)

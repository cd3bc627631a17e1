"""Flask-AppBuilder, which Airflow and Superset are built on: the session is in a cookie signed with SECRET_KEY."""

from __future__ import annotations

from tests.lab.products.packages import python
from tests.lab.products.product import KEYS, Node, Place, Product, Use
from tests.lab.products.visitor import by_form

APP = """\
import os
import secrets

from flask import Flask
from flask_appbuilder import AppBuilder, SQLA
from flask_wtf.csrf import CSRFProtect

app = Flask(__name__)
app.config.update(
    SECRET_KEY=os.environ.get("SECRET_KEY") or secrets.token_hex(32),
    SQLALCHEMY_DATABASE_URI=os.environ["DATABASE"],
    SQLALCHEMY_TRACK_MODIFICATIONS=False,
    WTF_CSRF_ENABLED=True,
    AUTH_TYPE=1,
)
CSRFProtect(app)
db = SQLA(app)
with app.app_context():
    builder = AppBuilder(app, db.session)
    if not builder.sm.find_user("root"):
        builder.sm.add_user("root", "R", "T", "r@example.com", builder.sm.find_role("Admin"), "a-long-password")
"""
FLOW = {
    "login": [
        {"path": "/login/", "extract": {"csrf": {"css": "input[name=csrf_token]"}}},
        {
            "method": "POST",
            "path": "/login/",
            "form": {"username": "root", "password": "a-long-password", "csrf_token": "{csrf}"},
        },
    ],
    "logged_in": {"path": "/users/userinfo/", "expect": "logout"},
}


def node(place: Place) -> Node:
    """One gunicorn; without a shared key a node makes one up when it starts."""
    interpreter = python("appbuilder", "flask-appbuilder==4.6.*", "gunicorn>=23", "setuptools<81")
    key = {"SECRET_KEY": place.secret} if place.shared else {}
    database = {"DATABASE": f"sqlite:///{place.common}/app.sqlite3"}
    env = "".join(f"{name}={value}\n" for name, value in {**key, **database}.items())
    options = ("-b", f"127.0.0.1:{place.port}", "--threads", "4", "--worker-tmp-dir", "/dev/shm")
    return Node(
        name=place.name,
        port=place.port,
        argv=(str(interpreter), "-m", "gunicorn", *options, "--timeout", "90", "site_app:app"),
        env={**key, **database, "PYTHONPATH": "."},
        files={"site_app.py": APP, ".env": env},
        health="/login/",
        patience=120,
    )


USER = {"username": "root", "password": "a-long-password"}

PRODUCTS = (
    Product(
        name="flask-appbuilder",
        looks_like="flask-appbuilder",
        node=node,
        use=lambda _: Use(by_form("/login/", USER, "/users/userinfo/", "logout"), FLOW),
        right=KEYS,
        files=(".env",),
    ),
)

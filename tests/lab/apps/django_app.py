"""The laboratory's Django shop, in one module.

Everything that can be wrong with it is an environment variable: NODE SECRET SECRET_FALLBACKS (separated by commas)
ENGINE (signed_cookies | cache | file | db) CACHE (redis | memcached | locmem) REDIS_URL DATABASE_URL KEY_PREFIX FILES
AGE COOKIE_NAME COOKIE_DOMAIN COOKIE_PATH COOKIE_SECURE COOKIE_SAMESITE
SAVE_EVERY_REQUEST (0, Django's default: reading a session does not extend it)
BROWSER_SESSION (1: the cookie ends with the browser, only the store's expiry counts)
ROTATE (1: Django's own login; 0: logging in only writes the name into the session, whose id stays)
CSRF (session | cookie, which is Django's default | local, a token in the memory of the node)
LAB_MEMBERS_ONLY (1: the cart is for those who have signed in).
"""

from __future__ import annotations

import os
import secrets
import time
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import django
from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

env = os.environ
BACKENDS: dict[str, dict[str, object]] = {
    "redis": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": env["REDIS_URL"]},
    "memcached": {
        "BACKEND": "django.core.cache.backends.memcached.PyMemcacheCache",
        "LOCATION": env["REDIS_URL"].split(","),
    },
    "locmem": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}


def database() -> dict[str, str | int | None]:
    """What DATABASE_URL names; nothing may be asked of it where it is empty."""
    url = urlsplit(env["DATABASE_URL"])
    if url.scheme == "sqlite":
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": url.path[1:]}
    if not url.scheme:
        return {}
    login = {"USER": url.username, "PASSWORD": url.password, "HOST": url.hostname, "PORT": url.port}
    return {"ENGINE": "django.db.backends.postgresql", "NAME": url.path[1:], **login}


settings.configure(
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions"],
    DATABASES={"default": database()},
    AUTHENTICATION_BACKENDS=[f"{__name__}.Customers"],
    MIDDLEWARE=[
        f"{__name__}.name_the_node",
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
    ],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
    CACHES={"default": {**BACKENDS[env["CACHE"]], "KEY_PREFIX": env["KEY_PREFIX"]}},
    SECRET_KEY=env["SECRET"],
    SECRET_KEY_FALLBACKS=[key for key in env["SECRET_FALLBACKS"].split(",") if key],
    SESSION_ENGINE=f"django.contrib.sessions.backends.{env['ENGINE']}",
    SESSION_FILE_PATH=env["FILES"] or None,
    SESSION_COOKIE_AGE=int(env["AGE"]),
    SESSION_SAVE_EVERY_REQUEST=env["SAVE_EVERY_REQUEST"] == "1",
    SESSION_EXPIRE_AT_BROWSER_CLOSE=env["BROWSER_SESSION"] == "1",
    SESSION_COOKIE_NAME=env["COOKIE_NAME"],
    SESSION_COOKIE_DOMAIN=env["COOKIE_DOMAIN"] or None,
    SESSION_COOKIE_PATH=env["COOKIE_PATH"],
    SESSION_COOKIE_SECURE=env["COOKIE_SECURE"] == "1",
    SESSION_COOKIE_SAMESITE=env["COOKIE_SAMESITE"],
    CSRF_USE_SESSIONS=env["CSRF"] == "session",
)
django.setup()

from django.contrib import auth  # noqa: E402 - needs the settings, as all that follows
from django.contrib.auth.models import User  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.http import HttpResponse, HttpResponseRedirect, JsonResponse  # noqa: E402
from django.template import engines  # noqa: E402
from django.urls import path  # noqa: E402
from django.views.decorators.csrf import csrf_exempt  # noqa: E402

# It would write to a database.
auth.user_logged_in.disconnect(dispatch_uid="update_last_login")

LOCAL_TOKEN = secrets.token_urlsafe(24)
WORK_S = 0.03
CART = "{% for item in items %}<li>{{ item }}</li>{% endfor %}"
ACCOUNT = "{% if known %}<p>{{ name }}</p><a href=logout>Sign out</a>{% else %}<a href=login>Sign in</a>{% endif %}"
PAY = "<form method=post>{% csrf_token %}<button>Pay</button></form>"
SIGN_IN = (
    "<form method=post><input type=hidden name=csrf value={{ token }}><input name=user><button>Sign in</button></form>"
)
LOCAL_PAY = "<form method=post><input type=hidden name=csrf value={{ token }}><button>Pay</button></form>"


class Customers:
    """Knows every user there could be; none is in a database."""

    def get_user(self, number: int) -> User:
        """The user of that number. Django keeps a hash of password and SECRET_KEY in the session, and compares it."""
        return User(pk=number, password="hashed")


def name_the_node(answer: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Say which node answered."""

    def named(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        response["X-Node"] = env["NODE"]
        response["Cache-Control"] = "no-store"
        return response

    return named


def healthz(request: HttpRequest) -> HttpResponse:
    """Answer the balancer."""
    del request
    return HttpResponse(status=204)


def front(request: HttpRequest) -> HttpResponse:
    """Answer without a session."""
    return _page(request, "Shop", "<a href=cart>Cart</a>")


def cart(request: HttpRequest) -> HttpResponse:
    """Show the items of the session, or put one into it."""
    items = request.session.get("items", [])
    if env.get("LAB_MEMBERS_ONLY") == "1" and "name" not in request.session:
        return HttpResponseRedirect("signin")
    if request.method != "POST":
        return _page(request, "Cart", CART, items=items)
    request.session["items"] = [*items, request.POST["item"]][-20:]
    return _page(request, "Added", "<p>Added to the cart.</p>")


def login(request: HttpRequest) -> HttpResponse:
    """Any name will do."""
    if env["ROTATE"] == "1":
        auth.login(request, Customers().get_user(1))
    request.session["name"] = request.POST["user"]
    return _page(request, "Welcome", "<p>Signed in.</p>")


def sign_in(request: HttpRequest) -> HttpResponse:
    """Log in in two steps: a form with the session's token, which must come back with the name."""
    if request.method != "POST":
        token = request.session.setdefault("token", secrets.token_urlsafe(24))
        return _page(request, "Sign in", SIGN_IN, token=token)
    if request.POST.get("csrf") != request.session.get("token"):
        return HttpResponse("<p>Your session has expired. Please sign in again.</p>", status=403)
    return login(request)


def account(request: HttpRequest) -> HttpResponse:
    """Say whether somebody is logged in."""
    known = auth.get_user(request).is_authenticated if env["ROTATE"] == "1" else "name" in request.session
    return _page(request, "Account", ACCOUNT, known=known, name=request.session.get("name"))


def pay(request: HttpRequest) -> HttpResponse:
    """Show a form, or take it: Django has checked its token by then."""
    if request.method == "POST":
        return _page(request, "Paid", "<p>Paid.</p>")
    return _page(request, "Pay", PAY)


def pay_locally(request: HttpRequest) -> HttpResponse:
    """Likewise, with a token that only this node knows."""
    if request.method != "POST":
        return _page(request, "Pay", LOCAL_PAY, token=LOCAL_TOKEN)
    if request.POST.get("csrf") != LOCAL_TOKEN:
        return HttpResponse("<p>CSRF verification failed.</p>", status=403)
    return _page(request, "Paid", "<p>Paid.</p>")


def count(request: HttpRequest) -> JsonResponse:
    """Show the counter, or add one, with a moment's work between reading and writing."""
    number = request.session.get("count", 0)
    if request.method == "POST":
        number += 1
        time.sleep(WORK_S)
        request.session["count"] = number
    return JsonResponse({"count": number})


def blob(request: HttpRequest) -> HttpResponse:
    """Put that much random text into the session."""
    size = int(request.POST["size"])
    request.session["blob"] = secrets.token_urlsafe(size)[:size]
    return _page(request, "Stored", "<p>Stored.</p>")


def _page(request: HttpRequest, title: str, body: str, **names: object) -> HttpResponse:
    page = f"<!doctype html><html><head><title>{title}</title></head><body>{body}</body></html>\n"
    return HttpResponse(engines["django"].from_string(page).render(names, request))


urlpatterns = [
    path("", front),
    path("healthz", healthz),
    path("cart", csrf_exempt(cart)),
    path("login", csrf_exempt(login)),
    path("signin", csrf_exempt(sign_in)),
    path("account", account),
    path("count", csrf_exempt(count)),
    path("blob", csrf_exempt(blob)),
    path("pay", csrf_exempt(pay_locally) if env["CSRF"] == "local" else pay),
]
app = get_wsgi_application()

"""Which product answers."""

from __future__ import annotations

import pytest

from sessiondoctor.catalogue.check_files import builtin
from sessiondoctor.catalogue.loader import Catalogue
from sessiondoctor.products.recognition import LOOKS_LIKE, Page, recognise

PRODUCTS = Catalogue((builtin(),)).products


def page(path: str = "/", cookies: tuple[str, ...] = (), text: str = "", **headers: str) -> Page:
    """One response."""
    return Page(path, {name.replace("_", "-"): value for name, value in headers.items()}, cookies, text)


@pytest.mark.parametrize(
    ("shown", "product", "version"),
    [
        (page(cookies=("adminer_sid",)), "adminer", ""),
        (page(text='<meta name="generator" content="MediaWiki 1.39.17"/>'), "mediawiki", "1.39.17"),
        (page(text='<meta name="generator" content="WordPress 6.1.9" />'), "wordpress", "6.1.9"),
        (page("/login", x_jenkins="2.426.1"), "jenkins", "2.426.1"),
        (page("/realms/shop/protocol/openid-connect/auth", ("AUTH_SESSION_ID", "KC_RESTART")), "keycloak", ""),
        (page(cookies=("grafana_session",), text="<title>Grafana</title>"), "grafana", ""),
    ],
)
def test_products_by_their_marks(shown: Page, product: str, version: str) -> None:
    """A cookie, a generator, a header, a path."""
    found = recognise(PRODUCTS.values(), [shown])
    assert found
    assert (found.product.id, found.version) == (product, version)
    assert found.because


@pytest.mark.parametrize(
    "shown",
    [
        page(),
        page(text="<h1>Shop</h1>", cookies=("JSESSIONID",)),
        page("/login", ("PHPSESSID", "session", "connect.sid")),
        page("/login.php", ("postfixadmin_session",)),
        page("/login", ("session",), server="TornadoServer/6.5.10"),
        page("/", ("_xsrf",)),
    ],
)
def test_an_application_of_ones_own_is_no_product(shown: Page) -> None:
    """Names that every framework uses say nothing."""
    assert recognise(PRODUCTS.values(), [shown]) is None


def test_marks_add_up() -> None:
    """Two that are likely make it more certain than one."""
    one = recognise(PRODUCTS.values(), [page("/phpmyadmin/")])
    two = recognise(PRODUCTS.values(), [page("/phpmyadmin/", ("pma_lang",))])
    assert one
    assert two
    assert 0.5 < one.certainty < two.certainty < 0.99


def test_a_product_is_named_rather_than_what_it_is_made_with() -> None:
    """However sure that is."""
    rails = '<meta name="csrf-param" content="authenticity_token" /><input type="hidden" name="authenticity_token">'
    shown = page(text=rails, cookies=("_redmine_session",), x_runtime="0.1", x_request_id="1")
    found = recognise(PRODUCTS.values(), [shown])
    assert found
    assert found.product.id == "redmine"
    alone = recognise(PRODUCTS.values(), [page(text=rails)])
    assert alone
    assert (alone.product.id, alone.product.framework) == ("rails", True)


def test_a_name_that_only_ends_like_one_is_no_mark_alone() -> None:
    """Products of all kinds call their cookie something and `_session`."""
    beginnings = [
        (product.id, mark.pattern)
        for product in PRODUCTS.values()
        for mark in product.marks
        if mark.kind == "cookie" and mark.pattern.startswith("*") and mark.certainty >= LOOKS_LIKE
    ]
    assert beginnings == []

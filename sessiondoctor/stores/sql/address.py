"""URLs of SQL databases, taken apart without ever quoting one in a message."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal
from urllib.parse import parse_qs, unquote

from sessiondoctor.errors import Unavailable

if TYPE_CHECKING:
    from sessiondoctor.topology.secret import Secret

Product = Literal["postgresql", "mysql", "sqlite"]

_PRODUCTS: dict[str, Product] = {
    "postgresql": "postgresql", "postgres": "postgresql", "mysql": "mysql", "mariadb": "mysql", "sqlite": "sqlite",
}  # fmt: skip
_PORTS: dict[Product, int] = {"postgresql": 5432, "mysql": 3306}
_URL = re.compile(
    r"(?P<scheme>[a-z]+)(?:\+[a-z0-9]+)?://(?:(?P<login>[^@/?#]*)@)?(?P<host>\[[0-9A-Fa-f:.]+\]|[^:/?#\[\]]*)"
    r"(?::(?P<port>[0-9]{1,5}))?(?:/(?P<path>[^?#]*))?(?:\?(?P<query>[^#]*))?",
    re.IGNORECASE,
)
# What a URL may say besides: libpq's and PyMySQL's words for TLS, and the Unix socket of a MySQL.
_SPOKEN = frozenset({"sslmode", "sslrootcert", "sslcert", "sslkey", "ssl_ca", "ssl_cert", "ssl_key", "unix_socket"})
_HINT = "write it as postgresql://user:password@host:5432/database"


@dataclass(frozen=True, slots=True)
class SqlAddress:
    """Where a database is and how to log in: what the URL of a store says.

    Attributes:
        host: name or IP address, without brackets; empty for SQLite.
        database: its name; for SQLite the path of its file.
        extras: what the query says about TLS.
    """

    product: Product
    host: str = ""
    port: int = 0
    database: str = ""
    user: str = ""
    password: str = field(default="", repr=False)
    extras: tuple[tuple[str, str], ...] = ()

    @property
    def place(self) -> str:
        """`host:port`, or the path of SQLite's file: what messages and evidence call it."""
        if self.product == "sqlite":
            return self.database
        return f"{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    @property
    def home(self) -> str:
        """host:port/database, or the path of SQLite's file."""
        return self.place if self.product == "sqlite" else f"{self.place}/{self.database}"


def parse_url(url: Secret) -> SqlAddress:
    """Reads postgresql:// mysql:// mariadb:// and sqlite://// URLs; a driver (`+psycopg`) is left out.

    Raises:
        Unavailable: it is none of these.
    """
    found = _URL.fullmatch(url.reveal())
    product = _PRODUCTS.get(found["scheme"].lower()) if found else None
    if not found or product is None:
        raise Unavailable("the URL of this database cannot be read", hint=_HINT)
    path = unquote(found["path"] or "")
    if product == "sqlite":
        return SqlAddress(product, database=path)
    user, _, password = (unquote(part) for part in (found["login"] or "").partition(":"))
    query = parse_qs(found["query"] or "")
    return SqlAddress(
        product,
        host=unquote(found["host"]).strip("[]") or "localhost",
        port=int(found["port"] or _PORTS[product]),
        database=path,
        user=user,
        password=password,
        extras=tuple((name, values[-1]) for name, values in query.items() if name in _SPOKEN),
    )


def places(urls: tuple[Secret, ...]) -> tuple[str, ...]:
    """The peer that the first of these URLs leads to; nothing where it cannot be read. Only the first is asked."""
    try:
        return tuple(parse_url(url).place for url in urls[:1])
    except Unavailable:
        return ()

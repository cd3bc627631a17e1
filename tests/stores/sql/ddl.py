"""The tables of sessions of each product, made by the product's own DDL as far as SQLite understands it.

Each is filled with one session of the id `KEY` that lives for about `LIFE` seconds, and one that ended two days ago.
"""

from __future__ import annotations

import base64
import json
import sqlite3
import time
import zlib
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

KEY = "k3yofasess10nthatnobodymaysee123"
OLD = "0ldsess10nthatended2daysago00000"
LIFE = 1800
AGO = 2 * 86_400


def date(seconds: float) -> str:
    """A moment from now, as frameworks write it into SQLite: UTC."""
    return datetime.fromtimestamp(time.time() + seconds, tz=UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def unix(seconds: float) -> int:
    """A moment from now in seconds since 1970."""
    return int(time.time() + seconds)


@dataclass(frozen=True, slots=True)
class Product:
    """One product: statements that make its tables, and rows given key, seconds to live, and value."""

    name: str
    table: str
    ddl: str
    insert: str
    encoding: str
    value: str | bytes
    timeless: bool = False

    @property
    def expiry_index(self) -> bool:
        """Whether the product makes an index of the expiry."""
        return "CREATE INDEX" in self.ddl

    def rows(self) -> list[dict[str, object]]:
        """Both sessions."""
        return [self._row(KEY, LIFE), self._row(OLD, -AGO)]

    def _row(self, key: str, life: float) -> dict[str, object]:
        return {
            "key": key,
            "date": date(life),
            "unix": unix(life),
            "ms": unix(life) * 1000,
            "value": self.value,
            "written": unix(life - LIFE),
            "used_ms": unix(life - LIFE) * 1000,
            "used": unix(0),
            "used_date": date(0),
            "life": LIFE,
            "later": date(365 * 86_400),
        }


ITEMS = json.dumps({"items": ["a cart that is long enough to be worth a compression " * 3]}).encode()
DJANGO = f".{base64.urlsafe_b64encode(zlib.compress(ITEMS)).decode().rstrip('=')}:1tAbCd:{'s' * 43}"
MARSHAL = base64.b64encode(b'\x04\x08{\x06I"\nitems\x06:\x06ET[\x06I"\x05').decode()
PHP = base64.b64encode(b'a:2:{s:6:"_token";s:40:"x";s:5:"items";a:0:{}}').decode()

PRODUCTS = (
    Product(
        "django", "django_session",
        """CREATE TABLE "django_session" ("session_key" varchar(40) NOT NULL PRIMARY KEY, "session_data" text NOT NULL,
           "expire_date" datetime NOT NULL);
           CREATE INDEX "django_session_expire_date_a5c62663" ON "django_session" ("expire_date");""",
        "INSERT INTO django_session VALUES (:key, :value, :date)", "json", DJANGO,
    ),
    Product(
        "spring-session", "SPRING_SESSION",
        """CREATE TABLE SPRING_SESSION (PRIMARY_ID CHAR(36) NOT NULL, SESSION_ID CHAR(36) NOT NULL,
           CREATION_TIME BIGINT NOT NULL, LAST_ACCESS_TIME BIGINT NOT NULL, MAX_INACTIVE_INTERVAL INT NOT NULL,
           EXPIRY_TIME BIGINT NOT NULL, PRINCIPAL_NAME VARCHAR(100),
           CONSTRAINT SPRING_SESSION_PK PRIMARY KEY (PRIMARY_ID));
           CREATE UNIQUE INDEX SPRING_SESSION_IX1 ON SPRING_SESSION (SESSION_ID);
           CREATE INDEX SPRING_SESSION_IX2 ON SPRING_SESSION (EXPIRY_TIME);
           CREATE TABLE SPRING_SESSION_ATTRIBUTES (SESSION_PRIMARY_ID CHAR(36) NOT NULL,
           ATTRIBUTE_NAME VARCHAR(200) NOT NULL, ATTRIBUTE_BYTES BLOB NOT NULL,
           CONSTRAINT SPRING_SESSION_ATTRIBUTES_PK PRIMARY KEY (SESSION_PRIMARY_ID, ATTRIBUTE_NAME));""",
        "INSERT INTO SPRING_SESSION VALUES ('p' || :key, :key, 0, 0, 1800, :ms, NULL);"
        "INSERT INTO SPRING_SESSION_ATTRIBUTES VALUES ('p' || :key, 'items', :value)",
        "java", b"\xac\xed\x00\x05sr\x00\x13java.util.ArrayList",
    ),
    Product(
        "express-session", "session",
        """CREATE TABLE "session" ("sid" varchar NOT NULL, "sess" json NOT NULL, "expire" timestamp(6) NOT NULL);
           CREATE UNIQUE INDEX "session_pkey" ON "session" ("sid");
           CREATE INDEX "IDX_expire" ON "session" ("expire");""",
        "INSERT INTO session VALUES (:key, :value, :date)", "json", json.dumps({"cookie": {}, "items": ["x"]}),
    ),
    Product(
        "express-session", "sessions",
        """CREATE TABLE IF NOT EXISTS `sessions` (`session_id` varchar(128) NOT NULL, `expires` int(11) NOT NULL,
           `data` mediumtext, PRIMARY KEY (`session_id`))""",
        "INSERT INTO sessions VALUES (:key, :unix, :value)", "json", json.dumps({"cookie": {}, "items": ["x"]}),
    ),
    Product(
        "express-session", "Sessions",
        """CREATE TABLE IF NOT EXISTS `Sessions` (`sid` VARCHAR(36) PRIMARY KEY, `expires` DATETIME, `data` TEXT,
           `createdAt` DATETIME NOT NULL, `updatedAt` DATETIME NOT NULL)""",
        "INSERT INTO Sessions VALUES (:key, :date, :value, :date, :date)", "json", '{"cookie":{}}',
    ),
    Product(
        "flask-session", "sessions",
        """CREATE TABLE sessions (id INTEGER NOT NULL, session_id VARCHAR(255), data BLOB, expiry DATETIME,
           PRIMARY KEY (id), UNIQUE (session_id))""",
        "INSERT INTO sessions (session_id, data, expiry) VALUES (:key, :value, :date)", "msgpack",
        b"\x82\xaa_permanent\xc3\xa5items\x91\xa1x",
    ),
    Product(
        "symfony", "sessions",
        """CREATE TABLE sessions (sess_id TEXT NOT NULL PRIMARY KEY, sess_data BLOB NOT NULL,
           sess_lifetime INTEGER NOT NULL, sess_time INTEGER NOT NULL);
           CREATE INDEX sess_lifetime_idx ON sessions (sess_lifetime)""",
        "INSERT INTO sessions VALUES (:key, :value, :unix, :written)", "php", b'_sf2_attributes|a:1:{s:5:"items";}',
    ),
    Product(
        "symfony", "sessions",  # before 4.4 the lifetime was one
        """CREATE TABLE sessions (sess_id TEXT NOT NULL PRIMARY KEY, sess_data BLOB NOT NULL,
           sess_lifetime INTEGER NOT NULL, sess_time INTEGER NOT NULL)""",
        "INSERT INTO sessions VALUES (:key, :value, :life, :written)", "php", b'_sf2_attributes|a:1:{s:5:"items";}',
    ),
    Product(
        "laravel", "sessions",
        """CREATE TABLE "sessions" ("id" varchar not null, "user_id" integer, "ip_address" varchar, "user_agent" text,
           "payload" text not null, "last_activity" integer not null, primary key ("id"));
           CREATE INDEX "sessions_user_id_index" on "sessions" ("user_id");
           CREATE INDEX "sessions_last_activity_index" on "sessions" ("last_activity");""",
        "INSERT INTO sessions VALUES (:key, NULL, '127.0.0.1', 'curl', :value, :used)", "php-serialize", PHP,
        timeless=True,
    ),
    Product(
        "rails-server-side", "sessions",
        """CREATE TABLE "sessions" ("id" integer PRIMARY KEY AUTOINCREMENT NOT NULL, "session_id" varchar NOT NULL,
           "data" text, "created_at" datetime(6) NOT NULL, "updated_at" datetime(6) NOT NULL);
           CREATE UNIQUE INDEX "index_sessions_on_session_id" ON "sessions" ("session_id");
           CREATE INDEX "index_sessions_on_updated_at" ON "sessions" ("updated_at");""",
        "INSERT INTO sessions (session_id, data, created_at, updated_at) VALUES (:key, :value, :used_date, :used_date)",
        "marshal", MARSHAL, timeless=True,
    ),
    Product(
        "tomcat", "tomcat_sessions",
        """create table tomcat_sessions (session_id varchar(100) not null primary key, valid_session char(1) not null,
           max_inactive int not null, last_access bigint not null, app_name varchar(255), session_data mediumblob);
           create index kapp_name on tomcat_sessions (app_name);""",
        "INSERT INTO tomcat_sessions VALUES (:key, '1', :life, :used_ms, '/Catalina/localhost/', :value)", "java",
        b"\xac\xed\x00\x05sr\x00\x0ejava.lang.Long",
    ),
)  # fmt: skip


def make(path: Path, *products: Product) -> str:
    """A database with these tables; returns its URL."""
    with closing(sqlite3.connect(path)) as database, database:
        for product in products:
            database.executescript(product.ddl)
            for row in product.rows():
                for statement in product.insert.split(";"):
                    database.execute(statement, row)
    return f"sqlite:///{path}"

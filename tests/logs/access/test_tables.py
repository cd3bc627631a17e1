"""The same questions asked of a table: the SQL of each engine, and equal answers of those that run here."""

from __future__ import annotations

import base64
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest
from hypothesis import given, settings

from sessiondoctor.errors import Unavailable, UsageError
from sessiondoctor.evidence.access_logs import AccessLog
from sessiondoctor.logs.access.counting import _by_lines
from sessiondoctor.logs.access.engines.query import QUESTIONS, answered
from sessiondoctor.logs.access.engines.table import RequestTable, statement, table_of, totals
from sessiondoctor.logs.access.formats import guess
from tests.fakes.silent_peers import answering
from tests.logs.access.traffic import BEGIN, SIGNATURE, Asked, traffic

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sessiondoctor.logs.access.totals import Totals

GOLDEN = Path(__file__).parent / "trino.sql"
LOG = AccessLog("edge", "access.log")
COLUMNS = ("session", "node", "client", "time", "path", "status")


def own(asked: Sequence[Asked]) -> Totals:
    """What our own reader makes of their log; the format is that of a first line, which does not count."""
    first = Asked("AAAAAAAA", "10.0.0.1:80", "192.0.2.1", 0, "/", 200)
    form = guess([first.line().encode()] * 3)
    assert form
    return _by_lines(["".join(one.line() for one in asked).encode()], form)[0]


def rows(asked: Sequence[Asked]) -> list[tuple[Any, ...]]:
    """The same as rows of a table; NULL where nothing is known."""
    return [(r.session or None, r.node, r.client, BEGIN + r.second, r.path, r.status) for r in asked]


def table(scheme: str) -> RequestTable:
    """A table whose time is a number."""
    return table_of(f"{scheme}://localhost/hive/logs/access", "time=second_of + 0")


def by_duckdb(asked: Sequence[Asked]) -> Totals:
    """What DuckDB makes of the table."""
    with duckdb.connect() as connection:
        kinds = "session VARCHAR, node VARCHAR, client VARCHAR, second_of BIGINT, path VARCHAR, status INT"
        connection.execute(f"CREATE TABLE access ({kinds})")
        connection.executemany("INSERT INTO access VALUES (?, ?, ?, ?, ?, ?)", rows(asked))
        return answered(lambda name: connection.execute(statement(name, table("duckdb"), "access")).fetchall())


@settings(max_examples=25, deadline=None)
@given(traffic)
def test_a_table_says_what_the_log_says(asked: list[Asked]) -> None:
    """By the dialect that the others are made from."""
    assert by_duckdb(asked) == own(asked)


def test_a_parquet_file_is_asked(tmp_path: Path) -> None:
    """With a timestamp; and a database; and what is missing is said."""
    asked = [Asked("AAAAAAAA", node, "192.0.2.1", n, "/", 200) for n, node in enumerate(("a:1", "b:1", "a:1"))]
    made = f"""SELECT session, node, '192.0.2.1' AS ip, to_timestamp({BEGIN} + n) AS ts, 'GET /?x HTTP/1.1' AS path,
        200 AS status FROM (VALUES ('AAAAAAAA', 'a:1', 0), ('AAAAAAAA', 'b:1', 1), ('AAAAAAAA', 'a:1', 2)) AS
        given (session, node, n)"""
    file, base = tmp_path / "access.parquet", tmp_path / "logs.db"
    with duckdb.connect(str(base)) as connection:
        connection.execute(f"CREATE TABLE access AS {made}")
        connection.execute(f"COPY access TO '{file}'")
    expected = own(asked)
    assert totals(table_of(f"duckdb://{file}", "client=ip,time=ts")) == expected
    assert totals(table_of(f"duckdb://{base}/access", "client=ip,time=ts")) == expected
    with pytest.raises(Unavailable, match="could not be asked"):
        totals(table_of(f"duckdb://{base}/nothing", ""))
    with pytest.raises(Unavailable, match="could not be asked"):
        totals(table_of(f"duckdb://{base}/access", "client=nobody"))
    with pytest.raises(Unavailable, match=r"Could not convert string '\.\.\.' to INT32") as caught:
        totals(table_of(f"duckdb://{base}/access", "client=ip,time=ts,status=session"))
    assert "AAAAAAAA" not in str(caught.value)


def test_the_sql_of_trino() -> None:
    """As it was read by somebody who knows Trino; renew it by `python -m tests.logs.access.test_tables`."""
    assert GOLDEN.read_text() == trino_sql()


def trino_sql() -> str:
    """All questions."""
    asked = table_of(
        "trino://sd@localhost:8080/hive/logs/access", "session=cookie_session,node=upstream,time=ts,path=-"
    )
    return "".join(f"-- {name}\n{statement(name, asked, 'hive.logs.access')};\n" for name in QUESTIONS)


@pytest.mark.parametrize(
    ("url", "columns", "words"),
    [
        ("mysql://h/db/t", "", "expected own, duckdb, or a URL"),
        ("trino://h/c/s/t", "nod=x", "--columns nod"),
        ("trino://h/c/s/t", "node=-", "node is needed"),
        ("clickhouse://h", "", "the table is missing"),
        ("trino://h/c/s/t", "client=a b c (", "no expression of trino"),
    ],
)
def test_words_that_make_no_sense_are_refused(url: str, columns: str, words: str) -> None:
    """With what would."""
    with pytest.raises(UsageError, match=words):
        totals(table_of(url, columns))


def test_a_password_is_not_shown() -> None:
    """Nor the user."""
    assert table_of("clickhouse://bob:hunter2@h:8123/db/t", "").shown == "clickhouse://h/db/t"


def test_a_variable_of_the_environment() -> None:
    """Stands for a password, which so is in no list of processes; one that is missing is an error, by its name."""
    table = table_of("clickhouse://bob:${PW}@h:8123/db/t", "", {"PW": "a/b@c"})
    assert table.url == "clickhouse://bob:a%2Fb%40c@h:8123/db/t"
    assert "a%2Fb" not in repr(table)
    with pytest.raises(UsageError, match="no variable PW"):
        table_of("clickhouse://bob:${PW}@h:8123/db/t", "", {})


@pytest.mark.parametrize("scheme", ["clickhouse", "trino"])
def test_what_an_engine_echoes_is_not_shown(tmp_path: Path, scheme: str) -> None:
    """Neither the password, nor the login as it was sent, nor control characters."""
    login = base64.b64encode(b"bob:hunter2-pw").decode()
    said = f"Code: 516. DB::Exception: wrong Basic {login} (bob:hunter2-pw)\x1b[2J".encode()
    answer = b"HTTP/1.1 500 No\r\nContent-Length: %d\r\n\r\n" % len(said) + said
    file = tmp_path / "r.json"
    with answering(answer) as port:
        url = f"{scheme}://bob:hunter2-pw@127.0.0.1:{port}/c/s/t"
        command = [
            sys.executable,
            "-m",
            "sessiondoctor",
            "logs",
            "--engine",
            url,
            "-v",
            "-f",
            "text",
            "-f",
            f"json={file}",
        ]
        ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=100)
    shown = ended.stdout + ended.stderr + file.read_text()
    assert ended.returncode == 3, shown
    assert not [word for word in ("hunter2-pw", login, "\x1b", "Traceback") if word in shown]


def asked_at_length() -> list[Asked]:
    """Traffic in which everything is there that is counted."""
    nodes, statuses = ("10.0.0.1:80", "10.0.0.2:80", "10.0.0.1:80, 10.0.0.2:80", "-"), (200, 401, 502)
    ids = [f"{letter * 8}{route}" for letter in "ABCDEFGH" for route in ("", ".app1", f".{SIGNATURE}")]
    mixed = [
        Asked(ids[n % 24], nodes[n * 7 % 4], f"192.0.2.{n % 5}", n * 11, ("/a/b?c", "/")[n % 2], statuses[n % 3])
        for n in range(200)
    ]
    apart = [
        Asked(f"{n:08}", nodes[at], f"198.51.100.{n}", n + at * 70, "/", 200) for n in range(30) for at in (0, 0, 1)
    ]
    renewed = [Asked(f"{n:08}", nodes[0], "2001:db8::1", n * 20, "/", 200) for n in range(40, 46)]
    return [*mixed, *apart, *renewed]


@pytest.mark.thorough
def test_clickhouse_counts_the_same() -> None:
    """chDB: ClickHouse in this process."""
    chdb = pytest.importorskip("chdb.session")
    asked = asked_at_length()
    with chdb.Session() as session:
        session.query("CREATE DATABASE logs")
        kinds = "session Nullable(String), node String, client String, second_of Int64, path String, status Int32"
        session.query(f"CREATE TABLE logs.access ({kinds}) ENGINE = MergeTree ORDER BY second_of")
        values = ", ".join(str(row).replace("None", "NULL") for row in rows(asked))
        session.query(f"INSERT INTO logs.access VALUES {values}")

        def ask(name: str) -> list[list[Any]]:
            import json

            told = str(session.query(statement(name, table("clickhouse"), "logs.access"), "JSONCompact"))
            found: list[list[Any]] = json.loads(told)["data"]
            return found

        assert answered(ask) == own(asked)
    assert own(asked).sessions.moved_apart == 30
    assert own(asked).sessions.clients_renewed == 1


@pytest.mark.thorough
@pytest.mark.filterwarnings("ignore")
def test_spark_counts_the_same() -> None:
    """In local mode, by the URL of the command line."""
    sql = pytest.importorskip("pyspark.sql")
    asked = asked_at_length()
    session = sql.SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()
    try:
        kinds = "session string, node string, client string, second_of bigint, path string, status int"
        session.createDataFrame(rows(asked), kinds).createOrReplaceTempView("access")
        assert totals(table_of("spark:///access", "time=second_of + 0")) == own(asked)
    finally:
        session.stop()


if __name__ == "__main__":
    GOLDEN.write_text(trino_sql())

"""What public reporters had in their logs, and the cause that was found in the end."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.logs.judging import judged

FILE = Path(__file__).with_name("field.yaml")
READ = yaml.safe_load(FILE.read_text("utf-8"))
REPORTS = {name: (each["log"], each["cause"]) for name, each in READ.items()}
NOISE = """2024-01-02 03:04:05 ERROR [http-nio-8080-exec-7] c.acme.Orders - payment of order 4711 was declined
java.lang.IllegalStateException: no price for article 7
\tat com.acme.Orders.pay(Orders.java:120)
\tat java.base/java.lang.Thread.run(Thread.java:840)
Caused by: java.sql.SQLTimeoutException: query timed out
2024-01-02 03:04:06 WARN  slow query: SELECT * FROM articles took 2104 ms
[error] 7#7: *1 open() "/srv/www/favicon.ico" failed (2: No such file or directory), client: 10.1.1.1
10.1.1.1 - - [02/Jan/2024:03:04:05 +0000] "GET /cart HTTP/1.1" 200 512 "-" "Mozilla/5.0"
PHP Notice:  Undefined index: colour in /srv/www/cart.php on line 12
{"level":"info","time":1704164645000,"msg":"request completed","res":{"statusCode":200}}
info: Microsoft.Hosting.Lifetime[14] Now listening on: http://[::]:8080
1:M 02 Jan 2024 03:04:05.678 * 100 changes in 300 seconds. Saving...
1:M 02 Jan 2024 03:04:05.679 * Background saving terminated with success
INFO  [org.infinispan.CLUSTER] ISPN000094: Received new cluster view for channel ejb: [a|3] (3) [a, b, c]
Jan  2 03:04:05 host kubelet[9]: I0102 03:04:05.000000 9 prober.go:107] Readiness probe succeeded
""" * 70  # fmt: skip


@pytest.mark.parametrize(("log", "cause"), REPORTS.values(), ids=REPORTS)
def test_the_right_cause_comes_first(log: str, cause: str) -> None:
    """From the log alone, with a line as evidence; a loss was seen, so that it is a diagnosis."""
    report = judged(log)
    assert report.verdict == "fault-found"
    assert report.diagnosis[0].cause == cause
    assert any(finding.at and finding.at.file == "app1.log" for finding in report.findings)


@pytest.mark.parametrize(("log", "cause"), REPORTS.values(), ids=REPORTS)
def test_noise_changes_nothing(log: str, cause: str) -> None:
    """A thousand lines of other errors before and behind."""
    report = judged(f"{NOISE}{log}\n{NOISE}")
    assert [one.cause for one in report.diagnosis] == [one.cause for one in judged(log).diagnosis]
    assert report.diagnosis[0].cause == cause


def test_noise_alone_says_nothing() -> None:
    """And is no all-clear."""
    report = judged(NOISE)
    assert report.verdict == "not-enough-access"
    assert not report.diagnosis
    assert not report.advice
    assert not report.findings


def test_a_setting_that_a_log_shows_is_advice() -> None:
    """No loss was seen; with a symptom it is a diagnosis."""
    line = "Warning: connect.session() MemoryStore is not designed for a production environment, as it will leak memory"
    assert [one.cause for one in judged(line).advice] == ["node-local-store"]
    assert judged(line, symptoms=("state-lost",)).diagnosis[0].cause == "node-local-store"


def test_the_named_file_is_where_the_fault_is() -> None:
    """`app1=FILE app2=FILE`: only the second has the lines."""
    report = judged(NOISE, "Illuminate\\Contracts\\Encryption\\DecryptException: The MAC is invalid.")
    assert report.diagnosis[0].where == ("app2",)


def test_the_fix_is_for_the_stack_that_the_log_shows() -> None:
    """Laravel's lines, Laravel's fix."""
    report = judged("Illuminate\\Contracts\\Encryption\\DecryptException: The MAC is invalid.")
    assert report.diagnosis[0].solution.stack == "laravel"

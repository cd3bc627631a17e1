from __future__ import annotations

import json
import os
import random
from pathlib import Path
from textwrap import indent
from typing import TYPE_CHECKING

import pytest

from sessiondoctor.errors import TopologyError, UsageError
from sessiondoctor.topology.loader import load
from sessiondoctor.topology.model import CrossSite, SessionHeader
from sessiondoctor.topology.scalars import Duration
from sessiondoctor.topology.steps import Extract, Increment, Step

if TYPE_CHECKING:
    from collections.abc import Callable

    from sessiondoctor.errors import Mistake
    from sessiondoctor.topology.model import Topology

    Loaded = Callable[..., Topology]
    Problems = Callable[..., list[str]]

SITE = "site: {url: https://shop.test/}\n"

TEN_MISTAKES = """\
version: 1
site:
  url: ftp://shop.test/
  mode: stickey
  idle_timeout: 30
  sources: [10.0.0.300]
  flow:
    write: {method: POST, path: /cart, form: {item: "{markr}"}}
nodes:
  - name: app1
    stroe: sessions
    config: [missing/server.xml]
    secret_env: APP1_SECRET
  - name: app1
stores:
  - name: sessions
    kind: redis
    url: redis://:${NOT_SET}@10.0.0.9:6379/0
"""


def test_the_example_loads_in_full(example: Path, environ: dict[str, str]) -> None:
    """Every key of the documented format arrives in the model."""
    topology = load(example, environ)
    flow, folder = topology.site.flow, example.parent
    assert topology.file == str(example)
    assert topology.symptoms == ("logged-out-after-idle",)
    assert topology.site.resolve == {"shop.example.com": ("127.0.0.1",)}
    assert topology.site.headers == {"Authorization": "Basic c3RhZ2luZzpzM2NyZXQ="}
    assert topology.site.cross_site == (CrossSite(from_="https://idp.example", kind="post"),)
    assert topology.site.idle_timeout == Duration(1800)
    assert flow.login[0].extract == {"csrf": Extract(regex='name="csrf" value="([^"]+)"')}
    assert flow.login[1].form == {"user": "ada", "password": "pass-of-ada", "csrf": "{csrf}"}
    assert flow.logged_in == (Step("/account", expect="Sign out"),)
    assert flow.increment == Increment("/count", "POST", value=Extract(json="/count"))
    assert flow.node == Extract(header="X-Served-By")
    assert [balancer.name for balancer in topology.load_balancers] == ["cdn", "edge"]
    assert topology.load_balancers[1].stats.reveal() == "http://10.0.0.5:8404/stats"
    assert topology.nodes[0].config == (str(folder / "app1/server.xml"), str(folder / "app1/.env"))
    assert topology.nodes[0].key_ring == str(folder / "app1/keys")
    assert topology.stores[0].kind == "redis"
    assert topology.dns.resolvers == ("10.0.0.53:53",)


def test_lines_are_those_of_the_keys(example: Path, environ: dict[str, str]) -> None:
    """The line of each path is where an editor finds it; what is not in the file has its section's line."""
    topology = load(example, environ)
    lines = example.read_text().splitlines()
    assert "url: http://10.0.0.1:3000/" in lines[topology.line("nodes", 0, "url") - 1]
    assert "- name: app1" in lines[topology.line("nodes", 0) - 1]
    assert "write: {" in lines[topology.line("site", "flow", "write", 0, "form", "item") - 1]
    assert topology.line("nodes", 0, "service") == topology.line("nodes", 0)
    assert "from: https://idp.example" in lines[topology.line("site", "cross_site", 0, "from") - 1]
    assert topology.line("nowhere") == 0


def test_ten_mistakes_make_ten_problems(problems: Problems) -> None:
    """All mistakes of a file come at once, in file order, one problem each."""
    assert problems(TEN_MISTAKES) == [
        "3:8: site.url: expected a URL such as https://shop.example.com/",
        (
            "4:9: site.mode: 'stickey' is not one of sticky, replicated, external, client-side, auto; "
            "did you mean 'sticky'?"
        ),
        "5:17: site.idle_timeout: expected a duration such as 90s, 30m, 12h or 14d, found '30'",
        "6:13: site.sources[0]: expected an IP address such as 10.1.0.5 or 2001:db8::5, found '10.0.0.300'",
        "8:53: site.flow.write.form.item: no earlier step extracts {markr}; did you mean 'marker'?",
        "11:5: nodes[0]: unknown key 'stroe'; did you mean 'store'?",
        (
            "12:14: nodes[0].config[0]: expected an existing path, relative to the folder of this file, "
            "found 'missing/server.xml'"
        ),
        (
            "13:17: nodes[0].secret_env: expected the name of an environment variable; "
            "there is none of this name, or it is empty"
        ),
        "14:11: nodes[1].name: 'app1' is the name of another one, in line 10",
        "18:19: stores[0].url: the environment variable NOT_SET is not set",
    ]


def test_the_error_says_file_line_and_column(tmp_path: Path) -> None:
    """The text of the error is one `file:line:column: message` a line."""
    file = tmp_path / "t.yaml"
    file.write_text("site: {url: nowhere}\nnodes: 3\n")
    with pytest.raises(TopologyError) as caught:
        load(file, {})
    assert str(caught.value).splitlines() == [
        f"{file}:1:13: site.url: expected a URL such as https://shop.example.com/",
        f"{file}:2:8: nodes: expected a list, found text",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("nodes: []\n", "1:1: the key 'site' is missing"),
        ("site: {mode: auto}\n", "1:1: site: the key 'url' is missing"),
        ("site:\n  url:\n", "2:7: site.url: expected a value, found nothing"),
        ("site: https://shop.test/\n", "1:7: site: expected keys and values, found text"),
        (SITE + "version: 2\n", "2:10: version: expected 1, found '2'"),
        (SITE + "nodes: {app1: {}}\n", "2:8: nodes: expected a list, found keys and values"),
        (SITE + "nodes: [app1]\n", "2:9: nodes[0]: expected keys and values, found text"),
        (SITE + "nodes:\n  - name: [a]\n", "3:11: nodes[0].name: expected text, found a list"),
        (SITE + "nodes:\n  - {name: a, headers: [x]}\n", "3:24: nodes[0].headers: expected keys and values, found a l"),
        (SITE + "nodes:\n  - {name: a, headers: {Host: }}\n", "3:30: nodes[0].headers.Host: expected text, found noth"),
        (SITE + "nodes:\n  - {name: a, name: b}\n", "3:15: nodes[0]: the key 'name' is given twice, first in line 3"),
        (SITE + "nodes: [{name: a}, {name: a}]\n", "2:27: nodes[1].name: 'a' is the name of another one, in line 2"),
        (SITE + "zebra: 1\n", "2:1: unknown key 'zebra'; expected one of version, symptoms, load_balancers, nodes, "),
        (SITE + "Load-Balancers: []\n", "2:1: unknown key 'Load-Balancers'; did you mean 'load_balancers'?"),
        (SITE + "symptoms: logged-out\n", "2:11: symptoms: 'logged-out' is not one of logged-out-at-random, "),
        (SITE + "dns: {name: https://shop.test/}\n", "2:13: dns.name: expected a host name such as shop.example.com, "),
        (SITE + "dns: {resolvers: ['10.0.0.53:dns']}\n", "2:19: dns.resolvers[0]: expected host:port such as "),
        (SITE + "time: {servers: 'ntp.test:99999'}\n", "2:17: time.servers: expected host:port such as 10.0.0.53:123,"),
        (SITE + "load_balancers: [{name: a, kind: haprox}]\n", "2:34: load_balancers[0].kind: 'haprox' is not one of "),
        (SITE + "load_balancers: [{name: a, behind: b}]\n", "2:36: load_balancers[0].behind: 'b' is not declared; "),
        (SITE + "load_balancers: [{name: []}]\n", "2:25: load_balancers[0].name: expected text, found a list"),
        (SITE + "load_balancers: [{name: a, behind: a}]\n", "2:36: load_balancers[0].behind: this balancer would be "),
        (SITE + "load_balancers: [{name: a, stats: 'ftp://x/'}]\n", "2:35: load_balancers[0].stats: expected a URL su"),
        (SITE + "load_balancers: [{name: a, stats: 'unix:run.sock'}]\n", "2:35: load_balancers[0].stats: expected uni"),
        (SITE + "nodes: [{name: a, store: sesions}]\nstores: [{name: sessions, kind: sql}]\n",
         "2:26: nodes[0].store: 'sesions' is not declared; did you mean 'sessions'?"),
        (SITE + "nodes: [{name: a, jwks: jwks.json}]\n", "2:25: nodes[0].jwks: expected a URL such as "),
        (SITE + "nodes: [{name: a, url: 'http://h:70000/'}]\n", "2:24: nodes[0].url: expected a URL such as "),
        (SITE + "nodes: [{name: a, url: 'http://u:p@h/'}]\n", "2:24: nodes[0].url: expected a URL without user and "),
        (SITE + "nodes: [{name: a, store_url: 'redis.internal'}]\n", "2:30: nodes[0].store_url: expected a URL such a"),
        (SITE + "nodes: [{name: a, headers: {'X Y': z}}]\n", "2:29: nodes[0].headers.(not shown): expected the name o"),
        (SITE + 'nodes: [{name: a, headers: {X: "a\\r\\nb"}}]\n', "2:32: nodes[0].headers.X: expected one line "),
        (SITE + "nodes: [{name: a, key_ring: t.yaml}]\n", "2:29: nodes[0].key_ring: expected a folder; this is a file"),
        (SITE + "nodes: [{name: a, ca: .}]\n", "2:23: nodes[0].ca: expected a file; this is a folder, found '.'"),
        (SITE + "stores: [{name: a, kind: redis, url: 'memcached://h:1'}]\n", "2:38: stores[0].url: expected a scheme"),
        (SITE + "stores: [{name: a, kind: redis, url: ['redis://h', 'redis://:p/w@h']}]\n", "2:52: stores[0].url[1]: "),
        (SITE + "stores: [{name: a, kind: sql, url: 'sqlite://x.db'}]\n", "2:36: stores[0].url: expected sqlite:////"),
        (SITE + "stores: [{name: a, kind: sql, table: 'x; drop'}]\n", "2:38: stores[0].table: expected the name of a "),
        (SITE + "stores: [{name: none, kind: sql}]\n", "2:17: stores[0].name: 'none' stands for no store; expected "),
        (SITE + "site: {}\n", "2:1: the key 'site' is given twice, first in line 1"),
        (SITE + "nodes: !ruby/object:X []\n", "2:8: nodes: expected no tag; tags such as !name are not supported"),
        (SITE + "nodes: [{name: !!binary YQ==}]\n", "2:16: nodes[0].name: expected no tag; "),
        (SITE + "nodes:\n  - &a {name: a}\n  - {<<: *a, url: 'http://h/'}\n", "4:6: nodes[1]: merge keys (<<) are "),
        (SITE + "? [a]\n: b\n", "2:3: expected text as a key"),
        (SITE + 'nodes: [{name: "a\\ud800"}]\n', "2:16: nodes[0].name: expected Unicode text; this has half a "),
        (SITE + 'nodes: [{name: "a\\eb"}]\n', "2:16: nodes[0].name: expected a name of 1 to 100 printable characters"),
    ],
)  # fmt: skip
def test_each_mistake_is_named_where_it_is(problems: Problems, text: str, problem: str) -> None:
    """One mistake is one problem, with its line and column."""
    assert [each.startswith(problem) for each in problems(text)] == [True]


@pytest.mark.parametrize(
    ("flow", "problem"),
    [
        ("read: {path: cart}", "site.flow.read.path: expected a path that starts with one /"),
        ("read: {path: //evil.test/}", "site.flow.read.path: expected a path that starts with one /"),
        ("read: {path: 'https://shop.test/cart'}", "site.flow.read.path: expected a path that starts with one /"),
        ("read: {path: /a, status: 99}", "site.flow.read.status: expected an HTTP status from 100 to 599, found '99'"),
        ("read: {path: /a, status: ok}", "site.flow.read.status: expected a whole number, found text"),
        ("read: {path: /a, method: 'GET /'}", "site.flow.read.method: expected an HTTP method such as GET or POST"),
        ("read: {path: /a, expect_regex: '('}", "site.flow.read.expect_regex: the regular expression does not compile"),
        (f"read: {{path: /a, expect_regex: {'a' * 501}}}", "site.flow.read.expect_regex: expected a regular expressio"),
        ("read: {expect: x}", "site.flow.read: the key 'path' is missing"),
        ("read: [{path: /a}, {path: /b, pth: 1}]", "site.flow.read[1]: unknown key 'pth'; expected one of method, "),
        ("read: {path: /a, extract: {x: {}}}", "site.flow.read.extract.x: expected exactly one of regex, json, header"),
        ("read: {path: /a, extract: {x: {css: b, json: /b}}}", "site.flow.read.extract.x: expected exactly one of reg"),
        ("read: {path: /a, extract: {x: {json: b}}}", "site.flow.read.extract.x.json: expected a JSON pointer"),
        ("read: {path: /a, extract: {x-y: {css: b}}}", "site.flow.read.extract.x-y: expected a name of letters, digit"),
        ("read: {path: /a, extract: {marker: {css: b}}}", "site.flow.read.extract.marker: expected a name of letters"),
        ("write: {path: /a, method: POST, form: {a: b}, json: {a: b}}", "site.flow.write.json: expected either form o"),
        ("write: {path: /a, form: {a: b}}", "site.flow.write.form: a body needs method: POST"),
        ("write: {path: '/{id}'}", "site.flow.write.path: no earlier step extracts {id}"),
        ("write: {path: /a, method: put, json: {a: [{b: '{x} {y}'}]}}", "site.flow.write.json.a[0].b: no earlier step"),
        ("login: [{path: '/{t}'}, {path: /, extract: {t: {css: a}}}]", "site.flow.login[0].path: no earlier step extr"),
        ("login: [{path: /, extract: [t]}, {path: '/{t}'}]", "site.flow.login[0].extract: expected keys and values"),
        ("increment: {path: /a}", "site.flow.increment: the key 'value' is missing"),
        ("increment: {path: /a, value: {}}", "site.flow.increment.value: expected exactly one of regex"),
        ("increment: [{path: /a}]", "site.flow.increment: expected keys and values, found a list"),
        ("node: {header: A, cookie: B}", "site.flow.node: expected exactly one of regex"),
        ("accounts: [{user: a, password: b}, {user: c}]", "site.flow.accounts[1]: the key 'password' is missing"),
        ("write: {path: /a, form: {x: y}, fields: {a: b}, method: POST}", "site.flow.write.fields: fields go on top"),
        ("write: {path: '{actoin}'}", "site.flow.write.path: expected a path that starts with one /"),
        ("websocket: ws://h/", "site.flow.websocket: expected a path that starts with one /"),
    ],
)  # fmt: skip
def test_each_mistake_of_a_flow_is_one_problem(problems: Problems, flow: str, problem: str) -> None:
    """A mistake in a step is named with the step's place and makes no other."""
    found = problems(f"site:\n  url: https://shop.test/\n  flow:\n    {flow}\n")
    assert [each.partition(": ")[2].startswith(problem) for each in found] == [True]


@pytest.mark.parametrize(
    ("pattern", "lacks"),
    [(r"(a)\1", "backreferences, such as \\1"), ("(?=a)", "lookahead and lookbehind, such as (?=...)")],
)
def test_what_a_regular_expression_cannot_have_is_named(problems: Problems, pattern: str, lacks: str) -> None:
    """With its line."""
    (problem,) = problems(f"site:\n  url: https://shop.test/\n  flow:\n    node: {{regex: '{pattern}'}}\n")
    assert problem.startswith("4:19: site.flow.node.regex: the regular expression does not compile")
    assert problem.endswith(f"it is matched in linear time, without {lacks}")


def test_what_an_earlier_step_extracts_may_be_used(loaded: Loaded) -> None:
    """Braces of an earlier step, {marker} and {bytes} are fine; other braces are text."""
    flow = (
        """{login: [{path: /, extract: {t: {css: a}}}, {path: "/{t}/{marker}/{bytes}", expect_regex: 'a{2,3}\\{'}]}"""
    )
    topology = loaded(f"site: {{url: https://shop.test/, flow: {flow}}}")
    assert topology.site.flow.login[1].path == "/{t}/{marker}/{bytes}"


def test_what_login_and_write_extract_every_step_may_use(loaded: Loaded) -> None:
    """A token of the login goes with each request; accounts fill the login; a form is read from its page."""
    flow = """{accounts: [{user: a}],
      login: [{path: /l}, {form: auto, fields: {u: "{user}"}, extract: {jwt: {json: /t}}}],
      write: {path: "{action}", method: POST, form: {x: "{jwt}"}}, logout: {path: "/out/{jwt}"},
      read: {path: /r, headers: {Authorization: "Bearer {jwt}"}}}"""
    site = loaded(f"site: {{url: https://shop.test/, session_header: X-Auth-Token, flow: {flow}}}").site
    assert site.flow.login[1].auto
    assert site.flow.accounts == ({"user": "a"},)
    assert site.session_header == SessionHeader("X-Auth-Token", "X-Auth-Token")


def test_a_typo_in_a_key_is_one_problem_and_hides_no_other(problems: Problems) -> None:
    """What is under a misspelt key is read as what was meant: no missing key, no dangling name, all mistakes inside."""
    text = SITE + "stors: [{nam: s, kind: redi}]\nnodes: [{name: a, store: s}, {name: b, store: t}]\n"
    assert problems(text) == [
        "2:1: unknown key 'stors'; did you mean 'stores'?",
        "2:10: stors[0]: unknown key 'nam'; did you mean 'name'?",
        "2:24: stors[0].kind: 'redi' is not one of redis, memcached, sql, files, hazelcast; did you mean 'redis'?",
        "3:47: nodes[1].store: 't' is not declared; expected one of 's', 'none'",
    ]


def test_a_name_that_is_not_known_makes_no_name_dangle(problems: Problems) -> None:
    """A store whose name could not be read may be the one that nodes mean."""
    text = SITE + "stores: [{name: '${X}', kind: redis}]\nnodes: [{name: a, store: s}]\n"
    assert problems(text) == ["2:18: stores[0].name: the environment variable X is not set"]


def test_balancers_cannot_stand_in_a_circle(problems: Problems) -> None:
    """Each balancer of the circle is behind itself; one in front of the circle's members is not."""
    text = SITE + "load_balancers: [{name: a, behind: b}, {name: b, behind: a}, {name: c, behind: a}]\n"
    assert [each.partition(": ")[2] for each in problems(text)] == [
        "load_balancers[0].behind: this balancer would be behind itself",
        "load_balancers[1].behind: this balancer would be behind itself",
    ]


def test_text_stays_as_written(loaded: Loaded) -> None:
    """Where text is wanted, numbers, dates and words that YAML 1.1 takes for booleans are text."""
    topology = loaded(
        """
site:
  url: https://shop.test/
  session_cookie: on
  flow: {write: {method: post, path: /a, status: "201", form: {pin: 0123, price: 1.10, day: 2026-01-02, t: 1:30}}}
nodes: [{name: 1, route: 01, service: yes}]
"""
    )
    step = topology.site.flow.write[0]
    assert step.form == {"pin": "0123", "price": "1.10", "day": "2026-01-02", "t": "1:30"}
    assert (step.method, step.status, topology.site.session_cookie) == ("POST", 201, "on")
    assert (topology.nodes[0].name, topology.nodes[0].route, topology.nodes[0].service) == ("1", "01", "yes")


def test_a_json_body_has_the_types_of_json(loaded: Loaded) -> None:
    """Only what JSON would read as such is a number, a boolean or null."""
    body = "{a: 1, b: -1.5e3, c: true, d: null, e: 'x', f: '1', g: 0123, h: on, i: [2, ~], j: {k: ${E}}, l: !!str 5}"
    body = body.replace("${E}", '"${E}"')
    topology = loaded(
        f"site: {{url: https://a.test/, flow: {{write: {{path: /, method: POST, json: {body}}}}}}}", E="7"
    )
    assert topology.site.flow.write[0].json == {
        "a": 1, "b": -1500.0, "c": True, "d": None, "e": "x", "f": "1", "g": "0123", "h": "on", "i": [2, None],
        "j": {"k": "7"}, "l": "5",
    }  # fmt: skip


def test_a_list_may_be_written_as_its_only_item(loaded: Loaded) -> None:
    """One URL, one address, one file, one symptom; its line is that of the key."""
    topology = loaded(
        SITE.replace("}", ", resolve: {shop.test: 127.0.0.1}, sources: '::1'}")
        + "symptoms: slow\nnodes: [{name: a, config: t.yaml}]\n"
        + "stores:\n  - name: s\n    kind: redis\n    url: redis://h\n"
    )
    assert topology.site.resolve == {"shop.test": ("127.0.0.1",)}
    assert topology.site.sources == ("::1",)
    assert topology.symptoms == ("slow",)
    assert Path(topology.nodes[0].config[0]).name == "t.yaml"
    assert [url.reveal() for url in topology.stores[0].url] == ["redis://h"]
    assert topology.line("stores", 0, "url", 0) == 7


def test_a_key_that_stands_empty_is_left_out(loaded: Loaded) -> None:
    """A section of which everything is commented out has its default."""
    topology = loaded(SITE + "nodes:\n#  - name: app1\ndns:\nversion: null\n")
    assert (topology.nodes, topology.dns.name, topology.version) == ((), "", 1)


def test_ports_are_added_to_servers(loaded: Loaded) -> None:
    """53 to resolvers and 123 to time servers; IPv6 gets its brackets."""
    topology = loaded(SITE + "dns: {resolvers: [10.0.0.53, '::1', '[::1]:5353']}\ntime: {servers: [ntp.test]}\n")
    assert topology.dns.resolvers == ("10.0.0.53:53", "[::1]:53", "[::1]:5353")
    assert topology.time.servers == ("ntp.test:123",)


@pytest.mark.parametrize(
    ("kind", "url"),
    [
        ("redis", "redis://h"),
        ("redis", "rediss://user:p%40ss@h:6380/1"),
        ("redis", "redis+sentinel://:pw@a:26379,b:26379/main/0"),
        ("redis", "redis+cluster://[::1]:7000,h:7001"),
        ("redis", "unix:/run/redis.sock"),
        ("redis", "unix:///run/redis.sock?db=1"),
        ("memcached", "memcached://h:11211"),
        ("sql", "postgresql://u:p@h/app"),
        ("sql", "mysql://h/app"),
        ("sql", "sqlite:////var/app.db"),
        ("files", "file:///var/lib/php/sessions"),
        ("hazelcast", "http://h:5701/"),
    ],
)
def test_the_documented_store_urls_are_accepted(loaded: Loaded, kind: str, url: str) -> None:
    """Each kind of store with the URLs it has."""
    topology = loaded(SITE + f"stores: [{{name: s, kind: {kind}, url: '{url}'}}]\n")
    assert topology.stores[0].url[0].reveal() == url


def test_paths_of_stores_are_relative_to_the_file(loaded: Loaded, tmp_path: Path) -> None:
    """As all paths of the file are."""
    topology = loaded(
        SITE + "stores: [{name: a, kind: sql, url: 'sqlite:///a.db'}, {name: b, kind: files, url: 'file:b'}]"
    )
    urls = [store.url[0].reveal() for store in topology.stores]
    assert urls == [f"sqlite:///{tmp_path}/a.db", f"file://{tmp_path}/b"]


def test_the_environment_fills_in(loaded: Loaded) -> None:
    """Several references in one text; `$${` is `${` itself; a dollar alone is a dollar."""
    topology = loaded("site: {url: 'https://${A}.${B}/', headers: {X: '$${A} $A $$'}}", A="shop", B="test")
    assert topology.site.url == "https://shop.test/"
    assert topology.site.headers == {"X": "${A} $A $$"}


def test_each_missing_variable_is_reported_where_it_stands(problems: Problems) -> None:
    """Line and column are those of the reference, in every style of YAML text, and there is no second problem."""
    text = """\
site:
  url: https://${A}/${B}/
  headers:
    X: "a ${C}"
    Y: >-
      folded
      and ${D}
    Z: ${E:-default}
"""
    assert problems(text) == [
        "2:16: site.url: the environment variable A is not set",
        "2:21: site.url: the environment variable B is not set",
        "4:11: site.headers.X: the environment variable C is not set",
        "7:11: site.headers.Y: the environment variable D is not set",
        "8:8: site.headers.Z: expected a name in ${NAME}; write $${ for ${ itself",
    ]


@pytest.mark.parametrize(
    ("password", "url"),
    [
        ("a/b?c#d@e:f g[h]", "redis://:a%2Fb%3Fc%23d%40e%3Af%20g%5Bh%5D@h/0"),
        ("already%40encoded", "redis://:already%40encoded@h/0"),
    ],
)
def test_a_password_from_the_environment_cannot_break_its_url(loaded: Loaded, password: str, url: str) -> None:
    """What would end user and password is percent-encoded; a percent sign stays."""
    topology = loaded(SITE + "stores: [{name: s, kind: redis, url: 'redis://:${PW}@h/0'}]\n", PW=password)
    assert topology.stores[0].url[0].reveal() == url


def test_a_whole_url_from_the_environment_is_taken_as_it_is(loaded: Loaded) -> None:
    """Nothing is encoded outside user and password."""
    topology = loaded(SITE + "stores: [{name: s, kind: redis, url: '${URL}'}]\n", URL="redis://:p%40w@h:1/2?x=@")
    assert topology.stores[0].url[0].reveal() == "redis://:p%40w@h:1/2?x=@"


def test_braces_from_the_environment_are_no_placeholders(loaded: Loaded) -> None:
    """A password may have braces; they are not looked up, and not shown."""
    flow = "{login: {path: /, method: POST, form: {password: '${PW}'}}}"
    topology = loaded(f"site: {{url: https://a.test/, flow: {flow}}}", PW="s3{cret}")
    assert topology.site.flow.login[0].form == {"password": "s3{cret}"}


def test_no_message_shows_a_secret(problems: Problems) -> None:
    """Neither values of the environment nor passwords, headers and URLs of the file are in any message."""
    text = """\
site:
  url: htps://user:SECRET-a@shop.test/
  mode: ${SECRET_MODE}
  headers: {Authorization: "Basic SECRET-b\\n", "SECRET c": x}
  sources: ["${SECRET_IP}"]
  ca: ${SECRET_FILE}
  flow:
    login: {path: "${SECRET_PATH}", method: POST, form: {password: [SECRET-d]}, expect_regex: "(?P<${SECRET_RE}"}
nodes:
  - {name: a, headers: "Authorization: SECRET-e", secret_env: SECRET-f, store_url: "redis://:SECRET-g:h@h:x"}
stores:
  - {name: s, kind: redis, url: ["redis://:SECRET/h@h", "mysql://root:SECRET-i@h/"], replicas: {SECRET-j: 1}}
"redis://:SECRET-k@h": 1
"""
    environ = {f"SECRET_{name}": "SECRET value" for name in ("MODE", "IP", "FILE", "PATH", "RE")}
    found = problems(text, **environ)
    quotes_of_references = [each for each in found if "${SECRET_" in each]
    assert len(found) == 16
    assert len(quotes_of_references) == 3
    assert not [each for each in found if "SECRET" in each.replace("${SECRET_", "")]


def test_the_repr_of_a_topology_shows_no_secret(example: Path, environ: dict[str, str]) -> None:
    """Neither environment values nor headers, forms and store URLs."""
    shown = repr(load(example, environ))
    for value in (*environ.values(), "pa%2Fss", "10.0.0.9"):
        assert value not in shown


def test_yaml_mistakes_make_no_password_visible(problems: Problems) -> None:
    """A password that begins with one of YAML's signs is not repeated."""
    for sign in ("*", "!a!", "&x &"):
        (found,) = problems(f"site: {{url: https://a.test/, headers: {{X: {sign}hunter2}}}}\n")
        assert "hunter2" not in found
        assert "not valid YAML" in found


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "1:1: expected keys and values, at least site: {url: https://...}, found nothing"),
        ("- 1\n", "1:1: expected keys and values, at least site: {url: https://...}, found another value"),
        ("site:\n\turl: x\n", "2:1: not valid YAML: found character '\\t' that cannot start any token; indent with "),
        (
            "site: {url: ${X}}\n",
            "1:14: not valid YAML: expected ',' or '}', but got '{'; within { } and [ ], put quotes ",
        ),
        ("site: {}\n---\nsite: {}\n", "2:1: not valid YAML: but found another document"),
        ("site:\n  url: \0\n", "2:8: a control character; YAML is printable text"),
        ('site: "\\UFFFFFFFF"\n', "1:1: not valid YAML: an escape or a version number is out of range"),
    ],
)
def test_what_is_not_yaml_is_one_problem(problems: Problems, text: str, problem: str) -> None:
    """The first mistake of syntax, where it is."""
    (found,) = problems(text)
    assert found.startswith(problem)


BOMB = "a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{chr(ord(name) - 1)}'] * 9)}]\n" for name in "bcdefghi"
)
MERGE_BOMB = "a: &a {k: 1}\n" + "".join(
    f"{name}: &{name} {{<<: [{', '.join([f'*{chr(ord(name) - 1)}'] * 9)}], {name}: 1}}\n" for name in "bcdefghi"
)
BODY = "site:\n  url: https://a.test/\n  flow:\n    grow:\n      path: /\n      method: POST\n      json:\n"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (BODY + indent(BOMB, " " * 8), "aliases make more than 10000 values here"),
        (BODY + indent(MERGE_BOMB, " " * 8), "merge keys (<<) are not supported"),
        (BODY + "        a: &a [*a]\n", "aliases nest more than 30 deep here"),
        ("site: " + "[" * 20_000, "nested more than 30 deep"),
        ("site: " + "{a: " * 20_000, "nested more than 30 deep"),
        ("- " * 20_000, "nested more than 30 deep"),
    ],
    ids=["aliases", "merge keys", "an alias of itself", "flow lists", "flow mappings", "block lists"],
)
@pytest.mark.timeout(20)
def test_bombs_are_refused_at_once(problems: Problems, text: str, problem: str) -> None:
    """Work is bounded by a budget of values and of depth, not by what the text would become."""
    assert problem in problems(text)[0]


def test_any_damage_makes_a_topology_or_problems(example: Path, environ: dict[str, str]) -> None:
    """Nothing but our own errors comes out, in printable words, with a place, and without a secret."""
    source, dice = example.read_text(), random.Random(1)
    for _ in range(120):
        at, length = dice.randrange(len(source)), dice.choice([0, 0, 1, 5, 20])
        damage = dice.choice(
            ["&a ", "*a", "!!int ", "<<: ", "{", "]", ": ", "- ", "\n", "'", "${", "|", "\\U", "\x85", "\0"]
        )
        example.write_text(source[:at] + damage + source[at + length :])
        for each in problems_of(example, environ):
            assert each.line > 0
            assert each.column > 0
            assert each.message.isprintable()
            assert not [value for value in environ.values() if len(value) > 5 and value in each.message]


def problems_of(file: Path, environ: dict[str, str]) -> tuple[Mistake, ...]:
    """The problems of a file that may have none."""
    try:
        load(file, environ)
    except TopologyError as error:
        return error.problems
    return ()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"#" * (1024 * 1024 + 1), "1:1: larger than 1024 KiB"),
        (b"site:\n  url: \xff\n", "2:8: not UTF-8 text"),
        (b"a:\n" + b"- 1\n" * 10_001, "2:1: more than 10000 values in the file; here is one too many"),
    ],
)
def test_files_that_are_no_topology_are_refused(tmp_path: Path, content: bytes, message: str) -> None:
    """Too large, not text, too many values: before anything is made of them."""
    file = tmp_path / "t.yaml"
    file.write_bytes(content)
    with pytest.raises(TopologyError) as caught:
        load(file, {})
    assert str(caught.value) == f"{file}:{message}"


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    """Editors on Windows write one."""
    file = tmp_path / "t.yaml"
    file.write_bytes(b"\xef\xbb\xbf" + SITE.encode())
    assert load(str(file), {}).line("site") == 1


def test_a_file_that_cannot_be_read_is_a_usage_error(tmp_path: Path) -> None:
    """Missing file or folder: said with the system's reason."""
    with pytest.raises(UsageError, match=r"none\.yaml: cannot be read: No such file or directory"):
        load(tmp_path / "none.yaml", {})
    with pytest.raises(UsageError, match="cannot be read: Is a directory"):
        load(tmp_path, {})


def test_copies_of_an_alias_share_one_problem(problems: Problems) -> None:
    """A mistake that is written once is reported once, however often it is used."""
    text = SITE + "nodes:\n  - {name: a, headers: &h {X: [1]}}\n  - {name: b, headers: *h}\n"
    assert problems(text) == ["3:31: nodes[0].headers.X: expected text, found a list"]


def test_aliases_serve_for_what_is_the_same(loaded: Loaded) -> None:
    """An anchor is a way to write headers once."""
    topology = loaded(SITE + "nodes:\n  - {name: a, headers: &h {Host: shop}}\n  - {name: b, headers: *h}\n")
    assert topology.nodes[1].headers == {"Host": "shop"}


@pytest.mark.parametrize(("written", "read"), [("1.1", "1.1"), ("2", "2"), ('"2"', "2"), ('"1.1"', "1.1")])
def test_a_version_of_http_looks_like_a_number(loaded: Loaded, written: str, read: str) -> None:
    """And YAML takes it for one."""
    assert loaded(f"site: {{url: https://shop.test/, http: {written}}}\n").site.http == read


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("http: 3", "is not one of 1.1, 2"),
        ("http: true", "is not one of 1.1, 2"),
        ("proxy: ftp://me:SECRET@proxy", "expected a URL such as http://proxy:3128"),
        ("proxy: proxy", "expected a URL such as http://proxy:3128"),
        ("insecure: maybe", "expected"),
        ("client_cert: none.pem", "expected an existing"),
    ],
)
def test_how_to_connect_is_checked(problems: Problems, key: str, why: str) -> None:
    """At its line, and without a password."""
    (problem,) = problems(f"site:\n  url: https://shop.test/\n  {key}\n")
    assert problem.startswith("3:")
    assert why in problem
    assert "SECRET" not in problem


def test_a_key_needs_its_certificate(problems: Problems, tmp_path: Path) -> None:
    """Alone it says nothing."""
    (tmp_path / "k.pem").touch()
    (problem,) = problems("site:\n  url: https://shop.test/\n  client_key: k.pem\n")
    assert "declare site.client_cert, too" in problem


def test_an_emoji_as_json_writes_it(tmp_path: Path) -> None:
    """Two escapes, one character; half a one is a mistake with its place."""
    file = tmp_path / "t.json"
    file.write_text(json.dumps({"site": {"url": "https://shop.test/"}, "nodes": [{"name": "node \U0001f600"}]}))
    assert load(file, {}).nodes[0].name == "node \U0001f600"
    file.write_text(file.read_text().replace("\\ude00", ""))
    with pytest.raises(TopologyError, match="half a character"):
        load(file, {})


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a pipe")
def test_a_pipe_is_no_file_of_authorities(tmp_path: Path) -> None:
    """Reading it would wait for ever."""
    os.mkfifo(tmp_path / "ca.pem")
    file = tmp_path / "t.yaml"
    file.write_text("site: {url: https://shop.test/, ca: ca.pem}\n")
    with pytest.raises(TopologyError, match="this is a pipe or a device"):
        load(file, {})


def test_workers_of_a_node_are_counted(loaded: Loaded) -> None:
    """A node of which nothing is said is one process."""
    topology = loaded("site: {url: https://shop.test/}\nnodes: [{name: a, workers: 4}, {name: b}]\n")
    assert (topology.nodes[0].workers, topology.nodes[1].workers, topology.processes) == (4, None, 5)
    with pytest.raises(TopologyError, match="expected a number of processes from 1 to 1024"):
        loaded("site: {url: https://shop.test/}\nnodes: [{name: a, workers: 0}]\n")

"""Which hosts and files a topology names; nothing that it can name is left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from sessiondoctor.topology.loader import load
from sessiondoctor.topology.reach import files_in, hosts_in

WHOLE = """
version: 1
site:
  url: https://a.test/
  urls: [https://b.test/]
  proxy: socks5://u:p@c.test:1080
  resolve: {a.test: [192.0.2.4, "2001:db8::4"]}
  ca: f1
  client_cert: f2
  client_key: f3
  config: [f4]
load_balancers:
  - {name: one, kind: haproxy, url: "https://d.test/", stats: "http://u:p@e.test:9000/", runtime: "tcp://192.0.2.5:9999",
     config: [f5], logs: [f6]}
  - {name: two, kind: haproxy, stats: "unix:FOLDER/f7", runtime: "unix:FOLDER/f8"}
nodes:
  - {name: app1, url: "http://[2001:db8::6]/", jwks: "https://g.test/k", ntp: "192.0.2.7:123", ca: f9, key_ring: ring,
     config: [f10], logs: [f11], store_url: "sqlite:////FOLDER/f12?x=1",
     management: {kind: jolokia, url: "http://u:p@H.test:8778/jolokia"}}
stores:
  - {name: folder, kind: files, url: "file://FOLDER/ring"}
  - {name: cache, kind: redis, url: "redis://i.test/", replicas: ["unix:FOLDER/f13"], config: [f14]}
dns: {name: a.test, resolvers: ["192.0.2.8:53", "2001:db8::9"]}
time: {servers: ["j.test:123"]}
"""
HOSTS = {*(f"{letter}.test" for letter in "abcdeghj"), *(f"192.0.2.{number}" for number in (4, 5, 7, 8))}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With the files."""
    for number in range(1, 15):
        (tmp_path / f"f{number}").write_text("")
    (tmp_path / "ring").mkdir()
    return tmp_path


def test_all_that_is_named(folder: Path) -> None:
    """Stores' hosts are theirs."""
    file = folder / "sessiondoctor.yaml"
    file.write_text(WHOLE.replace("FOLDER", str(folder)).replace("sqlite://///", "sqlite:////"))
    topology = load(file, {})
    assert hosts_in(topology) == {*HOSTS, *(f"2001:db8::{number}" for number in (4, 6, 9))}
    assert sorted(map(Path, files_in(topology))) == sorted([folder / "ring", *(folder / f"f{n}" for n in range(1, 15))])

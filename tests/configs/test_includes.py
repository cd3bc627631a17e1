"""Files that include others: read in their place, bounded, and never outside of the given folder."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from sessiondoctor.configs import includes
from sessiondoctor.configs.files import read_files
from tests.configs.build import fingerprint

if TYPE_CHECKING:
    from pathlib import Path

    from sessiondoctor.evidence.configs.files import Configs

MAIN = "http {\n  include /etc/nginx/conf.d/*.conf;\n  upstream app { include servers.inc; }\n}\n"
SITE = "server {\n  listen 443 ssl;\n  location / { include proxy_params; proxy_pass http://app; }\n}\n"
PARAMS = "proxy_set_header Host $host;\nproxy_set_header X-Forwarded-Proto $scheme;\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An nginx as a package installs it."""
    monkeypatch.chdir(tmp_path)
    nginx = tmp_path / "nginx"
    (nginx / "conf.d").mkdir(parents=True)
    (nginx / "nginx.conf").write_text(MAIN)
    (nginx / "conf.d" / "shop.conf").write_text(SITE)
    (nginx / "servers.inc").write_text("ip_hash;\nserver 10.0.0.1;\nserver 10.0.0.2;\n")
    (nginx / "proxy_params").write_text(PARAMS)
    return nginx


def read(*files: Path) -> Configs:
    """The facts of files by the names that a user writes."""
    return read_files([("edge", file) for file in files], fingerprint)


def test_what_is_included_stands_in_its_place(folder: Path) -> None:
    """With the file and line where it stands; what surrounds it holds for it."""
    found = read(folder / "nginx.conf")
    (proxy,) = found.proxies
    assert proxy.tls
    assert proxy.header("x-forwarded-proto")
    assert proxy.whole
    assert (proxy.at.file, proxy.at.line, proxy.at.column) == (str(folder / "conf.d" / "shop.conf"), 3, 38)
    assert proxy.headers[1].at.file == str(folder / "proxy_params")
    (pool,) = found.pools
    assert [server.at.line for server in pool.servers if server.at] == [2, 3]
    assert (found.affinities[0].at.file, found.affinities[0].at.line) == (str(folder / "servers.inc"), 1)


def test_a_file_that_another_includes_is_read_once(folder: Path) -> None:
    """However many of them are given."""
    found = read(folder / "conf.d" / "shop.conf", folder / "nginx.conf", folder / "proxy_params")
    assert len(found.proxies) == 1
    assert len(found.pools) == 1


def test_apache(tmp_path: Path) -> None:
    """Include and IncludeOptional."""
    (tmp_path / "httpd.conf").write_text(
        "<VirtualHost *:80>\nIncludeOptional sites/*.conf\n</VirtualHost>\nProxyPass /x http://x/\n"
    )
    (tmp_path / "sites").mkdir()
    (tmp_path / "sites" / "a.conf").write_text("ServerName shop.test\nProxyPass / http://10.0.0.1/\n")
    found = read(tmp_path / "httpd.conf")
    shop = next(proxy for proxy in found.proxies if proxy.at.file.endswith("a.conf"))
    assert (shop.at.line, shop.host) == (2, "shop.test")


@pytest.mark.parametrize(
    "pattern", ["../secret.conf", "/etc/passwd", "link.conf", "outside/*.conf", "**/../../*", "[", "/"]
)
def test_nothing_outside_of_the_folder_is_read(folder: Path, pattern: str) -> None:
    """Not by a path, a link, or a pattern."""
    (folder.parent / "secret.conf").write_text("upstream secret { server 10.9.9.9; ip_hash; }\n")
    (folder / "link.conf").symlink_to(folder.parent / "secret.conf")
    (folder / "outside").symlink_to(folder.parent)
    (folder / "nginx.conf").write_text(f"include {pattern};\nupstream app {{ server 10.0.0.1; }}\n")
    assert [pool.name for pool in read(folder / "nginx.conf").pools] == ["app"]


def test_loops_and_floods_end(folder: Path) -> None:
    """A file that includes itself, and one that includes everything many times."""
    began = time.process_time()
    (folder / "nginx.conf").write_text("http {\n" + "include loop.conf;\n" * 500)
    (folder / "loop.conf").write_text(
        "upstream a { server b; }\ninclude nginx.conf;\ninclude loop.conf;\ninclude big.conf;\n"
    )
    (folder / "big.conf").write_text("# x\n" * 200_000)
    assert read(folder / "nginx.conf").pools
    assert time.process_time() - began < 5
    assert includes.MOST_FILES <= 200


def test_what_is_not_found_stays_an_include(folder: Path) -> None:
    """So that nobody believes that the block was seen whole."""
    (folder / "nginx.conf").write_text(
        "server {\n listen 80;\n include missing/*.conf;\n location / { proxy_pass http://a; }\n}\n"
    )
    (proxy,) = read(folder / "nginx.conf").proxies
    assert not proxy.whole

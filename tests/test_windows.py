"""What Windows lacks is taken away: everything still loads, files are judged, a site is scanned.

This is no Windows; it shows that no name is needed that is not there.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.fakes.silent_peers import answering

ROOT = Path(__file__).parents[1]
WITHOUT = """
import asyncio, os, signal, socket, sys
sys.path[:0] = [{root!r}]
# Libraries that look at the system first, so that only our own names are put to the test.
import concurrent.futures.process, httpx, logging.handlers, redis, redis.asyncio, subprocess, urllib.request
pair, unix = socket.socketpair, socket.AF_UNIX
socket.socketpair = lambda *_: pair(unix)  # Windows makes one of TCP
for module, names in (
    (os, "O_NOFOLLOW O_NONBLOCK O_CLOEXEC O_DIRECTORY fchmod getuid geteuid getpgid killpg setsid mkfifo fork uname"),
    (socket, "AF_UNIX"),
    (signal, "SIGKILL SIGHUP SIGUSR1 SIGALRM alarm setitimer"),
    (asyncio, "open_unix_connection start_unix_server"),
):
    for name in names.split():
        if hasattr(module, name):
            delattr(module, name)
"""
LOAD = """
import importlib
from pathlib import Path
package = Path({root!r}) / "sessiondoctor"
names = sorted(".".join(p.relative_to({root!r}).with_suffix("").parts) for p in package.rglob("*.py"))
for name in names:
    if name not in ("sessiondoctor.__main__",):
        importlib.import_module(name.removesuffix(".__init__"))
from sessiondoctor.catalogue.check_files import builtin
from sessiondoctor.catalogue.loader import Catalogue
print(len(names), len(Catalogue((builtin(),)).checks))
"""
RUN = """
from sessiondoctor.cli import main
sys.argv = ["sessiondoctor", *{words!r}]
main()
"""


def without(program: str, **words: object) -> subprocess.CompletedProcess[str]:
    """Runs a program where these names are missing."""
    text = (WITHOUT + program).format(root=str(ROOT), **words)
    return subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=False, timeout=150)


def test_everything_loads() -> None:
    """Each module of the package, each check."""
    done = without(LOAD)
    assert done.returncode == 0, done.stderr[-2000:]
    modules, checks = map(int, done.stdout.split())
    assert modules > 300
    assert checks > 150


def test_files_are_judged(tmp_path: Path) -> None:
    """And the report is written as a file."""
    file, out = tmp_path / "nginx.conf", tmp_path / "report.json"
    file.write_text("upstream app { server a:80; server b:80; }\nserver { location / { proxy_pass http://app; } }\n")
    done = without(RUN, words=["judge", str(file), "--symptom", "logged-out-at-random", "-o", str(out)])
    assert done.returncode == 1, done.stderr[-2000:]
    assert "lb-no-affinity" in out.read_text()


def test_a_site_is_scanned(tmp_path: Path) -> None:
    """Its socket of statistics is not there, and that is said."""
    with answering(b"HTTP/1.1 200 OK\r\nSet-Cookie: SID=31d4; Path=/\r\nContent-Length: 0\r\n\r\n") as port:
        file = tmp_path / "sessiondoctor.yaml"
        file.write_text(
            f"version: 1\nsite: {{url: 'http://127.0.0.1:{port}/'}}\n"
            "load_balancers: [{name: edge, kind: haproxy, stats: 'unix:/run/no/haproxy.sock'}]\n"
            "stores: [{name: sessions, kind: files, url: 'file:///no/such/folder'}]\n"
        )
        done = without(RUN, words=["scan", str(file), "--requests", "4", "--deadline", "30", "-q"])
    assert done.returncode in {1, 3}, done.stderr[-2000:]
    assert "this is a bug" not in done.stderr
    assert "haproxy.sock" in done.stdout

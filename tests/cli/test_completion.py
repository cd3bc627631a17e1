"""Completion: what the functions offer, and what Tab does in real shells after `--install-completion`."""

from __future__ import annotations

import os
import pty
import re
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sessiondoctor.cli import completion
from sessiondoctor.report import FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterator

OFFERS = [
    ("explain signing-sec", ["signing-secret-mismatch"]),
    ("check cookie-secure-over", ["cookie-secure-over-http"]),
    ("check serializati", ["serialization"]),
    ("scan --symptom login-l", ["login-loop"]),
    ("scan -f jun", ["junit"]),
    ("judge --as haproxy-sta", ["haproxy-stat"]),
    ("explai", ["explain"]),
]
PROGRAM = str(Path(sys.executable).parent / "sessiondoctor")
ESCAPE = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07]*\x07|[()][A-Z0-9]|[=>])")


def offered(words: str) -> list[str]:
    """What bash is told when these words are completed."""
    wanted = {
        "_SESSIONDOCTOR_COMPLETE": "complete_bash",
        "COMP_WORDS": f"sessiondoctor {words}",
        "COMP_CWORD": str(len(words.split())),
    }
    done = subprocess.run(
        [PROGRAM], env={**os.environ, **wanted}, capture_output=True, text=True, check=True, timeout=60
    )
    return done.stdout.split()


@pytest.mark.parametrize(("words", "expected"), [OFFERS[0], OFFERS[3]])
def test_the_program_offers(words: str, expected: list[str]) -> None:
    """Through its own command line."""
    assert offered(words) == expected


def test_everything_that_has_a_name_is_offered() -> None:
    """Ids, families, formats, symptoms; and nothing that does not begin so."""
    assert {"keys", "cookie-flags-missing"} <= {*completion.checks("")}
    assert {"signing-secret-mismatch", "cookie-flags-missing", "grafana"} <= {*completion.pages("")}
    assert completion.formats("") == [*FORMATS]
    assert completion.symptoms("csrf") == ["csrf-error"]
    assert "none" in completion.faults("")
    assert "haproxy" in completion.kinds_of_files("h")
    assert completion.pages("no-such") == []


class Shell:
    """A shell at a terminal, with a home of its own; what it shows is read as it comes."""

    def __init__(self, words: list[str], home: Path) -> None:
        self._pid, self._terminal = pty.fork()
        if not self._pid:
            os.chdir(home)
            found = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
            environment = {"HOME": str(home), "PATH": found, "TERM": "xterm", "LANG": "C.UTF-8", "PS1": "$ "}
            os.execvpe(words[0], words, environment)
        self.shown = ""

    def write(self, text: str) -> None:
        """Presses these keys."""
        os.write(self._terminal, text.encode())

    def read_until(self, pattern: str, seconds: float = 40) -> bool:
        """Whether this is shown in time, after what was matched before."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if found := re.search(pattern, ESCAPE.sub("", self.shown)):
                self.shown = ESCAPE.sub("", self.shown)[found.end() :]
                return True
            if select.select([self._terminal], [], [], 0.2)[0]:
                try:
                    self.shown += os.read(self._terminal, 65536).decode(errors="replace")
                except OSError:
                    break
        return False

    def close(self) -> None:
        """Hangs up."""
        os.close(self._terminal)
        os.waitpid(self._pid, 0)


@pytest.fixture(params=["bash", "zsh"])
def shell(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Shell]:
    """A shell in which completion was installed, and which was started anew."""
    name: str = request.param
    assert shutil.which(name), f"apt-get install {name}"
    (tmp_path / ".zshrc").write_text("unsetopt beep\n")
    words = [name, "--norc", "-i"] if name == "bash" else [name, "-i"]
    opened = Shell(words, tmp_path)
    opened.write("sessiondoctor --install-completion\n")
    assert opened.read_until("completion installed"), opened.shown
    opened.write(f"exec {name} -i\n")
    opened.write("echo rea''dy\n")
    assert opened.read_until(r"[\r\n]ready"), opened.shown
    yield opened
    opened.close()


@pytest.mark.thorough
def test_tab_completes_in_real_shells(shell: Shell) -> None:
    """Ids, families, symptoms, formats and commands."""
    shell.write("sessiondoctor \t\x15")  # in zsh the first Tab only loads the function
    for words, (expected,) in OFFERS:
        shell.write(f"sessiondoctor {words}\t")
        rest = expected.removeprefix(words.split()[-1])
        assert shell.read_until(re.escape(words.split()[-1] + rest)), (words, shell.shown)
        shell.write("\x15")  # begins the line anew


@pytest.mark.thorough
def test_tab_completes_in_a_real_fish(tmp_path: Path) -> None:
    """Its own command says what Tab would offer."""
    assert shutil.which("fish"), "apt-get install fish"
    found = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {"HOME": str(tmp_path), "PATH": found, "TERM": "xterm", "LANG": "C.UTF-8"}

    def run(command: str) -> str:
        done = subprocess.run(
            ["fish", "-c", command], env=environment, capture_output=True, text=True, check=True, timeout=60
        )
        return done.stdout

    assert "completion installed" in run("sessiondoctor --install-completion")
    for words, expected in OFFERS:
        assert [
            line.split("\t")[0] for line in run(f"complete -C 'sessiondoctor {words}'").split("\n") if line
        ] == expected

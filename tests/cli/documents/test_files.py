"""Reports as files: whole or not at all, private, and never lost."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from sessiondoctor.cli.documents import files
from sessiondoctor.cli.documents.files import replace, writable
from sessiondoctor.errors import OutputError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Ended

    Cli = Callable[..., Ended]

KILLED = """
import os, sys
from pathlib import Path
from sessiondoctor.cli.documents import files
real = files.os.fsync
files.os.fsync = lambda number: (real(number), os._exit(9))
files.replace(Path(sys.argv[1]), b"new" * 1000)
"""


def failing(number: int) -> Callable[..., Any]:
    """A system call that fails so."""

    def fail(*_words: object, **_more: object) -> Any:
        raise OSError(number, os.strerror(number))

    return fail


@pytest.fixture(autouse=True)
def elsewhere(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where reports go that cannot be written."""
    folder = tmp_path_factory.mktemp("elsewhere")
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_a_new_file_is_for_its_owner(tmp_path: Path) -> None:
    """Whatever the umask says; an old one keeps its mode."""
    old, new = tmp_path / "old", tmp_path / "new"
    old.touch(mode=0o604)
    old.chmod(0o604)
    for file in (old, new):
        replace(file, b"x")
    assert [stat.S_IMODE(file.stat().st_mode) for file in (old, new)] == [0o604, 0o600]


def test_what_a_killed_run_left_is_removed_by_the_next(tmp_path: Path) -> None:
    """The old file stands until then, and nothing is beside the new one."""
    file = tmp_path / "r.json"
    file.write_bytes(b"old")
    for _ in range(3):
        assert subprocess.run([sys.executable, "-c", KILLED, file], check=False, timeout=30).returncode == 9
    assert file.read_bytes() == b"old"
    assert len(list(tmp_path.iterdir())) > 1
    replace(file, b"newer")
    assert file.read_bytes() == b"newer"
    assert list(tmp_path.iterdir()) == [file]


def test_a_stray_of_the_same_process_number_is_no_obstacle(tmp_path: Path) -> None:
    """Containers give everybody number 1."""
    file = tmp_path / "r.json"
    stray = tmp_path / f"{files._prefix(file)}{os.getpid()}"
    stray.write_bytes(b"half")
    replace(file, b"whole")
    assert list(tmp_path.iterdir()) == [file]


def test_another_run_that_is_writing_is_left_alone(tmp_path: Path) -> None:
    """Its process exists."""
    file = tmp_path / "r.json"
    other = tmp_path / f"{files._prefix(file)}{os.getppid()}"
    other.write_bytes(b"half")
    replace(file, b"whole")
    assert other.exists()


@pytest.mark.parametrize("number", [errno.EBUSY, errno.EXDEV, errno.EPERM])
def test_what_cannot_be_replaced_is_written_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """A bind mount, such as a file of a container."""
    file = tmp_path / "r.json"
    file.write_bytes(b"much longer than what comes")
    monkeypatch.setattr(Path, "replace", failing(number))
    replace(file, b"new")
    assert file.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize("number", [errno.EACCES, errno.EROFS])
def test_a_file_in_a_folder_that_is_read_only_is_written_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """No new file can be made beside it."""
    file = tmp_path / "r.json"
    file.write_bytes(b"much longer than what comes")
    monkeypatch.setattr(os, "open", failing(number))
    replace(file, b"new")
    assert file.read_bytes() == b"new"


def test_a_full_disk_keeps_the_old_file_and_the_new_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, elsewhere: Path
) -> None:
    """The old one is not written over; the message says where the new one is."""
    file = tmp_path / "r.json"
    file.write_bytes(b"old")
    monkeypatch.setattr(os, "fsync", failing(errno.ENOSPC))
    with pytest.raises(OutputError, match=r"No space left on device; it is in .*\.json"):
        replace(file, b"new")
    assert (file.read_bytes(), list(tmp_path.iterdir())) == (b"old", [file])
    (kept,) = elsewhere.iterdir()
    assert kept.read_bytes() == b"new"


def test_a_folder_that_is_gone_meanwhile(tmp_path: Path, elsewhere: Path) -> None:
    """Nothing is lost."""
    with pytest.raises(OutputError, match="No such file or directory; it is in"):
        replace(tmp_path / "gone" / "r.json", b"new")
    assert [kept.read_bytes() for kept in elsewhere.iterdir()] == [b"new"]


def test_the_longest_name_that_there_is(tmp_path: Path) -> None:
    """What is written beside it has a short one."""
    file = tmp_path / ("x" * 250 + ".json")
    replace(file, b"x")
    assert file.read_bytes() == b"x"


def test_no_link_is_followed_where_others_may_put_one(tmp_path: Path) -> None:
    """In /tmp a link may lead to any file of ours; elsewhere it is the user's own."""
    victim, shared = tmp_path / "victim", tmp_path / "shared"
    victim.write_bytes(b"precious")
    shared.mkdir()
    shared.chmod(0o1777)
    (shared / "r.json").symlink_to(victim)
    replace(shared / "r.json", b"report")
    assert victim.read_bytes() == b"precious"
    assert not (shared / "r.json").is_symlink()
    assert (shared / "r.json").read_bytes() == b"report"


@pytest.mark.skipif(os.geteuid() != 0, reason="needs another user")
def test_a_folder_that_may_not_be_entered(tmp_path: Path) -> None:
    """Said before the scan, in one line."""
    folder = tmp_path / "private"
    folder.mkdir(mode=0o700)
    program = f"import os; os.setuid(65534); from pathlib import Path; from sessiondoctor.cli.documents.files import _trouble; print(_trouble(Path({str(folder / 'r.json')!r})))"  # noqa: E501
    tmp_path.chmod(0o711)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=30)
    if done.returncode == 0:  # else Python itself is out of reach of that user
        assert done.stdout.strip() in {"Permission denied", "no right to write it"}


def test_a_path_that_is_none(tmp_path: Path) -> None:
    """A zero byte, a name that is too long."""
    for name in ("a\0b", "x" * 300):
        with pytest.raises(UsageError, match="cannot write the report"):
            writable(tmp_path / name / "r.json")


SHELL = "exec {python} -m sessiondoctor schema report {more}"


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("schema report >/dev/full", 4),
        ("--version >/dev/full", 4),
        ("--help >/dev/full", 4),
        ("schema report >&-", 4),
        ("--version >&-", 4),
        ("scan nothing-like-this 2>/dev/full", 2),
        ("scan nothing-like-this 2>&-", 2),
        ("scan --no-such-option 2>&-", 2),
        ("schema report >&- 2>&-", 4),
        ("report /nowhere/r.json", 2),
        ("schema report | head -1 >/dev/null", 0),
    ],
)
def test_ordinary_mistakes_of_a_shell(words: str, code: int) -> None:
    """One line at most, never "this is a bug"; 1 means a fault and nothing else."""
    command = f"set -o pipefail; {sys.executable} -m sessiondoctor {words}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr
    assert "bug" not in done.stderr
    assert len(done.stderr.splitlines()) <= 1 or "Usage" in done.stderr


def test_one_output_that_fails_does_not_keep_the_others_back(cli: Cli, tmp_path: Path, elsewhere: Path) -> None:
    """The exit code says that one did."""
    from sessiondoctor.report import Style, render
    from tests.fakes.reports import a_report

    (tmp_path / "old.json").write_text(render(a_report(), "json", Style()))
    (tmp_path / "full").symlink_to("/dev/full")
    ended = cli("report", "old.json", "-f", "html=full", "-f", "markdown=b.md", "-f", "json")
    assert ended.code == 4
    assert "No space left on device" in ended.err
    assert (tmp_path / "b.md").read_text().startswith("#")
    assert ended.out.startswith("{")
    assert [kept.suffix for kept in elsewhere.iterdir()] == [""]

from __future__ import annotations

import base64
import os
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import pytest

from sessiondoctor.errors import TopologyError, UsageError
from sessiondoctor.topology.target import read_target

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def refusal(text: str | None) -> str:
    """What is said of a target that is none."""
    with pytest.raises(UsageError) as caught:
        read_target(text, {})
    assert not isinstance(caught.value, TopologyError)
    return str(caught.value)


def test_a_url_is_a_site() -> None:
    """Nothing else is known; there is no file."""
    topology = read_target("https://shop.test/app/", {})
    assert (topology.site.url, topology.site.headers, topology.file) == ("https://shop.test/app/", {}, "")


def test_user_and_password_of_a_url_become_a_header() -> None:
    """The URL can be shown; percent-encoding is undone as RFC 7617 wants."""
    topology = read_target("https://ada:p%40ss:w@shop.test/app?x=@y", {})
    assert topology.site.url == "https://shop.test/app?x=@y"
    assert topology.site.headers == {"Authorization": "Basic " + base64.b64encode(b"ada:p@ss:w").decode()}
    assert "p@ss" not in repr(topology)
    assert "Basic" not in repr(topology)


def test_an_at_sign_in_the_path_is_no_user() -> None:
    """Only what stands before the first slash is."""
    assert read_target("https://shop.test/@ada", {}).site.url == "https://shop.test/@ada"


@pytest.mark.parametrize("url", ["ftp://u:hunter2@h/", "https://", "https://u:hunter2@", "http://h:x/", "https://a b/"])
def test_other_urls_are_refused_without_showing_them(url: str) -> None:
    """No URL that can be opened: said without its password."""
    message = refusal(url)
    assert "no URL that can be opened" in message
    assert "hunter2" not in message


def test_a_file_is_loaded(here: Path) -> None:
    """By any name."""
    (here / "shop.example.com").write_text("site: {url: https://shop.test/}")
    topology = read_target("shop.example.com", {})
    assert (topology.site.url, topology.file) == ("https://shop.test/", "shop.example.com")


def test_a_pipe_is_as_good_as_a_file(tmp_path: Path) -> None:
    """So that a topology may come from another command."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_text, args=("site: {url: https://shop.test/}",))
    writer.start()
    assert read_target(str(pipe), {}).site.url == "https://shop.test/"
    writer.join()


def test_no_target_means_the_default_file(here: Path) -> None:
    """`./sessiondoctor.yaml`, with the environment."""
    (here / "sessiondoctor.yaml").write_text("site: {url: '${URL}'}")
    assert read_target(None, {"URL": "https://shop.test/"}).site.url == "https://shop.test/"


def test_no_target_and_no_file_says_what_to_write(here: Path) -> None:
    """With a file that is nearly it."""
    assert "`sessiondoctor scan https://shop.example.com/`" in refusal(None)
    (here / "sessiondoctor.yml").touch()
    assert "did you mean sessiondoctor.yml?" in refusal(None)


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("shop.example.com", "write https://shop.example.com/"),
        ("shop.example.com:8443/app", "write https://shop.example.com:8443/app"),
        ("localhost:8080", "write http://localhost:8080/"),
        ("127.0.0.1:8080/x", "write http://127.0.0.1:8080/x"),
    ],
)
def test_a_host_is_answered_with_its_url(here: Path, text: str, advice: str) -> None:
    """Unless a file has that name."""
    assert here.exists()
    assert refusal(text) == f"{text!r} is no file; for a URL, " + advice


def test_a_file_that_is_not_there_is_answered_with_one_that_is(here: Path) -> None:
    """In the folder that was named."""
    (here / "conf").mkdir()
    (here / "conf" / "topology.yaml").touch()
    assert "did you mean conf/topology.yaml?" in refusal("conf/toplogy.yaml")
    assert refusal("conf").startswith("'conf' is a folder")
    assert "hunter2" not in refusal("user:hunter2@shop.test/")
    assert "is no file and no URL" in refusal("\0")
    assert "is no file and no URL" in refusal("x" * 5000)


def test_a_url_costs_no_yaml_and_no_validation() -> None:
    """A scan of a URL starts without them."""
    code = (
        "import sys; from sessiondoctor.topology.target import read_target; read_target('https://a.test/', {});"
        "print([name for name in ('yaml', 'pydantic', 'pydantic_core', 'rich', 'httpx') if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"

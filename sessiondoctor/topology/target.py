"""The TARGET of the command line: a URL, a topology file, or nothing for `./sessiondoctor.yaml`.

A URL must not cost the start-up time of YAML and validation: they are imported for a file only.
"""

from __future__ import annotations

import base64
import difflib
import itertools
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

from sessiondoctor.errors import UsageError
from sessiondoctor.topology.hints import quoted
from sessiondoctor.topology.model import Site, Topology
from sessiondoctor.topology.texts import web_url

if TYPE_CHECKING:
    from collections.abc import Mapping

DEFAULT_FILE = "sessiondoctor.yaml"
_HOST = re.compile(r"(localhost|[\w-]+(\.[\w-]+)+|\[[0-9a-fA-F:.]+\])(:[0-9]{1,5})?([/?].*)?")
_USERINFO = re.compile(r"(https?://)([^/?#]*)@(.*)", re.IGNORECASE | re.DOTALL)
_FILE_SUFFIXES = (".yaml", ".yml", ".json", ".txt", ".conf", ".cfg")
_MOST_FILES = 1000


def read_target(text: str | None, environ: Mapping[str, str]) -> Topology:
    """The topology that a target names.

    User and password of a URL become a header, so that the URL can be shown.

    Raises:
        UsageError: no such target; says what to write instead.
        TopologyError: the file has mistakes.
    """
    if text is None:
        return _default(environ)
    if "://" in text:
        return _of_url(text)
    if _mode(text) and not stat.S_ISDIR(_mode(text)):
        return _of_file(text, environ)
    raise UsageError(_advice(text))


def _mode(path: str) -> int:
    """What the system says a path is; 0 where there is nothing. A pipe is as good as a file."""
    try:
        return Path(path).stat().st_mode
    except (OSError, ValueError):
        return 0


def _of_file(path: str, environ: Mapping[str, str]) -> Topology:
    from sessiondoctor.topology.loader import load

    return load(path, environ)


def _default(environ: Mapping[str, str]) -> Topology:
    if _mode(DEFAULT_FILE):
        return _of_file(DEFAULT_FILE, environ)
    near = _near_files(DEFAULT_FILE)
    raise UsageError(
        f"nothing to look at: there is no {DEFAULT_FILE} here{near}. Name a URL or a topology file, such as "
        "`sessiondoctor scan https://shop.example.com/`."
    )


def _of_url(text: str) -> Topology:
    found = _USERINFO.fullmatch(text)
    url = f"{found[1]}{found[3]}" if found else text
    try:
        web_url(url)
    except ValueError as error:
        raise UsageError(f"the target is no URL that can be opened: {error}") from None
    headers = {"Authorization": _basic(found[2])} if found else {}
    return Topology(site=Site(url=url, headers=headers))


def _basic(userinfo: str) -> str:
    """HTTP Basic authentication (RFC 7617) of a URL's user and password."""
    user, _, password = userinfo.partition(":")
    return "Basic " + base64.b64encode(f"{unquote(user)}:{unquote(password)}".encode()).decode()


def _advice(text: str) -> str:
    if stat.S_ISDIR(_mode(text)):
        return f"{quoted(text)} is a folder; name a file in it, such as {Path(text) / DEFAULT_FILE}"
    if _looks_like_host(text):
        scheme = "http" if text.startswith(("localhost", "127.", "[::1]")) else "https"
        path = "" if re.search("[/?]", text) else "/"
        return f"{quoted(text)} is no file; for a URL, write {scheme}://{text}{path}"
    return f"{quoted(text)} is no file and no URL{_near_files(text)}; a URL starts with https:// or http://"


def _looks_like_host(text: str) -> bool:
    return _HOST.fullmatch(text) is not None and not text.lower().endswith(_FILE_SUFFIXES)


def _near_files(text: str) -> str:
    """Files whose names are nearly what was asked for, as the rest of a message."""
    folder = Path(text).parent
    try:
        names = [entry.name for entry in itertools.islice(folder.iterdir(), _MOST_FILES) if entry.is_file()]
    except (OSError, ValueError):
        return ""
    near = difflib.get_close_matches(Path(text).name[:100], names, n=2)
    return f"; did you mean {' or '.join(str(folder / name) for name in near)}?" if near else ""

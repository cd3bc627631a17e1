"""Topology files in a folder of their own."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from sessiondoctor.errors import TopologyError
from sessiondoctor.topology.loader import load

if TYPE_CHECKING:
    from collections.abc import Callable

    from sessiondoctor.topology.model import Topology

HERE = Path(__file__).parent
ENVIRON = {
    "STAGING": "c3RhZ2luZzpzM2NyZXQ=",
    "PROXY_LOGIN": "pr0xy-user:pr0xy-pass",
    "SHOP_USER": "ada",
    "SHOP_PASSWORD": "pass-of-ada",
    "REDIS_PASSWORD": "pa/ss@redis",
    "APP1_SESSION_SECRET": "signing-secret",
}
FILES = (
    "ca.pem",
    "client.pem",
    "client.key",
    "haproxy.cfg",
    "haproxy.log",
    "app1/server.xml",
    "app1/.env",
    "app1/catalina.out",
    "app1/keys/a.xml",
)


@pytest.fixture
def environ() -> dict[str, str]:
    """The environment that the example needs."""
    return dict(ENVIRON)


@pytest.fixture
def example(tmp_path: Path) -> Path:
    """The example file, in a folder with the files that it names."""
    for name in FILES:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    return Path(shutil.copy(HERE / "example.yaml", tmp_path))


@pytest.fixture
def loaded(tmp_path: Path) -> Callable[..., Topology]:
    """Loads a text as a topology file; keyword arguments are its environment."""

    def loads(text: str, **environ: str) -> Topology:
        file = tmp_path / "t.yaml"
        file.write_text(text)
        return load(file, environ)

    return loads


@pytest.fixture
def problems(loaded: Callable[..., Topology]) -> Callable[..., list[str]]:
    """The problems of a text as `line:column: message`; keyword arguments are its environment."""

    def found(text: str, **environ: str) -> list[str]:
        with pytest.raises(TopologyError) as caught:
            loaded(text, **environ)
        return [f"{each.line}:{each.column}: {each.message}" for each in caught.value.problems]

    return found

"""How products in PHP run: PHP's own server, several processes of one node, settings by the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.lab.process import Program
from tests.lab.products.product import Node, Place

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

INI = {"log_errors": "1", "display_errors": "0", "opcache.enable_cli": "0", "apc.enable_cli": "1"}


def php_node(
    place: Place,
    www: Path,
    *,
    env: Mapping[str, str] | None = None,
    files: Mapping[str, str] | None = None,
    health: str = "/",
    ini: Mapping[str, str] | None = None,
) -> Node:
    """A node that serves the folder `www`, with sessions in the files of `place.folder`."""
    # In the folder for temporary files products count failed logins: not those of other laboratories.
    folders = {"session.save_path": str(place.folder), "sys_temp_dir": str(place.folder)}
    settings = {**INI, **folders, "session.gc_maxlifetime": "1440", **(ini or {})}
    return Node(
        name=place.name,
        port=place.port,
        argv=(Program("php", "php-cli").path(), "-S", f"127.0.0.1:{place.port}", "-t", str(www), "-c", "php.ini"),
        # Several processes would share no APCu memory, as they do under Apache and FPM.
        env=dict(env or {}),
        files={"php.ini": ini_file(settings), **(files or {})},
        health=health,
    )


def ini_file(settings: Mapping[str, str]) -> str:
    """The text of php.ini; the extensions are those that Debian enables for the command line."""
    return "".join(f'{name} = "{value}"\n' for name, value in settings.items())

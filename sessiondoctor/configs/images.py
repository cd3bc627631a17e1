"""Container images that make a secret of their own at start, unless they are given one.

Sources: the images' entry points and manuals; each is in a public report of users who are logged out at each restart.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sessiondoctor.evidence.configs.application import Secret, SecretUse
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from sessiondoctor.evidence.configs.fact import Fact
    from sessiondoctor.evidence.location import Location


@dataclass(frozen=True, slots=True)
class Image:
    """A product's image: variables that set the secret, and files or folders that keep the one it makes."""

    name: re.Pattern[str]
    variables: tuple[str, ...]
    kept_in: tuple[str, ...]
    use: SecretUse = "session"
    stack: str = ""


IMAGES = (
    Image(regex(r"(?:^|/)phpmyadmin(?:/phpmyadmin)?(?:[:@]|$)"), ("PMA_BLOWFISH_SECRET",),
          ("/etc/phpmyadmin/config.secret.inc.php", "/etc/phpmyadmin"), "cookie-encryption", "php"),
    Image(regex(r"(?:^|/)open-webui/open-webui(?:[:@]|$)"), ("WEBUI_SECRET_KEY", "WEBUI_SECRET_KEY_FILE"),
          ("/app/backend/.webui_secret_key", "/app/backend"), "token"),
    Image(regex(r"(?:^|/)(?:calciumion|quantumnous)/new-api(?:[:@]|$)"), ("SESSION_SECRET",), ()),
    Image(regex(r"(?:^|/)justsong/one-api(?:[:@]|$)"), ("SESSION_SECRET",), ()),
    Image(regex(r"(?:^|/)ctfd/ctfd(?:[:@]|$)"), ("SECRET_KEY",), ("/opt/CTFd/.ctfd_secret_key", "/opt/CTFd"),
          "session", "flask"),
)  # fmt: skip


def made_at_start(image: str, variables: Collection[str], paths: Collection[str], at: Location) -> Iterator[Fact]:
    """The secret that a container of this image makes anew, since none is given and none is kept."""
    for known in IMAGES:
        given = any(variable in variables for variable in known.variables)
        kept = any(path.rstrip("/") in known.kept_in for path in paths)
        if known.name.search(image) and not given and not kept:
            yield Secret(at=at, use=known.use, origin="made-at-start", variable=known.variables[0], stack=known.stack)

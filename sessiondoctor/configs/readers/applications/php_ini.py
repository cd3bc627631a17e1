"""php.ini, PHP-FPM pools, .user.ini, `php_value` of httpd: where sessions are kept and how long."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessiondoctor.configs.code import php
from sessiondoctor.configs.code.php import Directive
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.configs.source import Text
    from sessiondoctor.evidence.configs.fact import Fact

TITLE = "php.ini, PHP-FPM pool, php_value"
_SESSION = regex(
    r"^[ \t]*(?:session\.\w+[ \t]*=|php_(?:admin_)?(?:value|flag)(?:\[session\.|[ \t]+session\.)"
    r"|redis\.session\.\w+[ \t]*=|memcached\.sess_\w+[ \t]*=)",
    re.MULTILINE,
)
_POOL = regex(r"^[ \t]*(?:pm\.max_children|pm[ \t]*=[ \t]*(?:dynamic|static|ondemand)|php_admin_value\[)", re.MULTILINE)
_LINE = regex(
    r"[ \t]*(?:php_(?:admin_)?(?:value|flag)(?:\[(?P<pool>[\w.]{1,60})\][ \t]*=?|[ \t]+(?P<httpd>[\w.]{1,60}))"
    r"|(?P<plain>(?:session|redis\.session|memcached|memcache)\.\w{1,60})[ \t]*=)[ \t]*(?P<value>.{0,500})"
)


def score(name: str, head: str) -> int:
    """Settings whose name begins with `session.`, and pools of FPM."""
    found = len(_SESSION.findall(head))
    named = 4 if name.endswith(".ini") or "php" in name or "www.conf" in name else 0
    if found:
        return min(90, 72 + 4 * found) + named
    if re.search(r"^\[(?:PHP|Session)\]", head, re.MULTILINE):
        return 70 + named
    return 60 + named if _POOL.search(head) else 0


def read(text: Text) -> Iterator[Fact]:
    """One set of settings for each pool; `php_admin_value` wins over what stands before it."""
    pools: dict[str, dict[str, Directive]] = {"": {}}
    pool = ""
    for number, line in enumerate(text.text.split("\n"), 1):
        if section := re.match(r"[ \t]*\[([\w $-]{1,60})\]", line):
            pool = section[1]
        elif found := _LINE.match(line):
            name = found["pool"] or found["httpd"] or found["plain"]
            value = _bare(found["value"])
            of_pool = pools.setdefault(pool if found["pool"] else "", {})
            if value or name != "session.save_path":
                of_pool[name] = Directive(name, value, text.at(number, len(line) - len(line.lstrip()) + 1))
    for settings in pools.values():
        yield from php.facts(settings)


def _bare(value: str) -> str:
    value = value.strip()
    if value[:1] in {'"', "'"} and (end := value.find(value[0], 1)) > 0:
        return value[1:end]
    return re.split(r"[ \t]*[;#]", value, maxsplit=1)[0].strip() if not value[:2].endswith(";") else value

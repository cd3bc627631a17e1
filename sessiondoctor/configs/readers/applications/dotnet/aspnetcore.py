"""ASP.NET Core: Program.cs and Startup.cs, by patterns on the text: it is not parsed.

Sources: learn.microsoft.com, "Configure ASP.NET Core Data Protection", "Session in ASP.NET Core", "Configure ASP.NET
Core to work with proxy servers and load balancers".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessiondoctor.configs.comments import blanked
from sessiondoctor.configs.lines import line_at
from sessiondoctor.configs.values import boolean, endpoint
from sessiondoctor.evidence.configs.application import (
    ProxyTrust,
    Secret,
    SessionCookie,
    SessionIdle,
    SessionStore,
    Setting,
)  # fmt: skip
from sessiondoctor.evidence.configs.fact import CookieRule
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.configs.source import Text
    from sessiondoctor.evidence.configs.application import StorePlace
    from sessiondoctor.evidence.configs.fact import Fact
    from sessiondoctor.evidence.location import Location

TITLE = "ASP.NET Core set-up code (patterns: Program.cs, Startup.cs)"
_OWN = regex(
    r"\.AddDataProtection\s*\(|\.PersistKeysTo\w{1,40}\s*[(<]|\.ProtectKeysWith\w{1,40}\s*\(|\.AddDistributed\w{1,40}Cache\s*\("
    r"|\.AddStackExchangeRedisCache\s*\(|\.AddSession\s*\(|\.UseSession\s*\(|\.UseForwardedHeaders\s*\(|\.AddServerSideBlazor\s*\("
    r"|WebApplication\.CreateBuilder\s*\(|\.ConfigureApplicationCookie\s*\(|\.UseAuthentication\s*\(|\.AddAntiforgery\s*\("
    r"|\.SetApplicationName\s*\(|\.AddCookie\s*\(|\.AddInteractiveServer"
)
_CACHES: tuple[tuple[str, StorePlace], ...] = (
    ("AddDistributedMemoryCache", "memory"),
    ("AddStackExchangeRedisCache", "redis"),
    ("AddDistributedRedisCache", "redis"),
    ("AddDistributedSqlServerCache", "sql"),
    ("AddDistributedPostgreSqlCache", "sql"),
    ("AddNCacheDistributedCache", "cluster"),
    ("AddEnyimMemcached", "memcached"),
    ("AddCosmosCache", "other"),
)
_USES_KEYS = regex(
    r"\.(?:AddSession|UseSession|AddCookie|AddAntiforgery|AddServerSideBlazor|AddRazorPages|AddControllersWithViews"
    r"|AddDefaultIdentity|AddIdentity|AddIdentityCookies|AddInteractiveServerComponents|AddOpenIdConnect)\s*[(<]"
)
_UNITS = {"Seconds": 1.0, "Minutes": 60.0, "Hours": 3600.0, "Days": 86400.0}
_LONGEST_BLOCK = 1500
_LATER = ("UseAuthentication", "UseAuthorization", "UseHttpsRedirection", "UseSession", "UseHsts", "UseCookiePolicy")


def score(name: str, head: str) -> int:
    """Calls that only this set-up has."""
    found = {match[0] for match in _OWN.finditer(head)}
    named = 5 if name.endswith(".cs") else 0
    return 75 + named if found else 0


def read(text: Text) -> Iterator[Fact]:
    """What set-up code says."""
    code = _Code(blanked(text.text), text)
    yield from _key_ring(code)
    yield from _caches(code)
    yield from _session(code)
    yield from _forwarded(code)
    yield from _login_cookie(code)


class _Code:
    """Code without comments, and places in it."""

    def __init__(self, code: str, text: Text) -> None:
        self.code = code
        self.text = text

    def find(self, pattern: str) -> re.Match[str] | None:
        """The first place of a pattern."""
        return re.search(pattern, self.code)

    def at(self, place: int) -> Location:
        """Of an offset, past blanks and the dot of a call."""
        while place < len(self.code) and self.code[place] in " \t\r\n.":
            place += 1
        return self.text.at(line_at(self.code, place), place - self.code.rfind("\n", 0, place))

    def block(self, found: re.Match[str]) -> str:
        """The arguments of a call: to the bracket that closes it, or as far as it is shown."""
        depth = 1
        end = min(len(self.code), found.end() + _LONGEST_BLOCK)
        for place in range(found.end(), end):
            depth += {"(": 1, ")": -1}.get(self.code[place], 0)
            if depth == 0:
                return self.code[found.end() : place]
        return self.code[found.end() : end]

    @property
    def whole(self) -> bool:
        """Whether this is all of a program's set-up: it makes the application and runs it."""
        return bool(self.find(r"WebApplication\.CreateBuilder\s*\(") and self.find(r"\.Run(?:Async)?\s*\("))


def _key_ring(code: _Code) -> Iterator[Fact]:
    """Data Protection: where the ring is kept, under which name, and what protects it."""
    kept = code.find(r"\.PersistKeysTo(\w{1,40})")
    added = code.find(r"\.AddDataProtection\s*\(")
    if kept:
        yield Secret(at=code.at(kept.start()), use="data-protection", origin="file", variable=f"PersistKeysTo{kept[1]}",
                     stack="aspnetcore")  # fmt: skip
    elif added:
        yield Secret(at=code.at(added.start()), use="data-protection", origin="absent", variable="AddDataProtection",
                     stack="aspnetcore")  # fmt: skip
    elif code.whole and (user := _USES_KEYS.search(code.code)):
        yield Secret(at=code.at(user.start()), use="data-protection", origin="absent", stack="aspnetcore")
    yield from _ring_settings(code, kept or added)


def _ring_settings(code: _Code, ring: re.Match[str] | None) -> Iterator[Fact]:
    named = code.find(
        r"\.SetApplicationName\s*\(\s*(?:\"([^\"\n]{0,200})\"|([^\n)]{1,200}))|ApplicationDiscriminator\s*=\s*\"([^\"\n]{1,200})\""
    )
    if named:
        yield Setting(at=code.at(named.start()), name="SetApplicationName", value=named[1] or named[3] or "(computed)",
                      scope="data-protection", stack="aspnetcore")  # fmt: skip
    elif ring:
        yield Setting(at=code.at(ring.start()), name="SetApplicationName", scope="data-protection", stack="aspnetcore")
    if folder := code.find(
        r"PersistKeysToFileSystem\s*\(\s*new\s+(?:System\.IO\.)?DirectoryInfo\s*\(\s*(?:@?\"([^\"\n]{1,300})\"|([^\n]{1,200}))"
    ):
        yield Setting(at=code.at(folder.start()), name="PersistKeysToFileSystem", value=folder[1] or "(computed)",
                      scope="data-protection", stack="aspnetcore")  # fmt: skip
    if guard := code.find(r"\.ProtectKeysWith(\w{1,40})\s*\("):
        yield Setting(at=code.at(guard.start()), name=f"ProtectKeysWith{guard[1]}", scope="data-protection",
                      stack="aspnetcore")  # fmt: skip
    if ephemeral := code.find(
        r"\bUseEphemeralDataProtectionProvider\s*\(|\bnew\s+EphemeralDataProtectionProvider\s*\("
    ):
        yield Secret(at=code.at(ephemeral.start()), use="data-protection", origin="made-at-start", stack="aspnetcore",
                     variable="EphemeralDataProtectionProvider")  # fmt: skip


def _caches(code: _Code) -> Iterator[Fact]:
    """Caches that sessions go to; without AddSession they may be for anything."""
    sessions = code.find(r"\.(?:AddSession|UseSession)\s*\(")
    for name, place in _CACHES:
        if found := code.find(rf"\.{name}\s*[(<]"):
            block = code.block(found)
            where = re.search(r"\bConfiguration\s*=\s*\"([^\"\n]{1,300})\"", block)
            prefix = re.search(r"\bInstanceName\s*=\s*\"([^\"\n]{0,200})\"", block)
            yield SessionStore(at=code.at(found.start()), place=place, stack="aspnetcore",
                               endpoint=endpoint(where[1], 6379)[0] if where and place == "redis" else "",
                               prefix=prefix[1] if prefix else None,
                               role="session" if sessions else "cache")  # fmt: skip


def _session(code: _Code) -> Iterator[Fact]:
    found = code.find(r"\.AddSession\s*\(")
    if not found:
        return
    block = code.block(found)
    if idle := _span(block, "IdleTimeout"):
        yield SessionIdle(at=code.at(found.end() + idle[1]), seconds=idle[0], setting="IdleTimeout", stack="aspnetcore")
    rule = _rule(block, ".AspNetCore.Session")
    yield SessionCookie(at=code.at(found.start()), cookie=rule, stack="aspnetcore")


def _span(block: str, name: str) -> tuple[float, int] | None:
    found = re.search(rf"\b{name}\s*=\s*TimeSpan\.From(Seconds|Minutes|Hours|Days)\s*\(\s*([0-9.]{{1,12}})\s*\)", block)
    return (float(found[2].strip(".") or 0) * _UNITS[found[1]], found.start()) if found else None


def _rule(block: str, default: str) -> CookieRule:
    def said(name: str) -> str:
        found = re.search(rf"\b(?:Cookie\.)?{name}\s*=\s*(?:\"([^\"\n]{{1,200}})\"|(?:\w+\.)?(\w{{1,40}}))", block)
        return (found[1] or found[2]) if found else ""

    policy = said("SecurePolicy").lower()
    same_site = said("SameSite").lower()
    return CookieRule(
        name=said("Name") or default,
        secure={"always": True, "none": False}.get(policy),
        http_only=boolean(said("HttpOnly")),
        same_site=same_site if same_site in {"none", "lax", "strict"} else "",
        path=said("Path").strip() if said("Path").startswith("/") else "",
        domain=said("Domain"),
    )


def _login_cookie(code: _Code) -> Iterator[Fact]:
    """`AddCookie` and `ConfigureApplicationCookie`: the ticket of a login."""
    for name in ("AddCookie", "ConfigureApplicationCookie"):
        found = code.find(rf"\.{name}\s*\(")
        block = code.block(found) if found else ""
        if not found or not block.strip():
            continue
        rule = _rule(block, ".AspNetCore.Cookies" if name == "AddCookie" else ".AspNetCore.Identity.Application")
        sliding = re.search(r"\bSlidingExpiration\s*=\s*(true|false)", block)
        yield SessionCookie(at=code.at(found.start()), cookie=rule, stack="aspnetcore",
                            rolling=boolean(sliding[1]) if sliding else None)  # fmt: skip
        if life := _span(block, "ExpireTimeSpan"):
            yield SessionIdle(at=code.at(found.end() + life[1]), seconds=life[0], setting="ExpireTimeSpan",
                              stack="aspnetcore")  # fmt: skip


def _forwarded(code: _Code) -> Iterator[Fact]:
    """Forwarded headers, and whether they are read before what looks at the scheme."""
    used = code.find(r"\.UseForwardedHeaders\s*\(") or code.find(r"ASPNETCORE_FORWARDEDHEADERS_ENABLED")
    others = (found for name in _LATER if (found := code.find(rf"\.{name}\s*\(")))
    first = min(others, key=lambda found: found.start(), default=None)
    if used and first and first.start() < used.start():
        name = first[0].strip(" .(")
        yield ProxyTrust(at=code.at(used.start()), trusts=False, setting=f"UseForwardedHeaders after {name}",
                         stack="aspnetcore")  # fmt: skip
    elif used and code.find(r"ForwardedHeaders\s*=\s*ForwardedHeaders\.XForwardedFor\s*[;,})]"):
        yield ProxyTrust(at=code.at(used.start()), trusts=False, setting="UseForwardedHeaders without XForwardedProto",
                         stack="aspnetcore")  # fmt: skip
    elif used:
        yield ProxyTrust(at=code.at(used.start()), trusts=True, setting="UseForwardedHeaders", stack="aspnetcore")
    elif first and code.whole:
        yield ProxyTrust(at=code.at(first.start()), trusts=False, setting="UseForwardedHeaders", stack="aspnetcore")

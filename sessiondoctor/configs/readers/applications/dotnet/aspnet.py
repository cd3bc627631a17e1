"""ASP.NET on .NET Framework: web.config and machine.config (learn.microsoft.com, ASP.NET configuration schema)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sessiondoctor.configs.values import boolean, endpoint, seconds
from sessiondoctor.configs.xml import read as read_xml
from sessiondoctor.evidence.configs.application import Secret, SessionCookie, SessionIdle, SessionStore, Setting
from sessiondoctor.evidence.configs.fact import CookieRule
from sessiondoctor.patterns import regex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sessiondoctor.configs.source import Text
    from sessiondoctor.configs.xml import Element
    from sessiondoctor.evidence.configs.application import StorePlace
    from sessiondoctor.evidence.configs.fact import Fact

TITLE = "ASP.NET (web.config, machine.config)"
_OWN = regex(
    r"<system\.web(?:Server)?[\s>]|<machineKey[\s/]|<sessionState[\s/>]|<httpCookies[\s/]|<forms\s[^>]{0,300}\b(?:loginUrl|name)="
    r"|<authentication\s[^>]{0,60}\bmode=|<aspNetCore\s|<httpRuntime\s"
)
_MODES: dict[str, StorePlace] = {"inproc": "memory", "stateserver": "other", "sqlserver": "sql", "custom": "other"}
_DEFAULT_KEY = "AutoGenerate,IsolateApps"


def score(name: str, head: str) -> int:
    """Sections that only it has."""
    if not _OWN.search(head):
        return 0
    return 92 if name.endswith(".config") else 88


def read(text: Text) -> Iterator[Fact]:
    """Session state, machine key, cookies and forms authentication."""
    root = read_xml(text.text)
    for state in root.walk("sessionState"):
        yield from _state(state, text)
    for key in root.walk("machineKey"):
        yield from _key(key, text)
    for forms in root.walk("forms"):
        yield from _forms(forms, text)
    yield from _session_cookie(root, text)
    yield from _no_key(root, text)


def _state(state: Element, text: Text) -> Iterator[Fact]:
    mode = state.get("mode") or "InProc"
    at = text.at(state.line_of("mode"), state.column)
    if mode.lower() in _MODES:
        place, where = _place(state, mode.lower())
        yield SessionStore(at=at, place=place, endpoint=where, default=not state.get("mode"), stack="aspnet",
                           prefix=_application(state) or None)  # fmt: skip
    if minutes := seconds(state.get("timeout"), 60.0):
        yield SessionIdle(at=text.at(state.line_of("timeout")), seconds=minutes, setting="sessionState timeout",
                          stack="aspnet")  # fmt: skip
    if state.get("cookieless").lower() in {"true", "useuri", "autodetect", "usedeviceprofile"}:
        yield Setting(at=text.at(state.line_of("cookieless")), name="cookieless", value=state.get("cookieless"),
                      scope="sessionState", stack="aspnet")  # fmt: skip


def _place(state: Element, mode: str) -> tuple[StorePlace, str]:
    """Where sessions are; a custom provider is known by its type."""
    if mode == "stateserver":
        return "other", state.get("stateConnectionString").removeprefix("tcpip=") or "127.0.0.1:42424"
    if mode == "sqlserver":
        return "sql", _server(state.get("sqlConnectionString"))
    for provider in state.walk("add"):
        if "Redis" in provider.get("type"):
            host, port = provider.get("host"), provider.get("port")
            return "redis", endpoint(f"{host}:{port}" if port else host, 6379)[0] if host else ""
        if "Universal" in provider.get("type") or "Sql" in provider.get("type"):
            return "sql", ""
    return _MODES[mode], ""


def _server(connection: str) -> str:
    """The server and database of a connection string; never user or password."""
    told = {
        name.strip().lower(): value.strip()
        for name, _, value in (part.partition("=") for part in connection.split(";"))
    }
    server = told.get("data source") or told.get("server") or ""
    database = told.get("initial catalog") or told.get("database") or ""
    return f"{server}/{database}".rstrip("/") if server else ""


def _application(state: Element) -> str:
    return next((one.get("applicationName") for one in state.walk("add") if one.get("applicationName")), "")


def _key(key: Element, text: Text) -> Iterator[Fact]:
    """The keys as one secret: nodes need both to be the same."""
    validation, decryption = (key.get(name) or _DEFAULT_KEY for name in ("validationKey", "decryptionKey"))
    at = text.at(key.line_of("validationKey"), key.column)
    made = any(word.lower().startswith("autogenerate") for word in (validation, decryption))
    yield Secret(at=at, use="view-state", origin="absent" if made else "literal", variable="machineKey", stack="aspnet",
                 print="" if made else text.fingerprint(f"{validation.upper()} {decryption.upper()}"))  # fmt: skip
    for name in ("validation", "decryption", "compatibilityMode"):
        if key.get(name):
            yield Setting(
                at=text.at(key.line_of(name)), name=name, value=key.get(name), scope="machineKey", stack="aspnet"
            )


def _no_key(root: Element, text: Text) -> Iterator[Fact]:
    """A whole `<system.web>` with logins and without a machine key: each server makes its own."""
    if next(root.walk("machineKey"), None):
        return
    for web in root.walk("system.web"):
        login = next(web.walk("authentication"), None)
        if web.closed and login and login.get("mode").lower() == "forms":
            yield Secret(at=text.at(login.line, login.column), use="view-state", origin="absent", variable="machineKey",
                         stack="aspnet")  # fmt: skip


def _forms(forms: Element, text: Text) -> Iterator[Fact]:
    """The login's ticket: its life and cookie."""
    sliding = boolean(forms.get("slidingExpiration"))
    at = text.at(forms.line, forms.column)
    if minutes := seconds(forms.get("timeout"), 60.0):
        yield SessionIdle(
            at=text.at(forms.line_of("timeout")), seconds=minutes, setting="forms timeout", stack="aspnet"
        )
    if sliding is False:
        yield Setting(at=text.at(forms.line_of("slidingExpiration")), name="slidingExpiration", value="false",
                      scope="forms", stack="aspnet")  # fmt: skip
    rule = CookieRule(
        name=forms.get("name") or ".ASPXAUTH",
        path=forms.get("path"),
        domain=forms.get("domain"),
        secure=boolean(forms.get("requireSSL")),
        same_site=_same_site(forms.get("cookieSameSite")),
    )
    if forms.get("path") or forms.get("domain") or forms.get("requireSSL") or forms.get("cookieSameSite"):
        yield SessionCookie(at=at, cookie=rule, stack="aspnet", rolling=sliding)


def _session_cookie(root: Element, text: Text) -> Iterator[Fact]:
    """`<sessionState cookieName cookieSameSite>` with what `<httpCookies>` says of all cookies."""
    everywhere = next(root.walk("httpCookies"), None)
    state = next(root.walk("sessionState"), None)
    place = state if state and (state.get("cookieName") or state.get("cookieSameSite")) else everywhere
    if not place:
        return
    of_state = state.get("cookieSameSite") if state else ""
    rule = CookieRule(
        name=(state.get("cookieName") if state else "") or "ASP.NET_SessionId",
        secure=boolean(everywhere.get("requireSSL")) if everywhere else None,
        domain=everywhere.get("domain") if everywhere else "",
        same_site=_same_site(of_state or (everywhere.get("sameSite") if everywhere else "")),
    )
    yield SessionCookie(at=text.at(place.line, place.column), cookie=rule, stack="aspnet")


def _same_site(word: str) -> str:
    return word.lower() if word.lower() in {"none", "lax", "strict"} else ""

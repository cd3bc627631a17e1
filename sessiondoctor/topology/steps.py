"""The flow of a site: its steps, what they read from responses, and endpoints that hold connections."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar, Literal

from sessiondoctor.topology.scalars import (
    AUTO,
    CookieName,
    FormFields,
    HeaderName,
    HeaderValue,
    JsonPointer,
    Method,
    OneOrMore,
    OrPath,
    Regex,
    RequestPath,
    Status,
    StepPath,
    Word,
)

SocketKind = Literal["websocket", "socketio", "signalr", "sse", "mcp"]
ACTION = "{action}"
"""The path of a step that is sent to where the form of the page before says."""
_SOCKET_PATHS: tuple[tuple[str, SocketKind], ...] = (
    ("socket.io", "socketio"), ("engine.io", "socketio"), ("hub", "signalr"), ("_blazor", "signalr"),
    ("/mcp", "mcp"), ("/sse", "sse"), ("/events", "sse"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Extract:
    """Takes one value out of a response: by exactly one of its fields.

    Attributes:
        regex: its first group, else the whole match; in RE2's syntax (as Python's, without lookaround and
            backreferences), matched against at most 256 KiB of the body.
        json: a JSON pointer (RFC 6901), such as /cart/count.
        header: the name of a response header.
        cookie: the name of a cookie that the response sets; in a step also one that the client holds already, without
            its percent-encoding.
        css: a selector of an element, such as input[name=csrf]; its value or content attribute, else its text.
    """

    __pydantic_config__: ClassVar[dict[str, object]] = {"json_schema_extra": {"minProperties": 1, "maxProperties": 1}}

    regex: Regex = ""
    json: JsonPointer = ""
    header: HeaderName = ""
    cookie: CookieName = ""
    css: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One request of a flow and what its response must be.

    Every text may hold {marker}, which is fresh for each session, {bytes}, the size asked of `grow`, and the names
    that earlier steps extract, those of `login` and `write` included. Other braces stay as they are.

    Attributes:
        path: added to the path of the URL that the step is sent to: site, balancer or node; {action} is where the form
            of the page before is sent to.
        method: GET unless said otherwise; of `form: auto` the form's own.
        form: fields of an HTML form, sent as its body; `auto` sends the form of the page before with all that the page
            has filled in, hidden fields and tokens included, to where the page says.
        fields: values on top of `form: auto`.
        json: sent as the body.
        query: added to the URL.
        headers: sent with this request only.
        status: what the response's status must be; without it, any below 400.
        expect: text that the response's body must contain.
        expect_regex: a regular expression, in RE2's syntax, that must match somewhere in at most 256 KiB of the body.
        extract: values for later steps, by the name they are used under; an empty value is one, too.
        same: tokens that must be those that an earlier step extracted under these names; masks that CSRF tokens wear
            are taken off before.
        keeps: the name of a cookie that the response must neither replace nor delete.
    """

    path: StepPath = ""
    method: Method = "GET"
    form: FormFields = field(default_factory=dict, repr=False)
    fields: dict[str, str] = field(default_factory=dict, repr=False)
    json: dict[str, object] = field(default_factory=dict, repr=False)
    query: dict[str, str] = field(default_factory=dict, repr=False)
    headers: dict[HeaderName, HeaderValue] = field(default_factory=dict, repr=False)
    status: Status | None = None
    expect: str = ""
    expect_regex: Regex = ""
    extract: dict[Word, Extract] = field(default_factory=dict)
    same: dict[Word, Extract] = field(default_factory=dict)
    keeps: CookieName = ""

    @property
    def expects(self) -> bool:
        """Whether more than the status is wanted of the response."""
        return bool(self.expect or self.expect_regex or self.same or self.keeps)

    @property
    def auto(self) -> bool:
        """Whether it sends the form of the page before as the page has filled it in."""
        return self.form == AUTO

    @property
    def reads_form(self) -> bool:
        """Whether the page before must have a form."""
        return self.auto or self.path == ACTION


@dataclass(frozen=True, slots=True)
class Increment(Step):
    """A step that adds one to a counter in the session.

    Attributes:
        value: where the response shows the counter.
    """

    value: Extract = field(kw_only=True)


Steps = OneOrMore[Step]


@dataclass(frozen=True, slots=True)
class Socket:
    """An endpoint whose clients hold a connection open, or make one out of several requests.

    Attributes:
        path: of the endpoint, such as /socket.io/, /chathub or /mcp; a hub's without `negotiate`.
        kind: what is spoken there; else told by the path, and a plain WebSocket where that tells nothing.
    """

    path: RequestPath = ""
    kind: SocketKind | None = None

    @property
    def spoken(self) -> SocketKind:
        """What is spoken there, as declared, else by the names that libraries give such paths."""
        named = [kind for part, kind in _SOCKET_PATHS if part in self.path.lower()]
        return self.kind or (named[0] if named else "websocket")


SocketAt = Annotated[Socket, OrPath()]


@dataclass(frozen=True, slots=True)
class Flow:
    """How to put state in a session and see it again. Declaring it is consent to run it on throw-away sessions.

    Attributes:
        accounts: what the braces of `login` stand for, such as {user} and {password}, one entry an account; with
            several, sessions are spread over them.
        login: from no session to a session that is logged in.
        logged_in: succeeds only while the session is logged in.
        write: puts {marker} into the session.
        read: succeeds only while {marker} is in the session.
        form: opens a form and sends it with its CSRF token.
        increment: adds one to a counter in the session, to find lost updates.
        grow: makes the session {bytes} larger, to find size limits.
        node: how a response names the node that made it.
        websocket: the path of an endpoint that holds connections open: a WebSocket, Socket.IO, SignalR, events, MCP.
        logout: ends a session that is logged in; run at the end for the sessions that a scan leaves behind.
    """

    accounts: tuple[dict[Word, str], ...] = field(default=(), repr=False)
    login: Steps = ()
    logged_in: Steps = ()
    write: Steps = ()
    read: Steps = ()
    form: Steps = ()
    increment: Increment | None = None
    grow: Steps = ()
    node: Extract | None = None
    websocket: SocketAt = field(default_factory=Socket)
    logout: Steps = ()

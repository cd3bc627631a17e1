"""The load balancer: round robin, sticky by a cookie of its own, or by the route in the session cookie."""

from __future__ import annotations

import http.client
import itertools
import re
from dataclasses import dataclass
from typing import Literal

from sessiondoctor.demo.server import Answer, Call

_HOP_BY_HOP = {"connection", "content-length", "date", "keep-alive", "transfer-encoding", "host"}
Affinity = Literal["none", "cookie", "route"]


@dataclass(frozen=True, slots=True)
class BalancerSettings:
    """What the balancer is told. `routes` maps a route to the node it stands for."""

    affinity: Affinity = "none"
    forwards_proto: bool = True
    https: bool = False


class Balancer:
    """Forwards each request to one node."""

    def __init__(self, settings: BalancerSettings, ports: dict[str, int]) -> None:
        self._settings = settings
        self._ports = ports
        self._turn = itertools.cycle(ports)

    def __call__(self, call: Call) -> Answer:
        """Chooses a node, asks it, hands its answer back."""
        chosen = self._wanted(call)
        node = chosen or next(self._turn)
        answer = self._ask(self._ports[node], call)
        if self._settings.affinity == "cookie" and not chosen:
            return Answer(
                answer.status, answer.body, (*answer.headers, ("Set-Cookie", f"SRV={node}; Path=/; HttpOnly"))
            )
        return answer

    def _wanted(self, call: Call) -> str:
        """The node that the request's cookie names; empty where none does."""
        pattern = {"cookie": r"\bSRV=([\w-]+)", "route": r"\bJSESSIONID=[0-9A-F]+\.([\w-]+)"}.get(
            self._settings.affinity
        )
        found = re.search(pattern, call.header("cookie")) if pattern else None
        return found[1] if found and found[1] in self._ports else ""

    def _ask(self, port: int, call: Call) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            connection.request(call.method, call.path, call.body or None, self._headers(call))
            response = connection.getresponse()
            headers = tuple((k, v) for k, v in response.getheaders() if k.lower() not in _HOP_BY_HOP)
            return Answer(response.status, response.read().decode(), headers)
        finally:
            connection.close()

    def _headers(self, call: Call) -> dict[str, str]:
        headers = {name: value for name, value in call.headers if name.lower() not in _HOP_BY_HOP}
        if self._settings.forwards_proto:
            headers["X-Forwarded-Proto"] = "https" if self._settings.https else "http"
        return headers | {"Host": call.header("host"), "X-Forwarded-For": "127.0.0.1"}

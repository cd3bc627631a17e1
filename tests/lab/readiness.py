"""Questions that a starting server answers when it is ready."""

from __future__ import annotations

import http.client


def http_body(port: int, path: str) -> bytes | None:
    """The body of a 2xx answer from 127.0.0.1; None while there is no such answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        body = response.read(100_000)
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    return body if response.status // 100 == 2 else None


def healthy(port: int, path: str = "/healthz") -> bool:
    """Whether an application (or a balancer, at a path of its own) answers 2xx."""
    return http_body(port, path) is not None

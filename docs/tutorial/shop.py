"""A shop on two nodes behind a round-robin balancer, as small as it can be: what the tutorial repairs.

    python shop.py            http://127.0.0.1:8000/ is the site, 8001 and 8002 are its nodes

Each node signs session cookies with SHOP_SECRET; without one it makes a secret up when it starts.
"""

# ruff: noqa: INP001 - a program of the documentation
from __future__ import annotations

import http.client
import itertools
import logging
import os
import secrets
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from flask import Flask, request, session
from werkzeug.serving import make_server

SITE = int(sys.argv[1]) if len(sys.argv) > 1 else 8000
NODES = {"app1": SITE + 1, "app2": SITE + 2}


def shop(name: str) -> Flask:
    """A node: a basket in the session."""
    app = Flask(name)
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app.secret_key = os.environ.get("SHOP_SECRET") or secrets.token_hex()

    @app.get("/")
    def basket() -> str:
        return f"<h1>Shop</h1><p>In the basket: {session.get('basket', 'nothing')}</p>"

    @app.post("/basket")
    def put() -> str:
        session["basket"] = request.form["item"]
        return "in the basket"

    @app.after_request
    def sign(response):  # noqa: ANN001, ANN202
        response.headers["X-Served-By"] = name
        return response

    return app


class Balancer(BaseHTTPRequestHandler):
    """Hands each request to the next node, and takes no notice of cookies."""

    protocol_version = "HTTP/1.1"
    turns = itertools.cycle(NODES.values())

    def pass_on(self) -> None:
        """Asks a node and answers with what it says."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        node = http.client.HTTPConnection("127.0.0.1", next(self.turns), timeout=10)
        kept = {name: value for name, value in self.headers.items() if name.lower() != "connection"}
        node.request(self.command, self.path, body, kept)
        answer = node.getresponse()
        content = answer.read()
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in {"connection", "content-length", "transfer-encoding"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    do_GET = do_POST = do_HEAD = pass_on  # noqa: N815 - as http.server wants them

    def log_message(self, *_words: object) -> None:
        """Says nothing."""


if __name__ == "__main__":
    for name, port in NODES.items():
        threading.Thread(target=make_server("127.0.0.1", port, shop(name), threaded=True).serve_forever).start()
    ThreadingHTTPServer(("127.0.0.1", SITE), Balancer).serve_forever()

"""Files made to hurt: each ends in bounded time, whatever reads it."""

from __future__ import annotations

import time

import pytest

from sessiondoctor.configs.files import text_of
from sessiondoctor.configs.reading import LARGEST, read_text
from tests.configs.build import fingerprint

FILES = {
    "large": b"kind: Service\napiVersion: v1\n" + b"a: b\n" * 2_000_000,
    "deep": b"server { listen 80;\n" + b"location / {" * 200_000,
    "binary": bytes(range(256)) * 1000,
    "quotes": b'backend x\n cookie a insert\n server a 1.1.1.1:80 check "' + b"\\" * 1_000_000,
    "flow": b"kind: Ingress\napiVersion: v1\nm: {" + b"nginx.ingress.kubernetes.io/affinity: cookie, " * 40_000,
    "template": b"kind: Ingress\napiVersion: v1\nx: " + b"{{ " * 300_000,
    "spaces": b"upstream a { server b:80; }\n" + b" " * 1_500_000,
    "continued": b"<VirtualHost *:80>\nProxyPass / http://a/\n" + b"ServerName a\\\n" * 100_000,
    "servers": b"backend x\n  balance roundrobin\n  server-template a 1-999999999 b:80 check\n",
    "words": b"a.b {\n reverse_proxy a b " + b"x " * 500_000 + b"\n}\n",
    "blocks": b'resource "aws_lb_target_group" "x" {\n' + b"stickiness {\n" * 100_000,
    "utf-16": "backend x\n  balance source\n  server a 1.1.1.1:80 check\n".encode("utf-16"),
    "broken": b"upstream a {\n ip_hash;\n server \xff\xfe\x80:80;\n}\n",
    "elements": b'<Engine name="a" defaultHost="b">' + b'<Valve className="a"/>' * 90_000,
    "values": b"spring.session.timeout=1\n" + b"a.b=${" * 300_000,
    "aliases": b"spring:\n  session: &a {b: {}}\n" + b"".join(b"x%d: &x%d [*a, *a]\n" % (n, n) for n in range(9000)),
    "comments": b"@EnableRedisHttpSession(" + b"/* " * 500_000,
    "maps": b"kind: ConfigMap\napiVersion: v1\ndata:\n"
    + b"  a.yaml: |\n    kind: ConfigMap\n    apiVersion: v1\n" * 3000,
}


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_ends(name: str) -> None:
    """In the time that its two mebibytes may take, with a note where it was cut."""
    began = time.process_time()
    text = text_of(FILES[name][: LARGEST + 1], name, name, fingerprint)
    facts, note = read_text(text) if text.format else ([], "")
    assert time.process_time() - began < 4
    assert "bug" not in note
    assert len(facts) <= 20_000


def test_utf_16_is_read() -> None:
    """As some editors write it."""
    text = text_of(FILES["utf-16"], "x", "x", fingerprint)
    assert text.format == "haproxy"


def test_broken_letters_hide_nothing_else() -> None:
    """What can be read is."""
    facts, _ = read_text(text_of(FILES["broken"], "x", "x", fingerprint))
    assert {type(fact).__name__ for fact in facts} >= {"Pool", "Affinity"}

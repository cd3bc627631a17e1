"""HTTP Digest authentication (RFC 7616), as servers ask for it that do not take a password in the clear."""

from __future__ import annotations

import hashlib
import re
import secrets
from urllib.parse import urlsplit

_PARAMETER = re.compile(r'([a-z]{1,30})=(?:"([^"]{0,1000})"|([^\s,"]{0,200}))', re.IGNORECASE)
_ALGORITHMS = {"MD5": "md5", "SHA-256": "sha256"}
_COUNT = "00000001"


def authorization(challenge: str, url: str, user: str, password: str) -> str:
    """The Authorization header of a GET that answers a challenge; empty if it is none, or not of a known kind."""
    scheme, _, rest = challenge.strip().partition(" ")
    told = {name.lower(): quoted or plain for name, quoted, plain in _PARAMETER.findall(rest[:4000])}
    algorithm = _ALGORITHMS.get(told.get("algorithm", "MD5").upper())
    if scheme.lower() != "digest" or algorithm is None or not told.get("nonce"):
        return ""
    parts = urlsplit(url)
    uri = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    protects = "auth" in re.split(r"[\s,]+", told.get("qop", ""))
    client = secrets.token_hex(8)
    between = f"{told['nonce']}:{_COUNT}:{client}:auth" if protects else told["nonce"]
    who = _hash(algorithm, f"{user}:{told.get('realm', '')}:{password}")
    answer = _hash(algorithm, f"{who}:{between}:{_hash(algorithm, f'GET:{uri}')}")
    sent = {"username": user, "realm": told.get("realm", ""), "nonce": told["nonce"], "uri": uri, "response": answer}
    sent |= {"opaque": told["opaque"]} if "opaque" in told else {}
    words = [f'{name}="{_escaped(value)}"' for name, value in sent.items()]
    words += [f"algorithm={told['algorithm']}"] if "algorithm" in told else []
    words += ["qop=auth", f"nc={_COUNT}", f'cnonce="{client}"'] if protects else []
    return "Digest " + ", ".join(words)


def _hash(algorithm: str, text: str) -> str:
    return hashlib.new(algorithm, text.encode(), usedforsecurity=False).hexdigest()


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')

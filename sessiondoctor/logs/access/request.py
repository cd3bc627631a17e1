"""One request as a line of an access log tells it."""

from __future__ import annotations

import re

# Sub-parts of nginx's $upstream_addr: `, ` between servers of one group, ` : ` between groups.
SEPARATOR = re.compile(rb", ?| : ")
# Signatures stand behind a dot, too, and are no node's name: of Express, Flask and JWT, by SHA-1 or SHA-256 in base64.
SIGNATURE_LENGTHS = (27, 43)
_SIGNATURE = rb"(?=[\w-]*[a-z])(?=[\w-]*[A-Z])(?:[\w-]{%d}|[\w-]{%d})$" % SIGNATURE_LENGTHS
ROUTE = re.compile(rb"\.(?!" + _SIGNATURE + rb")(?P<node>[A-Za-z][\w-]{0,60})$")
NOBODY = frozenset({b"-", b"", b"<NOSRV>"})


# What is told of a request, as it stands in the line; empty what is not. A plain tuple, for there are millions:
#   session   the session's id, with the route that it may name
#   node      the node, or all that were tried, in order
#   client    the address of whoever asked
#   time      when, in the log's own words
#   path      the first segment, with its slash
#   status    three digits
Request = tuple[bytes, bytes, bytes, bytes, bytes, bytes]


def answered_by(named: bytes) -> tuple[bytes, bool]:
    """Who answered, empty if nobody did; whether another node was tried."""
    tried = SEPARATOR.split(named)
    return b"" if tried[-1] in NOBODY else tried[-1], any(one != tried[-1] for one in tried)

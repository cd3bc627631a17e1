"""Do the nodes' response headers fit a proxy's buffer?"""

from sessiondoctor.api import Fine, Inconclusive, Problem, Replay, Severity, Verdicts, check

BUFFER = 4096  # bytes: nginx' proxy_buffer_size is one memory page, 4 KiB on most machines


@check(severity=Severity.HIGH)
def response_headers_large(replay: Replay) -> Verdicts:
    """A node's response headers are larger than a proxy's usual buffer.

    nginx answers 502 (`upstream sent too big header while reading response header from upstream`) and takes the node
    for failed. Mostly it is the session cookie that has grown.
    """
    visits = [visit for visit in replay.visits if visit.header_bytes]
    if not visits:
        raise Inconclusive("no node was asked directly and answered")
    for visit in visits:
        if visit.header_bytes > BUFFER:
            text = f"{visit.node} sends {visit.header_bytes} bytes of headers"
            yield Problem(text, subject=visit.node, where=(visit.node,))
        else:
            yield Fine(f"{visit.node} sends {visit.header_bytes} bytes of headers", subject=visit.node)

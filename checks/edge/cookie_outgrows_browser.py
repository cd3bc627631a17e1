"""Does a session cookie still fit into a browser when the session grows?"""

from sessiondoctor.api import Fine, Growth, Inconclusive, Problem, Severity, Verdicts, check

KIB = 1024


@check(severity=Severity.HIGH, role="loss", false_alarm=0.0005)
def cookie_outgrows_browser(growth: Growth) -> Verdicts:
    """As a session grows, its cookie becomes larger than browsers accept.

    The declared `grow` makes a session larger step by step. A browser drops a cookie whose name and value together
    exceed 4096 octets (RFC 6265bis, section 5.6), without a word: what was added is lost.
    """
    last = growth.size_steps[-1]
    if last.refused:
        told = f"at {last.size // KIB} KiB of session the cookie {last.refused} has {last.cookie_bytes} bytes"
        yield Problem(f"{told}, and browsers drop it")
    elif growth.failed:
        raise Inconclusive(f"something else ends at {last.size // KIB} KiB: {last.trouble or 'the session is lost'}")
    else:
        yield Fine(f"a session of {growth.lives_at // KIB} KiB needs no cookie that a browser refuses")

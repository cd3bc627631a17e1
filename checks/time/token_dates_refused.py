"""Does every node take the dates of a fresh token for right?"""

from sessiondoctor.api import Fine, Inconclusive, Problem, Replay, Severity, Token, Tokens, Unknown, Verdicts, check

LEAST_S = 2.0  # whole seconds are written on both sides


@check(severity=Severity.HIGH)
def token_dates_refused(tokens: Tokens, replay: Replay) -> Verdicts:
    """A node rejects valid tokens because of its own clock.

    How late it is at a node is told by the token that it issues itself. A node that accepts the token all the same
    grants a leeway.
    """
    pairs = [(token, reader) for token in tokens.tokens for reader in tokens.tokens if _comparable(token, reader)]
    if not pairs:
        raise Inconclusive("no two nodes issue dated tokens that the other can verify")
    wrong = [(token, reader, why) for token, reader in pairs if (why := _objection(token, reader))]
    refused = [
        (token.node, reader.node, why) for token, reader, why in wrong if _state(replay, token, reader) == "lost"
    ]
    unseen = [reader.node for token, reader, _ in wrong if _state(replay, token, reader) not in {"kept", "lost"}]
    if refused:
        issuer, reader_name, why = refused[0]
        text = f"{reader_name} refuses what {issuer} issues: by its clock a token of {issuer} {why}"
        yield Problem(text, where=_common([{one, other} for one, other, _ in refused]))
    elif unseen:
        yield Unknown(f"whether {unseen[0]} accepts a token that is not valid by its clock cannot be seen")
    elif wrong:
        yield Fine("tokens that are early or late by a node's clock are accepted, within a leeway")
    else:
        yield Fine(f"by the clocks of {len(tokens.tokens)} nodes the dates of their tokens are right")


def _comparable(token: Token, reader: Token) -> bool:
    return token.node != reader.node and reader.node in token.verified_by and reader.issued_s is not None


def _objection(token: Token, reader: Token) -> str:
    """What is wrong with a token by the clock of another node; empty if nothing is."""
    clock = reader.issued_s or 0.0
    early = max((at for at in (token.not_before_s, token.issued_s) if at is not None), default=clock) - clock
    late = clock - token.expires_s if token.expires_s is not None else 0.0
    if early > LEAST_S:
        return f"is valid only in {early:.0f} s"
    return f"expired {late:.0f} s ago" if late > LEAST_S else ""


def _state(replay: Replay, token: Token, reader: Token) -> str:
    cell = replay.cell(token.node, reader.node)
    return cell.state if cell else "unknown"


def _common(pairs: list[set[str]]) -> tuple[str, ...]:
    """The node that has a part in every refusal, where it is one."""
    shared = set.intersection(*pairs)
    return tuple(shared) if len(shared) == 1 else ()

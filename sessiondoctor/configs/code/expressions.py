"""What an expression of source code gives, as far as it can be told without running it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from sessiondoctor.evidence.configs.application import Secret

if TYPE_CHECKING:
    from sessiondoctor.configs.source import Text
    from sessiondoctor.evidence.configs.application import SecretOrigin, SecretUse
    from sessiondoctor.evidence.location import Location

Kind = Literal["literal", "environment", "random", "file", "none", "unknown"]
_ORIGINS: dict[Kind, SecretOrigin] = {
    "literal": "literal", "environment": "environment", "random": "made-at-start", "file": "file",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Value:
    """A value.

    Attributes:
        kind: where it comes from; `none` for None, null and undefined.
        text: a literal's text; of several (a list of keys) the first.
        variable: name of the environment variable.
        fallback: what is used where that is not set.
    """

    kind: Kind = "unknown"
    text: str = ""
    variable: str = ""
    fallback: Value | None = None

    def otherwise(self, fallback: Value) -> Value:
        """This, and the other where this is not set."""
        if self.kind in {"unknown", "none", "random"}:
            return fallback if self.kind == "none" else self
        return replace(self, fallback=fallback) if fallback.kind not in {"unknown", "none"} else self

    @property
    def known(self) -> str:
        """The text, if it is a literal."""
        return self.text if self.kind == "literal" else ""


def secret(value: Value, use: SecretUse, name: str, stack: str, text: Text, at: Location) -> Secret | None:
    """The secret that a setting gives; None where nothing can be told."""
    origin = _ORIGINS.get(value.kind)
    if origin is None:
        return None
    if origin == "literal" and not value.text.strip():
        origin = "absent"
    literal = value.fallback if value.kind == "environment" and value.fallback else value
    print_ = text.fingerprint(literal.text) if literal.kind == "literal" and literal.text.strip() else ""
    fallback = _fallback(value.fallback) if value.fallback else ""
    return Secret(
        at=at, use=use, origin=origin, variable=value.variable or name, print=print_, fallback=fallback, stack=stack
    )


def _fallback(value: Value) -> SecretOrigin | Literal[""]:
    empty = value.kind == "literal" and not value.text.strip()
    return "absent" if empty else _ORIGINS.get(value.kind, "")

"""The front matter of a cause's page: YAML between two lines of `---`, every word of it checked.

title: The load balancer has no affinity          # a short statement of the fault
severity: high                                    # critical | high | medium | low
prior: common                                     # textbook | common | uncommon (default) | rare
role: fault                                       # fault (default) | trigger | advice
modes: [sticky, unknown]                          # optional: only then a hypothesis; stored: a store is declared
stacks: [jvm]                                     # optional: only on these, or if the stack is unknown; jvm: all Java
stores: [redis]                                   # optional: only if such a store is declared, or no store at all
contradicts: [sticky]                             # optional: a declared mode that says the contrary makes it rarer
requires: [https, session-cookie]                 # optional: what must be there; see diagnosis/preconditions/
symptoms: [state-lost]                            # optional: declared symptoms that speak for it
findings: {client-moves: always}                  # check or fact: how likely it fails, or is there, with this cause
or_findings: {client-lost: always}                # optional: another way to show itself, in place of `findings`
explains: [affinity-skew]                         # optional: causes folded under this one
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, get_args

from sessiondoctor.errors import CatalogueError
from sessiondoctor.model import Severity
from sessiondoctor.topology.model import JVM, Stack, StoreKind, Symptom

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

CauseRole = Literal["fault", "trigger", "advice"]

LIKELIHOOD = {"always": 0.98, "often": 0.8, "sometimes": 0.4, "rarely": 0.1, "never": 0.01}
PRIOR = {"textbook": 0.2, "common": 0.05, "uncommon": 0.015, "rare": 0.004}
_MODES = ("sticky", "replicated", "external", "client-side", "unknown", "stored")
_KEYS = (
    "title", "severity", "prior", "role", "modes", "stacks", "stores", "contradicts", "requires", "symptoms",
    "findings", "or_findings", "explains",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What a page's front matter says; words of frequency as probabilities."""

    title: str
    severity: Severity
    prior: float
    role: CauseRole
    modes: tuple[str, ...]
    stacks: frozenset[str]
    stores: frozenset[str]
    contradicts: tuple[str, ...]
    requires: tuple[str, ...]
    symptoms: tuple[str, ...]
    findings: dict[str, float]
    or_findings: dict[str, float]
    explains: tuple[str, ...]


def read_page(path: Path) -> tuple[FrontMatter, str]:
    """Reads a page; returns its front matter and its text.

    Raises:
        CatalogueError: the front matter is missing or has a word that is not known; names file and key.
    """
    try:
        front, page = split(path.read_text(encoding="utf-8"))
        return _front_matter(front), page
    except ValueError as error:
        raise CatalogueError(f"{path}: front matter: {error}") from error


def _front_matter(front: dict[str, Any]) -> FrontMatter:
    for key in front:
        if key not in _KEYS:
            raise ValueError(f"there is no key {key!r}{_near(key, _KEYS)}")
    role: CauseRole = _word(front, "role", get_args(CauseRole), "fault")
    return FrontMatter(
        title=_title(front),
        severity=Severity(_word(front, "severity", [severity.value for severity in Severity])),
        prior=PRIOR[_word(front, "prior", PRIOR, "uncommon")],
        role=role,
        modes=_words(front, "modes", _MODES),
        stacks=_stacks(_words(front, "stacks", ("jvm", *get_args(Stack)))),
        stores=frozenset(_words(front, "stores", get_args(StoreKind))),
        contradicts=_words(front, "contradicts", _MODES),
        requires=_list(front, "requires"),
        symptoms=_words(front, "symptoms", get_args(Symptom)),
        findings=_findings(front, "findings"),
        or_findings=_findings(front, "or_findings"),
        explains=_list(front, "explains"),
    )


def check_requires(words: Iterable[str]) -> None:
    """Each is a precondition; they are loaded with all the evidence that they look at, so not for one page.

    Raises:
        ValueError: one is none; with did-you-mean.
    """
    from sessiondoctor.diagnosis.preconditions import PRECONDITIONS

    for word in words:
        known_word("requires", word, PRECONDITIONS)


def _stacks(words: tuple[str, ...]) -> frozenset[str]:
    return frozenset(stack for word in words for stack in (JVM if word in {"jvm", *JVM} else {word}))


def split(text: str) -> tuple[dict[str, Any], str]:
    """The front matter of a page, and its text.

    Raises:
        ValueError: there is none, or it is no YAML of keys and values.
    """
    import yaml  # 20 ms that listing and running checks do not need

    before, *rest = text.split("---\n", 2)
    if before or len(rest) != 2:  # the front matter and the page
        raise ValueError("expected YAML between two lines of ---")
    front, page = rest
    try:
        found = yaml.load(front, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # nosec B506  # noqa: S506 - safe loaders
    except yaml.YAMLError as error:
        raise ValueError(f"no YAML: {' '.join(str(error).split())}") from error
    if not isinstance(found, dict):
        raise ValueError("expected YAML of the form key: value")  # noqa: TRY004 - a mistake in a file
    return found, page.strip()


def _title(front: dict[str, Any]) -> str:
    title = _required(front, "title")
    if not isinstance(title, str) or not title:
        raise ValueError("title: expected a text")
    return title


def _required(front: dict[str, Any], key: str) -> Any:
    if key not in front:
        raise ValueError(f"{key} is missing")
    return front[key]


def _word(front: dict[str, Any], key: str, known: Iterable[str], default: str = "") -> Any:
    return known_word(key, front.get(key, default) if default else _required(front, key), known)


def _words(front: dict[str, Any], key: str, known: Iterable[str]) -> tuple[str, ...]:
    return tuple(known_word(key, word, known) for word in _list(front, key))


def _list(front: dict[str, Any], key: str) -> tuple[str, ...]:
    words = front.get(key, [])
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise ValueError(f"{key}: expected a list of words, such as [first, second]")
    return tuple(words)


def _findings(front: dict[str, Any], key: str) -> dict[str, float]:
    found = front.get(key, {})
    if not isinstance(found, dict):
        raise ValueError(f"{key}: expected check: likelihood")  # noqa: TRY004 - a mistake in a file
    return {str(check): LIKELIHOOD[known_word(f"{key}: {check}", word, LIKELIHOOD)] for check, word in found.items()}


def known_word(key: str, word: Any, known: Iterable[str]) -> Any:
    """The word, if it is one of these.

    Raises:
        ValueError: it is none; with did-you-mean.
    """
    for each in known:
        if each == word:
            return str(each)
    raise ValueError(f"{key}: expected one of {', '.join(known)}, not {word!r}{_near(word, known)}")


def _near(word: Any, known: Iterable[str]) -> str:
    from sessiondoctor.topology.hints import did_you_mean

    return did_you_mean(str(word), list(known))

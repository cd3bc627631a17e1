"""The signatures of a product's log: `checks/signatures/<product>.yaml`. Data, one file a product.

product: Redis                            # whose log line it is, as a reader knows it
stack: express                            # optional: the site's stack that such a line proves
signatures:
  redis-oom-refused:                      # kebab-case id, unlike any check's
    title: Redis refused a write because it is out of memory
    match: [OOM command not allowed]      # any of these patterns (`sessiondoctor.logs.pattern`)
    near: [session]                       # optional: one of these words, in any case, in the same event
    unlike: [Task not serializable]       # optional: none of these texts in the same event
    until: [view of (2)]                  # optional: a later line that one of these patterns finds takes it back
    times: 2                              # optional: counts from so many lines on
    role: loss                            # loss: such a line is a session lost; sign: it only tells causes apart
    severity: critical                    # high unless said
    alarm: 0.001                          # optional: how often such a line stands in a log although no cause is there
    causes: {redis-oom: always}           # how likely the line is where this cause is
    seen: ["OOM command not allowed when used memory > 'maxmemory'."]         # lines that it must find
    unseen: ["OOM killer disabled"]       # optional: lines that it must not find
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from sessiondoctor.catalogue.front_matter import LIKELIHOOD
from sessiondoctor.errors import CatalogueError
from sessiondoctor.logs.pattern import Pattern
from sessiondoctor.model import Severity
from sessiondoctor.topology.model import Stack

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Role = Literal["loss", "sign", "hygiene"]

_ALARM = {"loss": 0.0005, "sign": 0.01, "hygiene": 0.05}
_KEYS = (
    "title", "match", "near", "unlike", "until", "times", "role", "severity", "alarm", "causes", "seen", "unseen",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Signature:
    """One kind of log line and what it proves; the file's keys are told in the module's docstring.

    Attributes:
        causes: cause id -> the probability that the line is in the log where this cause is present.
        near: lower-case.
    """

    id: str
    product: str
    stack: str
    title: str
    match: tuple[Pattern, ...]
    role: Role
    severity: Severity
    alarm: float
    causes: dict[str, float]
    near: tuple[str, ...] = ()
    unlike: tuple[str, ...] = ()
    until: tuple[Pattern, ...] = ()
    times: int = 1
    seen: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()
    path: Path = Path()


def read_signatures(path: Path) -> tuple[Signature, ...]:
    """Reads one file.

    Raises:
        CatalogueError: it is no YAML, or has a word that is not known; names file and key.
    """
    import yaml

    try:
        document = yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # nosec B506  # noqa: S506 - safe loaders
        return tuple(replace(signature, path=path) for signature in _file(document))
    except yaml.YAMLError as error:
        raise CatalogueError(f"{path}: no YAML: {' '.join(str(error).split())}") from error
    except ValueError as error:
        raise CatalogueError(f"{path}: {error}") from error


def _file(document: Any) -> Iterable[Signature]:
    if not isinstance(document, dict) or not isinstance(document.get("signatures"), dict):
        raise ValueError("expected the keys product and signatures")  # noqa: TRY004 - a mistake in a file
    _known_keys("", document, ("product", "stack", "signatures"))
    stack = document.get("stack", "")
    if stack and stack not in get_args(Stack):
        raise ValueError(f"stack: expected one of {', '.join(get_args(Stack))}")
    product = _text("product", document)
    for id_, entry in document["signatures"].items():
        yield _signature(str(id_), entry, product, stack)


def _signature(id_: str, entry: Any, product: str, stack: str) -> Signature:
    if not isinstance(entry, dict):
        raise ValueError(f"{id_}: expected keys such as title and match")  # noqa: TRY004 - a mistake in a file
    _known_keys(f"{id_}: ", entry, _KEYS)
    role = _one_of(id_, "role", entry, get_args(Role))
    return Signature(
        id=id_,
        product=product,
        stack=stack,
        title=_text(f"{id_}: title", entry, "title"),
        match=tuple(Pattern.of(text) for text in _texts(id_, "match", entry)),
        role=role,
        severity=Severity(_one_of(id_, "severity", {"severity": "high"} | entry, [s.value for s in Severity])),
        alarm=float(entry.get("alarm", _ALARM[role])),
        causes=_causes(id_, entry),
        near=tuple(word.lower() for word in _texts(id_, "near", entry, optional=True)),
        unlike=_texts(id_, "unlike", entry, optional=True),
        until=tuple(Pattern.of(text) for text in _texts(id_, "until", entry, optional=True)),
        times=int(entry.get("times", 1)),
        seen=_texts(id_, "seen", entry),
        unseen=_texts(id_, "unseen", entry, optional=True),
    )


def _known_keys(place: str, entry: dict[str, Any], known: Iterable[str]) -> None:
    from sessiondoctor.topology.hints import did_you_mean

    for key in entry:
        if key not in known:
            raise ValueError(f"{place}there is no key {key!r}{did_you_mean(str(key), list(known))}")


def _text(place: str, entry: dict[str, Any], key: str = "product") -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{place}: expected a text")
    return value


def _texts(id_: str, key: str, entry: dict[str, Any], *, optional: bool = False) -> tuple[str, ...]:
    value = entry.get(key, [])
    if not isinstance(value, list) or not all(isinstance(text, str) and text for text in value):
        raise ValueError(f"{id_}: {key}: expected a list of texts")
    if not value and not optional:
        raise ValueError(f"{id_}: {key} is missing")
    return tuple(value)


def _one_of(id_: str, key: str, entry: dict[str, Any], known: Sequence[str]) -> Any:
    value = entry.get(key)
    if value not in known:
        raise ValueError(f"{id_}: {key}: expected one of {', '.join(known)}, not {value!r}")
    return value


def _causes(id_: str, entry: dict[str, Any]) -> dict[str, float]:
    causes = entry.get("causes")
    if not isinstance(causes, dict) or not causes:
        raise ValueError(f"{id_}: causes: expected cause: likelihood")
    for word in causes.values():
        if word not in LIKELIHOOD:
            raise ValueError(f"{id_}: causes: expected one of {', '.join(LIKELIHOOD)}, not {word!r}")
    return {str(cause): LIKELIHOOD[word] for cause, word in causes.items()}

"""What a product says where state is lost, as a signature of its log: the `errors` of its page.

Users see many of these texts when a session has ended as it should, too: such a line tells causes apart where sessions
are known to be lost, and is no loss by itself. A text that a signature of `checks/signatures` finds already stays with
that one, which knows more of it; short texts, which anything may say, and those of several products are left to whoever
reads the page.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from sessiondoctor.catalogue.front_matter import LIKELIHOOD
from sessiondoctor.catalogue.signatures import Signature
from sessiondoctor.logs.pattern import Pattern
from sessiondoctor.model import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sessiondoctor.products.page import Product

SHORTEST: Final = 27
"""Characters of a text that tells whose it is."""

_FEWEST_WORDS: Final = 4
_ALARM: Final = 0.02
_OWN_PLACES: Final = frozenset({"memory", "files"})
_UNSHARED: Final = ("lb-no-affinity", "node-local-store")
_KEYS: Final = frozenset({"signing-secret-mismatch", "secret-regenerated-at-boot", "jwt-key-mismatch", *_UNSHARED})


def lines_of(products: Iterable[Product], known: Iterable[Signature]) -> Iterator[Signature]:
    """The signatures of products' own words, as far as no other is known to find them and they name a cause."""
    products = tuple(products)
    patterns = tuple(pattern for signature in known for pattern in signature.match)
    said = Counter(text for product in products for text in set(product.errors))
    for product in products:
        own = (text for text in product.errors if _tells(text) and said[text] == 1)
        line = _line(product, tuple(text for text in own if not _is_known(text, patterns)))
        if line:
            yield line


def _line(product: Product, texts: tuple[str, ...]) -> Signature | None:
    causes = _causes(product)
    if not texts or not causes:
        return None
    return Signature(
        id=f"{product.id}-asks-for-its-session",
        product=product.title,
        stack=product.stack,
        title=f"Session state is missing in {product.title}",
        match=tuple(map(_literal, texts)),
        role="sign",
        severity=Severity.HIGH,
        alarm=_ALARM,
        causes=causes,
        seen=texts,
        path=product.path,
    )


def _tells(text: str) -> bool:
    return len(text) >= SHORTEST and len(text.split()) >= _FEWEST_WORDS and "{" not in text


def _is_known(text: str, patterns: Iterable[Pattern]) -> bool:
    return any(one.anchor in text and one.fields(text) is not None for one in patterns)


def _literal(text: str) -> Pattern:
    return Pattern.of(text.replace("%{", "% {"))


def _causes(product: Product) -> dict[str, float]:
    """Those that its settings end, and sessions of each node's own where it keeps them so."""
    told = [cause for setting in product.equal for cause in setting.causes]
    own = _UNSHARED if product.state.place in _OWN_PLACES else ()
    return {cause: LIKELIHOOD["sometimes" if cause in _KEYS else "rarely"] for cause in (*told, *own)}

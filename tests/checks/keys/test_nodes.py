"""Checks of what differs between nodes: family keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from sessiondoctor.evidence.keys.key_sets import KeySets, PublishedKeys
from sessiondoctor.evidence.keys.secret_prints import SecretPrints
from tests.checks.build import NODES, cookie, located, place, replay, visits
from tests.checks.cases import FAIL, NOT, PASS, UNSURE, Case, case, verify
from tests.checks.evidence.nodes import (
    CLIENT,
    KEYED,
    NOWHERE,
    OUTLIER,
    SIGNED,
)

if TYPE_CHECKING:
    from tests.checks.conftest import Judge

KEYS = (PublishedKeys("app1", ("k1",)), PublishedKeys("app2", ("k1",)))
OTHERS = (*KEYS, PublishedKeys("app3", ("k2",)))
AT_ENTRY = (PublishedKeys("", ("k1",)), PublishedKeys("", ("k1", "k2")))
CASES = [
    case("key-sets-differ", FAIL, KeySets(OTHERS), says="app1, app2, app3: each lacks"),
    case("key-sets-differ", FAIL, KeySets(AT_ENTRY), says="of 2 answers some lack"),
    case("key-sets-differ", PASS, KeySets(KEYS)),
    case("key-sets-differ", UNSURE, KeySets(KEYS[:1])),
    case("signature-rejected", FAIL, replay(OUTLIER, cookies=SIGNED), located(), says="rejects a cookie"),
    case("signature-rejected", PASS, replay(cookies=SIGNED), located()),
    case("signature-rejected", PASS, replay(OUTLIER, cookies=SIGNED | {"app2": cookie(name="s2", signed=True)}), located()),
    case("signature-rejected", PASS, replay(OUTLIER, cookies=SIGNED), located(app2=[place(prefix="x:")])),
    case("signature-rejected", NOT, replay(OUTLIER), located()),
    case("signature-rejected", UNSURE, replay(OUTLIER, cookies=SIGNED), located(**NOWHERE)),
    case("client-side-session-rejected", FAIL, replay(OUTLIER, cookies=CLIENT)),
    case("client-side-session-rejected", PASS, replay(cookies=CLIENT)),
    case("client-side-session-rejected", NOT, replay(OUTLIER)),
    case("secrets-differ", FAIL, SecretPrints({"app1": "key:1", "app2": "key:2", "app3": "key:1"}), says="app2"),
    case("secrets-differ", PASS, SecretPrints({"app1": "key:1", "app2": "key:1"})),
    case("data-protection-keys-differ", FAIL, replay(cookies=KEYED | {"app2": cookie(key_id="k2")}), says="app2"),
    case("data-protection-keys-differ", PASS, replay(cookies=KEYED)),
    case("data-protection-keys-differ", NOT, replay()),
    case("data-protection-keys-differ", FAIL, replay(visit={n: {"page_keys": (f"k{n}",)} for n in NODES}), says="use"),
    case("data-protection-keys-differ", PASS, replay(visit={n: {"page_keys": ("k",)} for n in NODES})),
    case("pages-sealed-by-several-keys", FAIL, visits(page_keys=("k1", "k2")), says="2 different"),
    case("pages-sealed-by-several-keys", PASS, visits(page_keys=("k1",))),
    case("pages-sealed-by-several-keys", NOT, visits()),
]  # fmt: skip


@pytest.mark.parametrize("one", CASES)
def test_nodes(one: Case, judge: Judge) -> None:
    """Each check fails on its fault, passes on the look-alike, and knows when it cannot tell."""
    verify(one, judge)

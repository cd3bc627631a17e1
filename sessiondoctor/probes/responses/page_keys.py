"""Which Data Protection keys sealed what a site answers: fields of forms, Blazor's markers, cookies."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sessiondoctor.formats.session_cookie import data_protection_key_id

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sessiondoctor.probes.browser.results import Answer

_MOST_TEXT = 256 * 1024
_MOST = 20
# The magic number 09 F0 C9 F0 of a protected payload, then the id of the key, in base64url: KeyRingBasedDataProtector.
_SEALED = re.compile(r"CfDJ8[A-Za-z0-9_-]{27}")


def page_keys(answers: Iterable[Answer]) -> tuple[str, ...]:
    """The ids of the keys in order of first sight: identifiers, not keys."""
    found: dict[str, None] = {}
    for answer in answers:
        texts = [answer.response.text[:_MOST_TEXT], *(setting.cookie.value for setting in answer.settings)]
        for text in texts:
            for sealed in _SEALED.findall(text)[:_MOST]:
                if key_id := data_protection_key_id(sealed):
                    found[key_id] = None
    return tuple(found)[:_MOST]

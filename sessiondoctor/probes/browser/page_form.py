"""The forms of a page: what a browser would send with them, and where to (HTML Standard, 4.10.21)."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from sessiondoctor.probes.browser.html import attribute, tree_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from selectolax.lexbor import LexborNode

    from sessiondoctor.wire.message import Response

_MOST_FORMS = 50
_MOST_FIELDS = 500
_HAS_FORM = re.compile(r"(?i)<form[\s>]")
_CONTROLS = ("input", "select", "textarea", "button")
_NEVER_SENT = {"button", "image", "reset", "file"}
_TICKED = {"checkbox", "radio"}


@dataclass(frozen=True, slots=True)
class PageForm:
    """A form as its page shows it.

    Attributes:
        action: absolute URL that it is sent to.
        method: GET or POST.
        fields: names and values as they are sent if nobody touches them, the first submit button's included.
        names: of all fields that can be sent, in order.
        shown: of these the ones that people fill in; `passwords`: of these the ones that hide what is typed.
    """

    action: str = field(repr=False)
    method: str
    fields: tuple[tuple[str, str], ...] = field(repr=False)
    names: tuple[str, ...] = ()
    shown: tuple[str, ...] = ()
    passwords: tuple[str, ...] = ()

    def filled(self, values: dict[str, str]) -> tuple[tuple[str, str], ...]:
        """What is sent with these values on top."""
        return (*(pair for pair in self.fields if pair[0] not in values), *values.items())


def forms_of(response: Response) -> tuple[PageForm, ...]:
    """All forms of a page, in order; none of what is no HTML."""
    tree = tree_of(response.text) if _HAS_FORM.search(response.text) else None
    if tree is None:
        return ()
    base = tree.css_first("base[href]")
    url = urljoin(response.url, (attribute(base, "href") or "") if base else "")
    outside = [control for control in tree.css("[form]") if control.tag in _CONTROLS][:_MOST_FIELDS]
    return tuple(_form(form, url, outside) for form in tree.css("form")[:_MOST_FORMS])


def form_for(forms: Collection[PageForm], names: Collection[str]) -> PageForm | None:
    """The form that these fields belong to: that with most of them, else one that is posted, else the first."""
    ranked = sorted(forms, key=lambda form: (-len(set(names) & set(form.names)), form.method != "POST"))
    return ranked[0] if ranked else None


def _form(form: LexborNode, url: str, outside: list[LexborNode]) -> PageForm:
    own = attribute(form, "id")
    controls = [one for one in form.css(", ".join(_CONTROLS)) if attribute(one, "form") in {None, own}]
    controls += [one for one in outside if own and attribute(one, "form") == own]
    once = {control.mem_id: control for control in controls[:_MOST_FIELDS]}
    sendable = [control for control in once.values() if _can_be_sent(control)]
    return PageForm(
        action=urljoin(url, (attribute(form, "action") or "").strip()),
        method="POST" if (attribute(form, "method") or "").strip().upper() == "POST" else "GET",
        fields=tuple(_sent(sendable)),
        names=_names(sendable),
        shown=_names(control for control in sendable if _kind(control) not in {"hidden", "submit"}),
        passwords=_names(control for control in sendable if _kind(control) == "password"),
    )


def _names(controls: Iterable[LexborNode]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(attribute(control, "name") or "" for control in controls))


def _can_be_sent(control: LexborNode) -> bool:
    disabled = attribute(control, "disabled") is not None
    return bool(attribute(control, "name")) and not disabled and _kind(control) not in _NEVER_SENT


def _kind(control: LexborNode) -> str:
    default = "submit" if control.tag == "button" else "text"
    return (attribute(control, "type") or default).lower() if control.tag in {"input", "button"} else ""


def _sent(controls: list[LexborNode]) -> Iterator[tuple[str, str]]:
    pressed = False
    for control in controls:
        kind, name = _kind(control), attribute(control, "name") or ""
        if (kind == "submit" and pressed) or (kind in _TICKED and attribute(control, "checked") is None):
            continue
        pressed = pressed or kind == "submit"
        yield name, _value(control, kind)


def _value(control: LexborNode, kind: str) -> str:
    if control.tag == "textarea":
        return control.text().removeprefix("\n")
    if control.tag == "select":
        return _chosen(control)
    given = attribute(control, "value")
    return ("on" if kind in _TICKED else "") if given is None else given


def _chosen(control: LexborNode) -> str:
    options = control.css("option")
    chosen = next(
        (option for option in options if attribute(option, "selected") is not None), next(iter(options), None)
    )
    if chosen is None:
        return ""
    given = attribute(chosen, "value")
    return chosen.text().strip() if given is None else given
